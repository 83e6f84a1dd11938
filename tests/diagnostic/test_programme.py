"""The programme, recomputed by hand for real schools, and its rules on invented ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import equipment, items
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.diagnostic.ranges import CASES
from pupitre.formats import cents
from pupitre.law import baremes

PlanOf = Callable[..., Programme]
InventoryOf = Callable[..., Inventory]

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
    """Low, central and high quantity of each item, bought in all."""
    bought = planned(*schools).by_school.groupby("item")[[f"quantity_{case}" for case in CASES]].sum()
    return {item: [0.0] * 3 for item in items()} | dict(zip(bought.index, bought.to_numpy().tolist(), strict=True))


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


@pytest.mark.parametrize("item", MIREPOIX)
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
    """15, 20 and 30 % of the investment HT, once; 3.5, 5.2 and 9.4 % of the material HT, cables out, every year.

    What the low case supposes there costs the commune its upkeep already: it is not counted.
    """
    invested = [sum(quantity[k] * unit[k] for quantity, unit in MIREPOIX.values()) for k in range(3)]
    in_service = [13_971 - 7 * 67, 45_609 - 14 * 93, 59_622 - 14 * 125]
    accompaniment, *maintenance = mirepoix.lines[mirepoix.lines["section"] == "fonctionnement"].to_dict("records")

    assert invested == [13_971, 45_609, 59_622]
    assert [accompaniment[f"ht_{case}"] for case in CASES] == [2_095.65, 9_121.80, 17_886.60]
    assert accompaniment["ht_central"] == pytest.approx(0.20 * invested[1])
    assert [line["year"] for line in maintenance] == [2027, 2028, 2029, 2030, 2031]
    for line in maintenance:
        assert [line[f"ht_{case}"] for case in CASES] == [472.57, 2_303.96, 5_439.97]
        for case, share, value in zip(CASES, (0.035, 0.052, 0.094), in_service, strict=True):
            assert line[f"ht_{case}"] == pytest.approx(share * value, abs=0.0051)


def test_mirepoix_in_all(mirepoix: Programme) -> None:
    """45 609 × 1.2 + 9 121.80 × 1.2 + 5 × 2 764.75 (2 303.96 × 1.2, to the cent); low with 5 × 567.08."""
    assert [mirepoix.ttc(case) for case in CASES] == [22_115.38, 79_500.71, 125_650.12]
    assert mirepoix.ttc("central", "investissement") == 54_730.80
    assert mirepoix.ttc("central", "fonctionnement") == 24_769.91
    assert (mirepoix.schools, mirepoix.pupils) == (2, 191)
    assert list(mirepoix.years) == [2027, 2028, 2029, 2030, 2031]


def test_accounts_and_terms_of_lines(mirepoix: Programme) -> None:
    """M57 accounts as texts; cables are bought, never leased; services have no life."""
    lines = mirepoix.lines.drop_duplicates("item").set_index("item")

    assert lines["account"].to_dict() == {
        **dict.fromkeys(MIREPOIX, "21831"),
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
    assert set(replaced["item"]) == set(MIREPOIX) - {"affichage", "affichage_maternelle", "prise_reseau"}
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


def test_what_has_no_price_is_said() -> None:
    """Access points, subscriptions, workspace, training and the référent's time are named, with their number.

    Orlu: one class, so one access point, one line, one ENT, one teacher; hours are to be agreed.
    """
    told = {quote.item.key: quote.quantity for quote in planned(ORLU).quotes}

    assert told == {"borne_wifi": 1, "internet": 1, "ent": 1, "formation": 1, "referent": None}
    assert all(
        word in " ".join(planned(ORLU).unpriced) for word in ("internet", "espace numérique", "Wi-Fi", "référent")
    )


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


# A ceiling, by hand. Orlu at 5 000 € TTC a year; units TTC: display 3 903.60, laptop 646.80, sound 120, socket 111.60,
# mobile 621.60, printer 360.
# 2027: display, laptop, sound, 2 sockets = 4 893.60; 106.40 left, nothing fits.
# 2028: 8 mobiles = 4 972.80. 2029: 4 mobiles, direction, printer = 3 493.20.
PHASED = {
    ("affichage", 2027): (1, 1, 1),
    ("poste_enseignant", 2027): (0, 1, 1),
    ("son_et_image", 2027): (1, 1, 1),
    ("prise_reseau", 2027): (1, 2, 2),
    ("appareil_mobile", 2028): (8, 8, 8),
    ("appareil_mobile", 2029): (2, 4, 7),  # low 10 in all; high 15, its 3 more in the last year
    ("poste_direction", 2029): (0, 1, 1),
    ("imprimante", 2029): (1, 1, 1),
}


def by_year(programme: Programme, case: str = "central") -> dict[int, float]:
    """What is invested each year, TTC."""
    bought = programme.lines[programme.lines["section"] == "investissement"]
    return {int(year): cents(ttc) for year, ttc in bought.groupby("year")[f"ttc_{case}"].sum().items()}


def test_a_ceiling_by_hand() -> None:
    """Who gets what when, in each case; what it costs each year; nothing is left out; the total is the same."""
    programme = planned(ORLU, ceiling_eur_per_year=5_000)

    found = {
        (row["item"], row["year"]): tuple(row[f"quantity_{case}"] for case in CASES)
        for row in programme.by_school.to_dict("records")
    }
    assert found == PHASED
    assert by_year(programme) == {2027: 4_893.60, 2028: 4_972.80, 2029: 3_493.20}
    assert programme.unfunded.empty
    assert programme.ttc("central", "investissement") == planned(ORLU).ttc("central", "investissement") == 13_359.60


def test_what_a_ceiling_leaves_out_is_told_with_its_price() -> None:
    """3 000 € a year never pay a display at 3 903.60; all else is bought by 2030.

    2027: laptop, sound, sockets (990), 3 mobiles. 2028: 4 mobiles, printer (direction, 646.80, does not fit in 513.60).
    2029: 4 mobiles. 2030: the last one, and the direction's laptop.
    """
    programme = planned(ORLU, ceiling_eur_per_year=3_000)

    assert programme.unfunded.to_dict("records") == [
        {"uai": "0090345B", "item": "affichage", "nature": "achat", "quantity": 1, "ttc": 3_903.60}
    ]
    assert by_year(programme) == {2027: 2_854.80, 2028: 2_846.40, 2029: 2_486.40, 2030: 1_268.40}
    assert not set(programme.lines["item"]) & {"affichage"}


def test_under_a_ceiling_the_low_case_is_still_the_lowest() -> None:
    """10 classes, 63 pupils, 1 000 € in one year: what the low case supposes there is not bought in the others."""
    programme = planned({**ELEMENTAIRE, "classes": 10, "pupils": 63}, ceiling_eur_per_year=1_000, horizon_years=1)

    assert programme.ttc("low") <= programme.ttc("central") <= programme.ttc("high")


def test_a_ceiling_that_nothing_reaches_changes_nothing() -> None:
    """One cent above the whole first year is as good as none; one cent below is not."""
    whole = planned(ELEMENTAIRE, MATERNELLE).ttc("central", "investissement")

    above, below = (planned(ELEMENTAIRE, MATERNELLE, ceiling_eur_per_year=whole + gap) for gap in (0.01, -0.01))
    pd.testing.assert_frame_equal(above.lines, planned(ELEMENTAIRE, MATERNELLE).lines)
    assert set(by_year(below)) == {2027, 2028}


def test_a_ceiling_is_kept_to_the_cent() -> None:
    """333.36 € HT are 400.032 TTC: 30 displays are 12 000.96 €, and do not fit in 12 000.93."""
    school = {**ELEMENTAIRE, "classes": 30}
    others = {key: 0 for key in items() if key != "affichage"}
    programme = planned(school, targets=others, prices={"prix_affichage": 333.36}, ceiling_eur_per_year=12_000.93)

    assert max(by_year(programme).values()) <= 12_000.93
    assert (
        planned(school, targets=others, prices={"prix_affichage": 333.36}).ttc("central", "investissement") == 12_000.96
    )


def test_replacements_of_a_phased_programme_come_a_life_after_each_purchase() -> None:
    """Orlu over 8 years at 5 000 €: laptop and sound in 2032, 8 mobiles in 2033, the rest in 2034."""
    programme = planned(ORLU, ceiling_eur_per_year=5_000, horizon_years=8)
    again = programme.lines[programme.lines["nature"] == "remplacement"]

    assert by_year(programme) == {
        2027: 4_893.60, 2028: 4_972.80, 2029: 3_493.20, 2032: 766.80, 2033: 4_972.80, 2034: 3_493.20,
    }  # fmt: skip
    assert again[["item", "year", "quantity_central"]].to_numpy().tolist() == [
        ["poste_enseignant", 2032, 1],
        ["son_et_image", 2032, 1],
        ["appareil_mobile", 2033, 8],
        ["appareil_mobile", 2034, 4],
        ["poste_direction", 2034, 1],
        ["imprimante", 2034, 1],
    ]


def test_the_poorer_school_is_served_first() -> None:
    """Two schools of one class, 5 000 € a year: the lower IPS has its display in 2027, the other in 2030.

    2028 is for B's 8 mobiles; what B leaves in 2029, 1 506.80 €, is no display.
    """
    rich, poor = {**ORLU, "uai": "A", "ips": 120.0}, {**ORLU, "uai": "B", "ips": 80.0}
    programme = planned(rich, poor, ceiling_eur_per_year=5_000)
    displays = programme.by_school[programme.by_school["item"] == "affichage"]

    assert programme.order == ("B", "A")
    assert dict(zip(displays["uai"], displays["year"], strict=True)) == {"B": 2027, "A": 2030}


def test_the_wired_programme_by_hand() -> None:
    """Orlu by cable: 12 laptops with 12 sockets more at 93 € (10 at 67, 15 at 125), and no access point to price."""
    wired, usual = planned(ORLU, wifi=False), planned(ORLU)
    sockets = wired.lines.set_index("item").loc["prise_mobile"]

    assert [sockets[f"ht_{case}"] for case in CASES] == [670, 1_116, 1_875]
    assert (sockets["account"], sockets["leasable"], sockets["life_years"]) == ("21533", False, 15)
    extra = [cents(wired.ttc(case, "investissement") - usual.ttc(case, "investissement")) for case in CASES]
    assert extra == [804, 1_339.20, 2_250]
    assert "borne_wifi" not in {quote.item.key for quote in wired.quotes}


def test_eight_tablets_a_class_by_hand() -> None:
    """Orlu: 8 tablets at 518 €, replaced after 4 years, in 2031; no shared set."""
    lines = planned(ORLU, target="montaigne").lines

    assert lines[lines["item"] == "tablette"][
        ["nature", "year", "quantity_central", "ht_central"]
    ].to_numpy().tolist() == [
        ["achat", 2027, 8, 4_144],
        ["remplacement", 2031, 8, 4_144],
    ]
    assert "appareil_mobile" not in set(lines["item"])


def test_an_own_target_is_priced_like_the_other() -> None:
    """20 mobiles for Orlu's class and no printer: 20 × 518 in the central case, no range of quantity."""
    lines = planned(ORLU, targets={"appareil_mobile": 20, "imprimante": 0}).lines.set_index("item")

    # low: 14 pupils × 14.4 / 100 = 2 computers, for the teacher and the direction
    assert [lines.loc["appareil_mobile", f"ht_{case}"] for case in CASES] == [20 * 447, 20 * 518, 20 * 572]
    assert "imprimante" not in lines.index


AWKWARD = {"prices": {"prix_affichage": 333.33, "prix_appareil_mobile": 123.47, "prix_prise_reseau": 0.99 + 1}}


def test_what_each_school_costs_adds_up_to_the_lines() -> None:
    """333.33 € × 1.2 is 399.996: 7 displays are 2 799.97, 1 is 400.00; the line is their sum."""
    programme = planned(ELEMENTAIRE, ORLU, MATERNELLE, **AWKWARD)
    of_schools = programme.by_school[programme.by_school["item"] == "affichage"]

    assert of_schools["ttc_central"].tolist() == [2_799.97, 400.00]
    [line] = programme.lines[programme.lines["item"] == "affichage"].to_dict("records")
    assert (line["quantity_central"], line["ht_central"], line["ttc_central"]) == (8, 2_666.64, 3_199.97)


def test_a_programme_of_schools_without_pupils_known() -> None:
    """Classes alone make a programme; pupils not known count for none."""
    programme = planned({**ORLU, "pupils": None})

    assert programme.pupils == 0
    assert programme.ttc("central") == planned(ORLU).ttc("central")


def test_no_school_in_scope_is_an_empty_programme() -> None:
    """Maternelles alone, switched off: upkeep of nothing, and no exception."""
    programme = planned(MATERNELLE, maternelles=False)

    assert programme.by_school.empty
    assert programme.ttc("high") == 0
    assert programme.quotes == () or {quote.quantity for quote in programme.quotes} <= {None}


def test_quotes_are_lines_once_priced() -> None:
    """What waits is never in the total, what is priced is: 600 € HT a line, 720 € a year, 3 600 € in all."""
    quoted = planned(ORLU, prices={"prix_abonnement_internet": 600})

    assert cents(quoted.ttc("central") - planned(ORLU).ttc("central")) == 3_600
    assert {quote.item.key for quote in planned(ORLU).quotes} - {quote.item.key for quote in quoted.quotes} == {
        "internet"
    }


# whatever the schools, the inventory and the assumptions

UAI = [f"S{rank}" for rank in range(4)]
STATES = [None, "en_service", "inutilise", "en_panne", "a_remplacer"]
TOLD = st.fixed_dictionaries(
    {
        "equipements": st.lists(
            st.fixed_dictionaries(
                {
                    "ecole": st.sampled_from([*UAI, "commune"]),
                    "type": st.sampled_from(list(equipment())),
                    "nombre": st.integers(1, 40),
                    "annee": st.none() | st.integers(2005, 2026),
                    "etat": st.sampled_from(STATES),
                }
            ),
            max_size=10,
        ),
        "ecoles": st.lists(
            st.fixed_dictionaries(
                {
                    "ecole": st.sampled_from(UAI),
                    "classes": st.none() | st.integers(0, 12),
                    "inventaire_complet": st.none() | st.booleans(),
                    "priorite": st.none() | st.integers(1, 9),
                }
            ),
            max_size=4,
            unique_by=lambda row: str(row["ecole"]),
        ),
        "reseau": st.lists(
            st.fixed_dictionaries(
                {
                    "ecole": st.sampled_from(UAI),
                    "ligne": st.sampled_from([None, "fibre", "aucune"]),
                    "classes_raccordees": st.none() | st.integers(0, 20),
                    "wifi": st.none() | st.booleans(),
                }
            ),
            max_size=4,
            unique_by=lambda row: str(row["ecole"]),
        ),
        "competences": st.lists(
            st.fixed_dictionaries({"ecole": st.sampled_from(UAI), "enseignants": st.none() | st.integers(0, 20)}),
            max_size=4,
            unique_by=lambda row: str(row["ecole"]),
        ),
    }
)
QUOTES = ["prix_affichage", "prix_borne_wifi", "prix_ent", "prix_formation_enseignant", "prix_heure_referent"]
CHOICES = st.fixed_dictionaries(
    {
        "horizon_years": st.integers(1, 15),
        "wifi": st.booleans(),
        "maternelles": st.booleans(),
        "target": st.sampled_from(["socle", "montaigne"]),
        "targets": st.dictionaries(st.sampled_from(list(items())), st.sampled_from([0, 0.5, 1, 2, 3.3]), max_size=3),
        "prices": st.dictionaries(st.sampled_from(QUOTES), st.sampled_from([333.33, 1.01, 2_800.0]), max_size=3),
        "referent_hours_per_year": st.none() | st.sampled_from([0, 36]),
    }
)


@given(schools=SCHOOLS, told=st.none() | TOLD, choices=CHOICES, ceiling=st.none() | st.integers(1_000, 60_000))
def test_a_programme_holds_together(
    plan_of: PlanOf,
    schools: list[dict[str, Any]],
    told: dict[str, list[dict[str, Any]]] | None,
    choices: dict[str, Any],
    ceiling: int | None,
) -> None:
    """Whole quantities, low ≤ central ≤ high, schools add up to lines, nobody gets more than he is asked for."""
    programme = plan_of(*schools, told=_present(told, len(schools)), ceiling_eur_per_year=ceiling, **choices)
    by_school, lines = programme.by_school, programme.lines

    invested = [programme.ttc(case, "investissement") for case in CASES]
    assert invested == sorted(invested)
    assert ceiling or programme.ttc("low") <= programme.ttc("central") <= programme.ttc("high")
    for name in ("quantity", "ht", "ttc"):
        low, central, high = (by_school[f"{name}_{case}"] for case in CASES)
        assert ((low >= 0) & (low <= central) & (central <= high)).all()
    for case in CASES:
        assert (by_school[f"quantity_{case}"] % 1 == 0).all()
        assert cents(by_school[f"ttc_{case}"].sum()) == programme.ttc(case, "investissement")
    keys = ["item", "nature", "year"]
    bought = lines[lines["section"] == "investissement"].set_index(keys)[AMOUNTS].astype(float)
    assert bought.to_dict("index") == by_school.groupby(keys)[AMOUNTS].sum().astype(float).round(2).to_dict("index")
    assert set(lines["year"]) <= set(programme.years)
    assert not lines.drop(columns="life_years").isna().any(axis=None)
    assert sorted(programme.order) == sorted(UAI[: len(schools)])


AMOUNTS = [f"{name}_{case}" for name in ("quantity", "ht", "ttc") for case in CASES]


@given(schools=SCHOOLS, told=TOLD, choices=CHOICES)
def test_nobody_gets_more_than_the_target(
    plan_of: PlanOf,
    inventory_of: InventoryOf,
    schools: list[dict[str, Any]],
    told: dict[str, list[dict[str, Any]]],
    choices: dict[str, Any],
) -> None:
    """Bought + already there is just what is asked for, for each item that is priced; and renewed is at most that."""
    known = _present(told, len(schools))
    programme = plan_of(*schools, told=known, **choices)
    inventory = inventory_of(*schools, told=known, **choices)
    counted = programme.by_school.groupby(["uai", "item", "nature"])["quantity_central"].sum()
    for uai in inventory.existing.index:
        for item in set(programme.by_school["item"]) - {"prise_reseau", "borne_wifi", "prise_mobile"}:
            need = int(inventory.needs.loc[uai, item])
            there = min(int(inventory.existing.loc[uai, item]), need)
            assert counted.get((uai, item, "achat"), 0) == need - there
            assert counted.get((uai, item, "renouvellement"), 0) <= there


@given(schools=SCHOOLS, told=st.none() | TOLD, choices=CHOICES, ceiling=st.integers(1_000, 60_000))
def test_a_ceiling_moves_and_leaves_out_but_adds_nothing(
    plan_of: PlanOf,
    schools: list[dict[str, Any]],
    told: dict[str, list[dict[str, Any]]] | None,
    choices: dict[str, Any],
    ceiling: int,
) -> None:
    """With and without it, first purchases and what is left out make the same units, school by school, item by item."""
    known = _present(told, len(schools))
    free = plan_of(*schools, told=known, **choices)
    held = plan_of(*schools, told=known, **choices, ceiling_eur_per_year=ceiling)
    left = held.unfunded.groupby(["uai", "item"])["quantity"].sum()

    assert _first(free).to_dict() == _first(held).add(left, fill_value=0).astype(float).to_dict()
    assert free.unfunded.empty
    assert held.order == free.order


def _first(programme: Programme) -> pd.Series:
    first = programme.by_school[programme.by_school["nature"] != "remplacement"]
    return first.groupby(["uai", "item"])["quantity_central"].sum().astype(float)


def _present(told: dict[str, list[dict[str, Any]]] | None, schools: int) -> dict[str, list[dict[str, Any]]] | None:
    """What is told of the schools that there are."""
    names = {*UAI[:schools], "commune"}
    return told and {key: [row for row in rows if row["ecole"] in names] for key, rows in told.items()}
