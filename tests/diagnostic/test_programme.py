"""The programme, recomputed by hand for real schools, and its rules on invented ones."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import CASES, Case, Programme, item_quantities, plan_programme, unit_prices
from pupitre.diagnostic.socle import ITEM_KEYS
from pupitre.formats import cents
from pupitre.law import baremes
from pupitre.law.baremes import Figure, Law

ON = date(2026, 11, 22)
USUAL = Assumptions()
WHOLE = ("classes", "pupils", "pupils_maternelle")

ELEMENTAIRE = {"uai": "0090312R", "level": "elementaire", "classes": 7, "pupils": 132, "pupils_maternelle": 0}
MATERNELLE = {"uai": "0090313S", "level": "maternelle", "classes": 3, "pupils": 59, "pupils_maternelle": 59}
ORLU = {"uai": "0090345B", "level": "primaire", "classes": 1, "pupils": 14, "pupils_maternelle": None}


def frame(*schools: dict[str, Any]) -> pd.DataFrame:
    """Public schools."""
    return pd.DataFrame([{"sector": "public", **school} for school in schools]).astype(dict.fromkeys(WHOLE, "Int64"))


def planned(*schools: dict[str, Any], **assumptions: object) -> Programme:
    """The programme of public schools on the day of the tests."""
    return plan_programme(frame(*schools), baremes.on(ON), Assumptions.model_validate(assumptions))


def quantities(*schools: dict[str, Any]) -> dict[str, list[float]]:
    """Low, central and high quantity of each item."""
    found = item_quantities(frame(*schools), baremes.on(ON), USUAL)
    return {item: [values[case] for case in CASES] for item, values in found.items()}


@pytest.fixture(scope="module")
def mirepoix() -> Programme:
    """Mirepoix, rentrée 2024: its two public schools."""
    return planned(ELEMENTAIRE, MATERNELLE)


# item: quantity, then unit price HT, each in the low, central and high cases (law/prices, 2016 to 2021).
# Low quantities: 132 × 31.9 / 1000 = 4.2, so 4 displays exist; 132 × 14.4 / 100 = 19.008, so 19 computers exist:
# 7 for the teachers, 1 for the direction, 11 mobiles; 10 mobiles a set × 2 sets - 11 = 9 to buy. Low: 1 socket a class.
MIREPOIX = {
    "affichage": ([7 - 4, 7, 7], [2122, 3253, 4173]),
    "poste_enseignant": ([7 - 7, 7, 7], [491, 539, 592]),
    "son_et_image": ([7, 7, 7], [50, 100, 200]),
    "prise_reseau": ([7, 14, 14], [67, 93, 125]),
    "appareil_mobile": ([20 - 11, 24, 30], [447, 518, 572]),
    "poste_direction": ([1 - 1, 1, 1], [491, 539, 592]),
    "imprimante": ([1, 1, 1], [150, 300, 600]),
    "affichage_maternelle": ([1, 1, 1], [2122, 3253, 4173]),
    "poste_direction_maternelle": ([1, 1, 1], [491, 539, 592]),
}


@pytest.mark.parametrize("item", ITEM_KEYS)
@pytest.mark.parametrize("rank", range(3), ids=CASES)
def test_mirepoix_line_by_line(mirepoix: Programme, item: str, rank: int) -> None:
    """Quantity, price, HT, and TTC at 20 %, in the first year, in each case."""
    [line] = mirepoix.lines[mirepoix.lines["item"] == item].to_dict("records")
    case, (quantity, unit) = CASES[rank], (values[rank] for values in MIREPOIX[item])

    assert (line["nature"], line["year"], line["section"]) == ("achat", 2027, "investissement")
    assert (line[f"quantity_{case}"], line[f"unit_ht_{case}"]) == (quantity, unit)
    assert line[f"ht_{case}"] == quantity * unit
    assert line[f"ttc_{case}"] == pytest.approx(quantity * unit * 1.2, abs=1e-9)


def test_mirepoix_accompaniment_and_maintenance(mirepoix: Programme) -> None:
    """15, 20 and 30 % of the investment HT, once; 3.5, 5.2 and 9.4 % of the material HT, cables out, every year."""
    invested = [sum(quantity[k] * unit[k] for quantity, unit in MIREPOIX.values()) for k in range(3)]
    cables = [7 * 67, 14 * 93, 14 * 125]
    accompaniment, *maintenance = mirepoix.lines[mirepoix.lines["section"] == "fonctionnement"].to_dict("records")

    assert invested == [13_971, 45_609, 59_622]
    assert [accompaniment[f"ht_{case}"] for case in CASES] == [2_095.65, 9_121.80, 17_886.60]
    assert accompaniment["ht_central"] == pytest.approx(0.20 * invested[1])
    assert [line["year"] for line in maintenance] == [2027, 2028, 2029, 2030, 2031]
    for line in maintenance:
        assert [line[f"ht_{case}"] for case in CASES] == [472.57, 2_303.96, 5_439.97]
        assert line["ht_central"] == pytest.approx(0.052 * (invested[1] - cables[1]), abs=0.005)


def test_mirepoix_in_all(mirepoix: Programme) -> None:
    """45 609 × 1.2 + 9 121.80 × 1.2 + 5 × 2 764.75 (2 303.96 × 1.2, to the cent)."""
    assert [mirepoix.ttc(case) for case in CASES] == [22_115.38, 79_500.71, 125_650.12]
    assert mirepoix.ttc("central", "investissement") == 54_730.80
    assert mirepoix.ttc("central", "fonctionnement") == 24_769.91
    assert (mirepoix.schools, mirepoix.pupils) == (2, 191)
    assert list(mirepoix.years) == [2027, 2028, 2029, 2030, 2031]


def test_accounts_and_terms_of_lines(mirepoix: Programme) -> None:
    """M57 accounts as texts; cables are bought, never leased; services have no life."""
    lines = mirepoix.lines.drop_duplicates("item").set_index("item")

    assert lines["account"].to_dict() == {
        **dict.fromkeys(ITEM_KEYS, "21831"),
        "prise_reseau": "21533",
        "accompagnement": "6184",
        "maintenance": "6156",
    }
    assert not lines.loc[["prise_reseau", "accompagnement", "maintenance"], "leasable"].any()
    assert lines.drop(["prise_reseau", "accompagnement", "maintenance"])["leasable"].all()
    assert lines.loc[["affichage", "poste_enseignant", "prise_reseau"], "life_years"].tolist() == [8, 5, 15]
    assert lines.loc[["accompagnement", "maintenance"], "life_years"].isna().all()


def test_orlu_one_class_no_split() -> None:
    """14 pupils: 0.4 display exists, so none; 2 computers exist, one for the class, one for the direction."""
    found = quantities(ORLU)

    assert found["affichage"] == [1, 1, 1]
    assert found["poste_enseignant"] == [0, 1, 1]
    assert found["poste_direction"] == [0, 1, 1]
    assert found["appareil_mobile"] == [10, 12, 15]
    assert found["prise_reseau"] == [1, 2, 2]
    assert found["affichage_maternelle"] == [0, 0, 0]
    assert not planned(ORLU).lines["item"].str.contains("maternelle").any()


def test_existing_computers_go_to_teachers_then_direction_then_mobiles() -> None:
    """28 pupils have 4 computers, 35 have 5, 42 have 6, 104 have 14, for 5 classes."""
    school = {**ELEMENTAIRE, "classes": 5}
    for pupils, teachers, direction, mobiles in ((28, 1, 1, 20), (35, 0, 1, 20), (42, 0, 0, 20), (104, 0, 0, 12)):
        found = quantities({**school, "pupils": pupils})
        assert found["poste_enseignant"][0] == teachers, pupils
        assert found["poste_direction"][0] == direction, pupils
        assert found["appareil_mobile"][0] == mobiles, pupils


@pytest.mark.parametrize(("pupils", "displays", "mobiles"), [(31, 0, 0), (32, 1, 0), (62, 1, 2), (63, 2, 3)])
def test_only_whole_devices_exist(pupils: int, displays: int, mobiles: int) -> None:
    """31 pupils × 31.9 / 1000 = 0.99: no display; 62 have 8.9 computers: 8, of which 6 for 5 classes and direction."""
    found = quantities({**ELEMENTAIRE, "classes": 5, "pupils": pupils})

    assert found["affichage"][0] == 5 - displays
    assert found["appareil_mobile"][0] == 20 - mobiles


def test_pupils_of_maternelle_bring_no_existing_device() -> None:
    """The rate of 2018-2019 is that of élémentaire pupils: neither a maternelle's nor those of a primaire count."""
    split = {**ELEMENTAIRE, "level": "primaire", "classes": 10, "pupils": 200, "pupils_maternelle": 68}
    unsplit = {**split, "pupils_maternelle": None}

    alone = quantities(ELEMENTAIRE)["affichage"][0]
    assert quantities(ELEMENTAIRE, MATERNELLE)["affichage"][0] == alone
    assert quantities(ELEMENTAIRE, {**MATERNELLE, "pupils_maternelle": None})["affichage"][0] == alone
    assert quantities(split)["affichage"] == [7 - 4, 7, 7]
    assert quantities(unsplit)["affichage"] == [10 - 6, 10, 10]


def test_what_exists_never_exceeds_what_is_needed() -> None:
    """A crowded school has no negative line, and its spare displays do not equip the maternelle."""
    crowded = {**ELEMENTAIRE, "classes": 1, "pupils": 1000}
    found = quantities(crowded, MATERNELLE)

    assert [found[item][0] for item in ("affichage", "poste_enseignant", "poste_direction")] == [0, 0, 0]
    assert found["appareil_mobile"][0] == 0
    assert found["affichage_maternelle"][0] == 1


def test_replacement_at_the_end_of_life() -> None:
    """Over 8 years, what lives 5 is bought again in 2032, with its accompaniment; displays and cables are not."""
    programme = planned(ELEMENTAIRE, MATERNELLE, horizon_years=8)
    lines = programme.lines
    replaced = lines[lines["nature"] == "remplacement"]
    helped = lines[lines["nature"] == "accompagnement"].set_index("year")["ht_central"]

    assert set(replaced["year"]) == {2032}
    assert set(replaced["item"]) == set(ITEM_KEYS) - {"affichage", "affichage_maternelle", "prise_reseau"}
    assert replaced["ht_central"].sum() == 7 * 539 + 7 * 100 + 24 * 518 + 539 + 300 + 539
    assert helped.to_dict() == {2027: 9_121.80, 2032: cents(0.2 * (7 * 539 + 700 + 24 * 518 + 539 + 300 + 539))}
    assert set(lines.loc[lines["nature"] == "maintenance", "ht_central"]) == {2_303.96}
    assert lines.loc[lines["nature"] == "maintenance", "year"].tolist() == list(range(2027, 2035))


@pytest.mark.parametrize(("horizon", "years"), [(5, [2027]), (6, [2027, 2032]), (11, [2027, 2032, 2037])])
def test_a_life_of_five_years_ends_in_the_sixth(horizon: int, years: list[int]) -> None:
    """Bought in y, replaced in y + 5 when inside the horizon."""
    lines = planned(ORLU, horizon_years=horizon).lines

    assert lines.loc[lines["item"] == "poste_enseignant", "year"].tolist() == years


def test_a_life_of_eight_years_ends_in_the_ninth() -> None:
    """Displays."""
    assert (planned(ORLU, horizon_years=8).lines["item"] == "affichage").sum() == 1
    assert (planned(ORLU, horizon_years=9).lines["item"] == "affichage").sum() == 2


def test_value_left_is_straight_line() -> None:
    """After 5 years: 3/8 of the displays, 10/15 of the cables, nothing of what lived 5 years."""
    programme = planned(ELEMENTAIRE, MATERNELLE)

    assert programme.value_left_eur("central") == cents(1.2 * (8 * 3253 * 3 / 8 + 14 * 93 * 10 / 15))


def test_value_left_counts_replacements_for_their_own_life() -> None:
    """After 8 years: nothing of the displays, 7/15 of the cables, 2/5 of what was replaced in 2032."""
    replaced = 539 + 100 + 12 * 518 + 539 + 300

    left = planned(ORLU, horizon_years=8).value_left_eur("central")

    assert left == cents(1.2 * (2 * 93 * 7 / 15 + replaced * 2 / 5))


def test_a_quote_replaces_all_three_cases() -> None:
    """The range of the price is gone, that of the quantity stays; other prices do not move."""
    lines = planned(ELEMENTAIRE, MATERNELLE, prices={"prix_affichage": 1_900}).lines.set_index("item")

    for item in ("affichage", "affichage_maternelle"):
        assert lines.loc[item, [f"unit_ht_{case}" for case in CASES]].tolist() == [1_900] * 3
    assert lines.loc["affichage", [f"ht_{case}" for case in CASES]].tolist() == [3 * 1_900, 7 * 1_900, 7 * 1_900]
    assert lines.loc["imprimante", [f"unit_ht_{case}" for case in CASES]].tolist() == [150, 300, 600]


@pytest.mark.parametrize(("vat", "central"), [("TTC", 100.0), ("HT", 120.0), ("unknown", 120.0)])
def test_a_price_known_with_vat_is_brought_back_without(vat: str, central: float) -> None:
    """One whose VAT is unknown is read as HT: that never understates what the commune pays."""
    known = baremes.on(ON)
    priced = known.figure("prix_imprimante").model_copy(update={"vat": vat, "value": 120, "low": 60, "high": 240})
    figures: dict[str, tuple[Figure, ...]] = {"p": (priced,), "tva_taux_normal": known.history("tva_taux_normal")}

    prices = unit_prices("p", Law(ON, figures), USUAL)

    assert prices == {"low": central / 2, "central": central, "high": central * 2}


def test_what_has_no_price_is_said() -> None:
    """Subscriptions, workspace and Wi-Fi are named, not forgotten."""
    told = " ".join(planned(ORLU).unpriced)

    assert all(word in told for word in ("internet", "espace numérique", "Wi-Fi"))


def test_the_first_budget_is_that_of_next_year() -> None:
    """Whatever the day of the year."""
    for day in (date(2026, 1, 1), date(2026, 12, 31)):
        assert plan_programme(frame(ORLU), baremes.on(day), USUAL).start_year == 2027


def test_private_schools_are_counted_with_their_pupils_when_included() -> None:
    """Saint-Maurice: 94 pupils, 28 of maternelle, 4 classes of which 3 élémentaires."""
    private = {
        "uai": "0090633P", "level": "primaire", "sector": "prive_sous_contrat", "classes": 4, "pupils": 94,
        "pupils_maternelle": 28,
    }  # fmt: skip
    without, including = planned(ELEMENTAIRE, private), planned(ELEMENTAIRE, private, include_private=True)

    assert (without.schools, without.pupils) == (1, 132)
    assert (including.schools, including.pupils) == (2, 226)
    assert including.lines["quantity_central"].iloc[0] == 7 + 3


SCHOOLS = st.lists(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(["maternelle", "elementaire", "primaire"]),
            "classes": st.integers(1, 20),
            "pupils": st.integers(20, 500),
            "pupils_maternelle": st.none() | st.integers(0, 20),
        }
    ),
    min_size=1,
    max_size=4,
).map(lambda schools: [{"uai": f"S{rank}", **school} for rank, school in enumerate(schools)])


@given(SCHOOLS, st.integers(1, 15), st.booleans())
def test_low_is_never_above_central_nor_central_above_high(
    schools: list[dict[str, Any]], horizon: int, maternelles: bool
) -> None:
    """Line by line, and in all; quantities are whole, HT × (1 + VAT) is TTC to the cent, years are in the horizon."""
    programme = planned(*schools, horizon_years=horizon, maternelles=maternelles)
    lines = programme.lines

    for name in ("quantity", "unit_ht", "ht", "ttc"):
        low, central, high = (lines[f"{name}_{case}"] for case in CASES)
        assert (low >= 0).all()
        assert (low <= central).all()
        assert (central <= high).all()
    assert programme.ttc("low") <= programme.ttc("central") <= programme.ttc("high")
    for case in CASES:
        assert (lines[f"quantity_{case}"] % 1 == 0).all()
        for ht, ttc in zip(lines[f"ht_{case}"], lines[f"ttc_{case}"], strict=True):
            assert ht == cents(ht)
            assert ttc == cents(ht * 1.2)
    assert set(lines["year"]) <= set(programme.years)


@given(SCHOOLS)
def test_sections_add_up_to_the_programme(schools: list[dict[str, Any]]) -> None:
    """Investment and running cost, to the cent; each line in one of them."""
    programme = planned(*schools)

    for case in CASES:
        parts = [programme.ttc(case, section) for section in ("investissement", "fonctionnement")]
        assert cents(sum(parts)) == programme.ttc(case)
        assert 0 <= programme.value_left_eur(case) <= programme.ttc(case)


def test_cases_are_low_central_high() -> None:
    """In that order, which tables rely on."""
    expected: tuple[Case, ...] = ("low", "central", "high")

    assert expected == CASES
