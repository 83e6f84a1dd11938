from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from pupitre.show import diagnostic, show_fibre, show_ips, show_niveau_vie, show_schools, show_socle
from pupitre.show.html import NOTHING, Html
from pupitre.study import Study

StudyOf = Callable[..., Study]


def parsed(piece: Html) -> Any:
    """Markup as a browser reads it."""
    return BeautifulSoup(piece.markup, "html.parser")


def cells(row: Any) -> list[str]:
    """The texts of a row."""
    return [cell.get_text() for cell in row.find_all(["th", "td"])]


def test_public_and_private_schools_stand_in_two_tables(study_of: StudyOf) -> None:
    """Each school by name and UAI, with its level, classes, pupils and IPS with its year; the sum last."""
    public, private = parsed(show_schools(study_of("09194"))).find_all("table")
    rows = [cells(row) for row in public.tbody.find_all("tr")]

    assert public.caption.get_text() == "Écoles publiques, rentrée 2024"
    assert private.caption.get_text().startswith("Écoles privées sous contrat")
    assert private.caption.get_text().endswith("rentrée 2024")
    assert rows[0][0] == "École élémentaire publique Jean Jaures (0090312R)"
    assert rows[0][1] == "élémentaire"
    assert rows[0][-1].endswith("(2024-2025)")
    assert rows[1][-1] == "sans objet"
    assert rows[-1] == ["Ensemble", "", "10", "191", "", "", "", ""]
    assert len(private.thead.find_all("th")) == 5


def test_a_chart_needs_two_schools_and_a_known_split(study_of: StudyOf) -> None:
    """Orlu has one school, whose split is not known: a table says it all."""
    assert parsed(show_schools(study_of("09220"))).find("img") is None
    assert len(parsed(show_schools(study_of("09194"))).find_all("img")) == 1


def test_a_chart_of_many_schools_shows_the_largest_and_says_so(
    study_of: StudyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the table under it shows them all."""
    monkeypatch.setattr(diagnostic, "CHART_ROWS", 5)
    page = parsed(show_schools(study_of("13028")))

    assert "5 plus grandes" in page.figcaption.get_text().replace("\u00a0", " ")
    assert len(page.table.tbody.find_all("tr")) == 22 + 1


def test_pupils_are_told_by_level_and_a_secret_count_as_secret(study_of: StudyOf) -> None:
    """What the levels leave of the pupils is what the publisher hides: fewer than five."""
    schools = study_of("13028").diagnostic.of_sector("public")
    rows = [cells(row) for row in parsed(show_schools(study_of("13028"))).table.tbody.find_all("tr")][:-1]
    told = {row[0][-9:-1]: row[3:7] for row in rows}

    assert any(row[-1] == "secret (moins de 5)" for row in told.values())
    for uai, (pupils, young, old, ulis) in told.items():
        missing = int(pupils) - int(young) - int(old) - (int(ulis) if ulis.isdigit() else 0)
        assert (missing > 0) == (ulis == "secret (moins de 5)"), uai
        assert missing < 5
    assert len(told) == len(schools)


def test_an_unknown_ips_is_told_from_one_without_meaning(study_of: StudyOf) -> None:
    """« non significatif » is what the publisher says of a very small school; a maternelle has none."""
    rows = [cells(row) for row in parsed(show_schools(study_of("09220"))).tbody.find_all("tr")]

    assert rows[0][4] == "non significatif"


def test_ips_are_compared_at_one_and_the_same_rentree(study_of: StudyOf) -> None:
    """The schools' IPS and the landmarks of the département are those of the reference's year."""
    study = study_of("13028")
    page = parsed(show_ips(study))
    rows = [cells(row) for row in page.table.tbody.find_all("tr")]

    assert "2022-2023" in page.caption.get_text()
    assert rows[0] == ["École primaire publique Saint Jean", "125,6"]
    assert [row[1] for row in rows[-3:]] == ["88,6", "105,3", "119,3"]
    assert page.img["alt"].startswith("5 des 11 écoles publiques")


@pytest.mark.parametrize("show", [show_schools, show_ips, show_niveau_vie, show_fibre, show_socle])
def test_nothing_known_shows_nothing(show: Callable[[Study], Html], study_of: StudyOf) -> None:
    """32258: no file speaks of its schools, its income or its fibre."""
    assert show(study_of("32258")) == NOTHING


def test_income_stands_among_the_deciles_of_the_departement(study_of: StudyOf) -> None:
    """The commune first, then nine deciles in order."""
    page = parsed(show_niveau_vie(study_of("09194")))
    amounts = [float(tag["value"]) for tag in page.tbody.find_all("data")]

    assert amounts[0] == 20190
    assert len(amounts) == 10
    assert amounts[1:] == sorted(amounts[1:])
    assert "4e\u00a0dixième".replace("\u00a0", " ") in page.figcaption.get_text()


def test_fibre_is_told_of_the_commune_not_of_its_schools(study_of: StudyOf) -> None:
    """With the warning that goes with it, and a quarter as the French write it."""
    words = parsed(show_fibre(study_of("09194"))).get_text()

    assert "Il ne dit pas si chaque école est raccordée" in words
    assert "2026-T2" not in words


def test_needs_add_up(study_of: StudyOf) -> None:
    """Each column of the table, school by school, comes to its last line."""
    for code in ("09194", "13028", "09220"):
        *rows, total = parsed(show_socle(study_of(code))).tbody.find_all("tr")
        columns = zip(*([int(tag["value"]) for tag in row.find_all("data")] for row in rows), strict=True)

        assert [sum(column) for column in columns] == [int(tag["value"]) for tag in total.find_all("data")]
