from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.dossier import Dossier
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.profile import DECILES, Diagnostic, decile_rank, diagnose
from pupitre.diagnostic.socle import in_scope
from pupitre.law import baremes
from pupitre.study import Study

StudyOf = Callable[..., Study]
PLACES = pd.Series({f"d{rank}": 20_000 + 100 * rank for rank in range(1, 10)})


def diagnosed(dossier: Dossier, **assumptions: object) -> Diagnostic:
    """The diagnostic of a dossier on its own date."""
    return diagnose(dossier, baremes.on(dossier.on), Assumptions.model_validate(assumptions))


@pytest.fixture
def mirepoix(study_of: StudyOf) -> Dossier:
    """The reference commune."""
    return study_of("09194").dossier


@pytest.mark.parametrize(
    ("value", "rank"), [(0, 1), (20_099, 1), (20_100, 2), (20_500, 6), (20_899.99, 9), (20_900, 10), (1e6, 10)]
)
def test_the_tenth_in_which_a_commune_falls(value: float, rank: int) -> None:
    """1 the lowest, 10 the highest; a commune at a decile stands above it."""
    assert decile_rank(value, PLACES) == rank


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_richer_commune_never_ranks_lower(one: float, other: float) -> None:
    """And the rank stays between 1 and 10."""
    low, high = sorted([one, other])

    assert 1 <= decile_rank(low, PLACES) <= decile_rank(high, PLACES) <= 10


def test_there_are_nine_deciles() -> None:
    """d1 … d9, as INSEE names them."""
    assert DECILES == ("d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9")


def test_no_school_is_not_unknown_schools(mirepoix: Dossier) -> None:
    """A covered commune without school, and one that no file covers; neither fails."""
    assert mirepoix.schools is not None
    none = diagnosed(replace(mirepoix, schools=mirepoix.schools.iloc[:0]))
    unknown = diagnosed(replace(mirepoix, schools=None))

    assert diagnosed(mirepoix).situation == "schools"
    assert (none.situation, len(none.schools), len(none.needs)) == ("no_school", 0, 0)
    assert (unknown.situation, len(unknown.schools), len(unknown.needs)) == ("schools_unknown", 0, 0)
    assert unknown.without_count.empty


def test_ips_shown_is_the_last_and_ips_compared_is_of_the_reference(mirepoix: Dossier) -> None:
    """Mirepoix, Jean Jaurès: 102.7 at the rentrée 2024; 100.1 at that of the département's median, 2022."""
    school = diagnosed(mirepoix).schools.set_index("uai").loc["0090312R"]

    assert (school["ips"], school["ips_rentree"], school["ips_compared"]) == (102.7, 2024, 100.1)


def test_the_last_ips_is_the_last_rentree_whatever_the_order(mirepoix: Dossier) -> None:
    """Of the file."""
    turned = replace(mirepoix, ips=mirepoix.ips.iloc[::-1])

    assert diagnosed(turned).schools.set_index("uai").loc["0090312R", "ips"] == 102.7


def test_a_maternelle_has_no_ips_and_takes_none_from_others(mirepoix: Dossier) -> None:
    """NA, never a zero nor a neighbour's."""
    school = diagnosed(mirepoix).schools.set_index("uai").loc["0090313S"]

    assert school[["ips", "ips_rentree", "ips_compared"]].isna().all()


def test_the_reference_is_the_departement_and_the_public(study_of: StudyOf) -> None:
    """Not France, not the private schools."""
    for code, zone in (("09194", "09"), ("13028", "13"), ("92062", "92")):
        diagnostic = study_of(code).diagnostic
        assert diagnostic.ips_reference is not None
        assert diagnostic.deciles is not None
        assert (diagnostic.ips_reference["zone"], diagnostic.ips_reference["sector"]) == (zone, "public")
        assert diagnostic.deciles["zone"] == zone


def test_without_reference_nothing_is_compared(mirepoix: Dossier) -> None:
    """Neither median nor decile is invented, France's is not taken instead."""
    france = mirepoix.ips_reference["zone"] == "FR"
    alone = diagnosed(
        replace(
            mirepoix,
            ips_reference=mirepoix.ips_reference[france],
            niveau_vie_reference=mirepoix.niveau_vie_reference[mirepoix.niveau_vie_reference["zone"] == "FR"],
        )
    )

    assert alone.ips_reference is None
    assert alone.deciles is None
    assert alone.schools["ips_compared"].isna().all()


def test_sectors_are_apart(mirepoix: Dossier) -> None:
    """Two public schools and a private one, which is shown and out of the needs."""
    diagnostic = diagnosed(mirepoix)

    assert diagnostic.of_sector("public")["uai"].tolist() == ["0090312R", "0090313S"]
    assert diagnostic.of_sector("prive_sous_contrat")["uai"].tolist() == ["0090633P"]
    assert diagnostic.needs.index.tolist() == ["0090312R", "0090313S"]
    assert in_scope(diagnostic.schools, Assumptions())["uai"].tolist() == ["0090312R", "0090313S"]
    assert diagnosed(mirepoix, include_private=True).needs.index.tolist() == ["0090312R", "0090313S", "0090633P"]


def test_a_school_without_count_is_named_and_not_costed(mirepoix: Dossier) -> None:
    """It stays in the list of schools and leaves the needs."""
    assert mirepoix.schools is not None
    schools = mirepoix.schools.copy()
    schools.loc[0, ["classes", "pupils"]] = pd.NA
    diagnostic = diagnosed(replace(mirepoix, schools=schools))

    assert diagnostic.without_count["uai"].tolist() == ["0090312R"]
    assert diagnostic.needs.index.tolist() == ["0090313S"]


def test_the_law_is_that_of_the_day(mirepoix: Dossier) -> None:
    """The socle of 2021 is not asked of 2019."""
    from_2019 = baremes.on(date(2019, 6, 1))

    with pytest.raises(baremes.BaremeNotInForce, match="2021-01-14"):
        diagnose(mirepoix, from_2019, Assumptions())


def test_without_a_workbook_there_is_no_inventory(mirepoix: Dossier) -> None:
    """And no count of the commune's own."""
    assert diagnosed(mirepoix).inventory is None
    assert "classes_counted" not in diagnosed(mirepoix).schools


def test_a_workbook_gives_the_inventory_and_this_year_s_classes(
    mirepoix: Dossier, workbook_of: Callable[[object], Workbook]
) -> None:
    """Jean Jaurès: 8 classes counted, 7 published; its displays are 6 of 8. The maternelle is not told."""
    told = {
        "ecoles": [{"ecole": "0090312R", "classes": 8}],
        "equipements": [{"ecole": "0090312R", "type": "ecran_interactif", "nombre": 6, "annee": 2022}],
    }
    diagnostic = diagnosed(replace(mirepoix, workbook=workbook_of(told)))

    assert diagnostic.inventory is not None
    assert diagnostic.needs["affichage"].to_dict() == {"0090312R": 8, "0090313S": 0}
    assert diagnostic.inventory.schools["known"].to_dict() == {"0090312R": True, "0090313S": False}
    assert diagnostic.inventory.item_coverage["affichage"] == 6 / 8
    published = diagnosed(mirepoix)
    assert diagnostic.schools["classes"].equals(published.schools["classes"])


def test_the_inventory_is_that_of_the_target_chosen(
    mirepoix: Dossier, workbook_of: Callable[[object], Workbook]
) -> None:
    """14 tablets: of 24 shared devices, or of 56 tablets; of nothing where shared devices are wired."""
    told = {"equipements": [{"ecole": "0090312R", "type": "tablette", "nombre": 14, "annee": 2025}]}
    dossier = replace(mirepoix, workbook=workbook_of(told))

    def share(item: str, **assumptions: object) -> float:
        inventory = diagnosed(dossier, **assumptions).inventory
        return 0.0 if inventory is None else float(inventory.item_coverage[item])

    assert share("appareil_mobile") == 14 / 24
    assert share("tablette", target="montaigne") == 14 / 56
    assert share("appareil_mobile", wifi=False) == 0
