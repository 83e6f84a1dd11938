from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup

from pupitre.formats import typeset
from pupitre.show import show_baremes, show_overrides, show_sources
from pupitre.show.html import NOTHING, Html
from pupitre.study import Study

StudyOf = Callable[..., Study]


def rows(piece: Html) -> list[list[str]]:
    """The texts of a table, row by row."""
    found: Any = BeautifulSoup(piece.markup, "html.parser").tbody
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in found.find_all("tr")]


def test_the_annex_has_one_line_for_each_figure_read(study_of: StudyOf) -> None:
    """Computed from what was read: value, date, source, reliability, day of checking; no cell is empty."""
    study = study_of("09194")
    found = rows(show_baremes(study))

    assert len(found) == len(study.law.read) > 30
    assert all(all(cell.strip() for cell in row) for row in found)
    assert all(re.search(r"relue le (1er|\d+)\u00a0\w+\u00a020\d\d", row[-1]) for row in found)


def test_a_figure_that_is_not_official_is_to_be_checked(study_of: StudyOf) -> None:
    """By its confidence, one line after the other."""
    study = study_of("09194")
    assert study.figures  # what naming the figures reads is read too

    for figure, row in zip(study.law.read, rows(show_baremes(study)), strict=True):
        assert row[0].startswith(typeset(figure.label))
        assert ("officiel" in row[-1]) is (figure.confidence == "official")
        assert ("à vérifier" in row[-1]) is (figure.confidence != "official")


def test_a_price_shows_its_range_its_year_and_its_vat(study_of: StudyOf) -> None:
    """And says when its VAT is not known, or when it is an assumption."""
    found = {row[0]: row for row in rows(show_baremes(study_of("09194")))}
    display = next(row for label, row in found.items() if label.startswith("Affichage collectif installé"))

    assert display[1].replace("\u202f", "").startswith("3253 (de 2122 à 4173)")
    assert "euros" in display[1] + display[2]
    assert "2019" in display
    assert "prix observé, TVA non précisée, lu comme HT" in display[0]
    assert any("(hypothèse, HT)" in label for label in found)


def test_what_the_consultant_changed_is_listed(study_of: StudyOf) -> None:
    """A quote replaces a price; nothing changed, no table."""
    assert show_overrides(study_of("09194")) == NOTHING
    found = rows(show_overrides(study_of("09194", prix_affichage=1999.5, fctva_delay_years=1, maternelles=False)))

    assert {cells[1] for cells in found} >= {"1\u202f999,5", "1"}
    assert len(found) == 3
    assert not {"True", "False"} & {cells[1] for cells in found}


def test_every_source_that_served_is_named(study_of: StudyOf) -> None:
    """Title, publisher, vintage, licence and day of reading, one line for each."""
    study = study_of("09194")
    found = rows(show_sources(study))

    assert len(found) == len(study.dossier.sources)
    assert all(all(cell.strip() for cell in row) for row in found)
    assert any("Filosofi" in row[0] and row[1] == "INSEE" and row[2] == "2021" for row in found)
