"""What is there is not bought; it is renewed when its time comes. By hand, through the purchases of a programme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import take_inventory
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.diagnostic.ranges import CASES
from pupitre.diagnostic.socle import socle_needs
from pupitre.law.baremes import Law

PlanOf = Callable[..., Programme]
Row = dict[str, Any]
Purchases = dict[tuple[str, int], tuple[float, ...]]

ALL_TOLD = {"ecole": "A", "inventaire_complet": True}


def device(kind: str, number: int, year: int | None = None, state: str | None = None, school: str = "A") -> Row:
    """A row of the sheet Équipements."""
    return {"ecole": school, "type": kind, "nombre": number, "annee": year, "etat": state}


def purchases(programme: Programme, item: str, school: str = "A") -> Purchases:
    """Nature and year of each purchase of an item → low, central and high quantity; an access point has no price."""
    rows = programme.by_school[(programme.by_school["item"] == item) & (programme.by_school["uai"] == school)]
    return {
        (row["nature"], row["year"]): tuple(row[f"quantity_{case}"] for case in CASES)
        for row in rows.to_dict("records")
    }


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2010, {("renouvellement", 2027): (4, 4, 4)}),  # overdue: at once
        (2018, {("renouvellement", 2027): (4, 4, 4)}),  # due in 2026, before the first budget
        (2019, {("renouvellement", 2027): (4, 4, 4)}),
        (2020, {("renouvellement", 2028): (4, 4, 4)}),
        (2023, {("renouvellement", 2031): (4, 4, 4)}),  # the last of the years compared
        (2024, {}),  # 2032
    ],
)
def test_a_display_is_renewed_eight_years_after_it_was_bought(plan_of: PlanOf, year: int, expected: Purchases) -> None:
    """In its year, at once when that year is past, never when it falls after the years compared; none is missing."""
    told = {"equipements": [device("ecran_interactif", 4, year)]}

    assert purchases(plan_of({}, told=told), "affichage") == expected


@pytest.mark.parametrize(("kind", "year"), [("portable_enseignant", 2028), ("fixe_enseignant", 2029)])
def test_each_device_has_the_life_of_its_type(plan_of: PlanOf, kind: str, year: int) -> None:
    """Bought in 2023: a laptop lives 5 years, a desktop 6; what replaces it is the laptop of the socle, 5 years."""
    programme = plan_of({}, told={"equipements": [device(kind, 4, 2023)]}, horizon_years=8)

    expected = {("renouvellement", year): (4, 4, 4), ("remplacement", year + 5): (4, 4, 4)}
    assert purchases(programme, "poste_enseignant") == {k: v for k, v in expected.items() if k[1] < 2035}


def test_what_is_to_be_replaced_is_renewed_at_once(plan_of: PlanOf) -> None:
    """However new; the others of the same year wait for theirs."""
    told = {
        "equipements": [device("portable_enseignant", 1, 2025, "a_remplacer"), device("portable_enseignant", 3, 2025)]
    }

    assert purchases(plan_of({}, told=told), "poste_enseignant") == {
        ("renouvellement", 2027): (1, 1, 1),
        ("renouvellement", 2030): (3, 3, 3),
    }


def test_what_is_broken_is_missing_and_what_is_unused_is_not(plan_of: PlanOf) -> None:
    """1 of 4 displays is broken: 1 to buy."""
    told = {
        "equipements": [
            device("ecran_interactif", 1, 2025, "en_panne"),
            device("ecran_interactif", 3, 2025, "inutilise"),
        ]
    }

    assert purchases(plan_of({}, told=told), "affichage") == {("achat", 2027): (1, 1, 1)}


def test_what_exceeds_the_need_is_not_renewed_and_the_newest_are_kept(plan_of: PlanOf) -> None:
    """3 displays due in 2024 and 3 due in 2031 for 4 classes: the last 3 serve, and one old one until it is renewed."""
    told = {"equipements": [device("ecran_interactif", 3, 2016), device("ecran_interactif", 3, 2023)]}

    assert purchases(plan_of({}, told=told), "affichage") == {
        ("renouvellement", 2027): (1, 1, 1),
        ("renouvellement", 2031): (3, 3, 3),
    }


def test_a_school_well_equipped_lends_nothing_to_another(plan_of: PlanOf) -> None:
    """8 displays for 4 classes in A, none in B, which is told: 4 to buy in B."""
    told = {
        "equipements": [device("ecran_interactif", 8, 2025)],
        "ecoles": [{"ecole": "B", "inventaire_complet": True}],
    }
    programme = plan_of({}, {}, told=told)

    assert purchases(programme, "affichage") == {}
    assert purchases(programme, "affichage", "B") == {("achat", 2027): (4, 4, 4)}


@pytest.mark.parametrize(
    ("kind", "item", "number", "year"),
    [
        ("portable_enseignant", "poste_enseignant", 4, 2030),  # 2027 + 3, half of 5 rounded up
        ("ecran_interactif", "affichage", 4, 2031),  # 2027 + 4
        ("fixe_enseignant", "poste_enseignant", 4, 2030),  # 2027 + 3
        ("tablette", "tablette", 32, 2029),  # 2027 + 2
    ],
)
def test_an_unknown_age_is_half_a_life(plan_of: PlanOf, kind: str, item: str, number: int, year: int) -> None:
    """In the central and high cases; in the low case it lasts as long as the years compared."""
    programme = plan_of({}, told={"equipements": [device(kind, number)]}, target="montaigne")

    assert purchases(programme, item) == {("renouvellement", year): (0, number, number)}


def test_an_unknown_age_is_never_renewed_in_the_low_case(plan_of: PlanOf) -> None:
    """Over 15 years: 4 laptops, renewed in 2030 and replaced twice in the other cases, never in that one."""
    found = purchases(
        plan_of({}, told={"equipements": [device("portable_enseignant", 4)]}, horizon_years=15), "poste_enseignant"
    )

    assert found == {
        ("renouvellement", 2030): (0, 4, 4),
        ("remplacement", 2035): (0, 4, 4),
        ("remplacement", 2040): (0, 4, 4),
    }


def test_old_devices_whose_age_is_told_are_kept_after_those_of_unknown_age(plan_of: PlanOf) -> None:
    """2 laptops of 2019 and 4 of unknown age for 4 teachers: the old ones are the surplus, in every case."""
    told = {"equipements": [device("portable_enseignant", 2, 2019), device("portable_enseignant", 4)]}

    assert purchases(plan_of({}, told=told), "poste_enseignant") == {("renouvellement", 2030): (0, 4, 4)}


# 132 pupils: 132 × 31.9 / 1000 = 4.2 displays; 132 × 14.4 / 100 = 19.0 computers: 7 teachers, 1 direction, 11 mobiles.
BIG = {"classes": 7, "pupils": 132}


def test_a_school_that_is_not_told_has_nothing_or_the_national_rate(plan_of: PlanOf) -> None:
    """Nothing in the central and high cases; the rate of 2018-2019 in the low one, lasting the years compared."""
    programme = plan_of(BIG, told={}, horizon_years=10)

    assert purchases(programme, "affichage") == {("achat", 2027): (3, 7, 7), ("remplacement", 2035): (3, 7, 7)}
    assert purchases(programme, "poste_enseignant") == {("achat", 2027): (0, 7, 7), ("remplacement", 2032): (0, 7, 7)}
    assert purchases(programme, "appareil_mobile") == {
        ("achat", 2027): (9, 24, 30),
        ("remplacement", 2032): (9, 24, 30),
    }
    assert purchases(programme, "prise_reseau") == {("achat", 2027): (7, 14, 14)}


def test_a_workbook_that_says_nothing_changes_no_purchase(plan_of: PlanOf) -> None:
    """Nor an amount of any case: the same lines as without a workbook."""
    pd.testing.assert_frame_equal(plan_of(BIG, {}, told={}).lines, plan_of(BIG, {}).lines)


def test_the_national_rate_is_that_of_the_schools_that_are_not_told(plan_of: PlanOf) -> None:
    """A is told and has nothing: its pupils bring no supposed device to B, nor does B lend it any."""
    programme = plan_of({**BIG, "uai": "A"}, {**BIG, "uai": "B"}, told={"ecoles": [ALL_TOLD]})

    assert purchases(programme, "affichage") == {("achat", 2027): (7, 7, 7)}
    assert purchases(programme, "affichage", "B") == {("achat", 2027): (3, 7, 7)}


def test_supposed_devices_are_shared_out_in_order(plan_of: PlanOf) -> None:
    """The first school first: 125 pupils have 3 displays (3.98) and 18 computers.

    They make 6 teachers', 2 directions' and 10 mobiles, which fill the first school's low set.
    """
    programme = plan_of({"classes": 3, "pupils": 62}, {"classes": 3, "pupils": 63})

    assert purchases(programme, "affichage") == {("achat", 2027): (0, 3, 3)}
    assert purchases(programme, "affichage", "B") == {("achat", 2027): (3, 3, 3)}
    assert purchases(programme, "appareil_mobile") == {("achat", 2027): (0, 12, 15)}
    assert purchases(programme, "appareil_mobile", "B") == {("achat", 2027): (10, 12, 15)}


def test_supposed_mobiles_fill_the_low_set_of_a_school_then_go_to_the_next(plan_of: PlanOf) -> None:
    """160 pupils have 23 computers: 6 teachers', 2 directions' and 15 mobiles: 10 for the first, 5 for the other."""
    programme = plan_of({"classes": 3, "pupils": 80}, {"classes": 3, "pupils": 80})

    assert purchases(programme, "appareil_mobile") == {("achat", 2027): (0, 12, 15)}
    assert purchases(programme, "appareil_mobile", "B") == {("achat", 2027): (5, 12, 15)}


def test_shared_devices_of_the_commune_are_not_deducted(plan_of: PlanOf) -> None:
    """Nobody knows which school has them: the 12 mobiles of A are still asked for."""
    told = {"ecoles": [ALL_TOLD], "equipements": [device("portable_eleve", 12, 2025, school="commune")]}

    assert purchases(plan_of({}, told=told), "appareil_mobile") == {("achat", 2027): (10, 12, 15)}


def test_tablets_stand_for_shared_devices_unless_these_are_wired(plan_of: PlanOf) -> None:
    """12 tablets of 2025, due in 2029: nothing to buy but 3 in the high case; by cable, all are to buy."""
    told = {"equipements": [device("tablette", 12, 2025)]}

    assert purchases(plan_of({}, told=told), "appareil_mobile") == {
        ("achat", 2027): (0, 0, 3),
        ("renouvellement", 2029): (10, 12, 12),
    }
    wired = plan_of({}, told=told, wifi=False)
    assert purchases(wired, "appareil_mobile") == {("achat", 2027): (10, 12, 15)}
    assert purchases(wired, "prise_mobile") == {("achat", 2027): (10, 12, 15)}


def test_tablets_are_for_classes_where_eight_a_class_are_asked_for(plan_of: PlanOf) -> None:
    """12 of 2025 for 4 classes: 20 to buy, the 12 in 2029, and the 20 again after 4 years."""
    told = {"equipements": [device("tablette", 12, 2025)]}

    assert purchases(plan_of({}, told=told, target="montaigne"), "tablette") == {
        ("achat", 2027): (20, 20, 20),
        ("renouvellement", 2029): (12, 12, 12),
        ("remplacement", 2031): (20, 20, 20),
    }


@pytest.mark.parametrize(
    ("classes", "wired", "missing"),
    [
        (4, 0, (4, 8, 8)),
        (4, 2, (2, 4, 4)),
        (7, 3, (4, 8, 8)),
        (4, 4, ()),
        (4, 9, ()),
        (4, None, (4, 8, 8)),
        (22, 15, (7, 14, 14)),
        (23, 13, (10, 20, 20)),
    ],
)
def test_sockets_are_missing_where_classes_are_not_wired(
    plan_of: PlanOf, classes: int, wired: int | None, missing: tuple[int, ...]
) -> None:
    """One a class in the low case, two in the others; a class wired needs none; not told, all are missing."""
    told = {"ecoles": [ALL_TOLD], "reseau": [{"ecole": "A", "classes_raccordees": wired}]}

    found = purchases(plan_of({"classes": classes}, told=told), "prise_reseau")
    assert found == ({("achat", 2027): missing} if missing else {})


def test_a_network_that_is_told_is_there_before_the_equipment_is(plan_of: PlanOf) -> None:
    """The sheet Réseau is filled, Équipements is not: sockets and Wi-Fi are not asked for again."""
    told = {"reseau": [{"ecole": "A", "classes_raccordees": 4, "wifi": True}]}
    programme = plan_of({}, told=told, **BORNES)

    assert purchases(programme, "prise_reseau") == {}
    assert purchases(programme, "borne_wifi") == {}


BORNES = {"prices": {"prix_borne_wifi": 600}}


def test_wifi_that_is_told_lacks_no_access_point(plan_of: PlanOf) -> None:
    """8 classes, two access points: none is missing, and none falls due as none is listed."""
    told = {"ecoles": [ALL_TOLD], "reseau": [{"ecole": "A", "wifi": True}]}

    assert purchases(plan_of({"classes": 8}, told=told, **BORNES), "borne_wifi") == {}
    assert purchases(plan_of({"classes": 8}, told={"ecoles": [ALL_TOLD]}, **BORNES), "borne_wifi") == {
        ("achat", 2027): (2, 2, 2)
    }


def test_wifi_that_is_told_lacks_none_beside_those_of_the_list(plan_of: PlanOf) -> None:
    """One listed, due in 2028, and Wi-Fi told: the inventory counts the school as covered, and nothing is missing."""
    told = {"equipements": [device("borne_wifi", 1, 2021)], "reseau": [{"ecole": "A", "wifi": True}]}

    assert purchases(plan_of({"classes": 8}, told=told, **BORNES), "borne_wifi") == {
        ("renouvellement", 2028): (1, 1, 1)
    }


def test_access_points_that_cannot_be_cut_are_bought_anew(plan_of: PlanOf) -> None:
    """Two listed, Wi-Fi told, and no way to cut it: two are to buy, none to renew."""
    told = {
        "equipements": [device("borne_wifi", 2, 2020)],
        "reseau": [{"ecole": "A", "wifi": True, "wifi_debrayable": False}],
    }

    assert purchases(plan_of({"classes": 8}, told=told, **BORNES), "borne_wifi") == {("achat", 2027): (2, 2, 2)}


def test_access_points_of_the_list_are_renewed(plan_of: PlanOf) -> None:
    """After 7 years: of 2020, in 2027; the one that is missing is bought."""
    told = {"equipements": [device("borne_wifi", 1, 2020)], "reseau": [{"ecole": "A", "wifi": False}]}

    assert purchases(plan_of({"classes": 8}, told=told, **BORNES), "borne_wifi") == {
        ("achat", 2027): (1, 1, 1),
        ("renouvellement", 2027): (1, 1, 1),
    }


@pytest.mark.parametrize("seen_with_wifi", [True, False])
def test_what_is_there_does_not_depend_on_the_programme_it_was_counted_for(
    schools_of: Callable[..., pd.DataFrame],
    workbook_of: Callable[..., Any],
    law: Law,
    seen_with_wifi: bool,
) -> None:
    """One inventory serves the programme with Wi-Fi and the one without: Wi-Fi told is there in the first.

    16 classes ask for 4 access points, all there, and 32 sockets, 8 classes of 16 being wired.
    """
    schools, quoted = schools_of({"classes": 16}), Assumptions.model_validate(BORNES)
    told = {"ecoles": [ALL_TOLD], "reseau": [{"ecole": "A", "wifi": True, "classes_raccordees": 8}]}
    needs = socle_needs(schools, law, Assumptions(wifi=seen_with_wifi))
    inventory = take_inventory(workbook_of(told), schools, needs, law)

    programme = plan_programme(schools, law, quoted, inventory)
    assert purchases(programme, "prise_reseau") == {("achat", 2027): (8, 16, 16)}
    assert purchases(programme, "borne_wifi") == {}


def test_wifi_that_is_there_is_nothing_to_a_wired_programme(plan_of: PlanOf) -> None:
    """Told or listed, it is neither bought, nor renewed, nor looked after."""
    told = {"equipements": [device("borne_wifi", 2, 2015)], "reseau": [{"ecole": "A", "wifi": True}]}
    wired = plan_of({}, told=told, wifi=False, **BORNES)

    assert "borne_wifi" not in set(wired.lines["item"])
    assert wired.ttc("central") == plan_of({}, told={"ecoles": [ALL_TOLD]}, wifi=False).ttc("central")


def test_a_school_that_has_everything_buys_nothing(plan_of: PlanOf) -> None:
    """All told, all new enough to last, sets at their largest: upkeep alone is left.

    4 displays at 3 253 €, 5 laptops at 539, 4 sets at 100, 12 mobiles of 15 at 518 and a printer at 300 make
    13 012 + 2 695 + 400 + 6 216 + 300 = 22 623 € in service; 5.2 % of it is 1 176.40 € a year.
    """
    rows = [
        device("ecran_interactif", 4, 2026),
        device("portable_enseignant", 4, 2026),
        device("son_et_image", 4, 2026),
        device("portable_eleve", 15, 2026),
        device("poste_direction", 1, 2026),
        device("imprimante", 1, 2026),
    ]
    told = {"equipements": rows, "reseau": [{"ecole": "A", "classes_raccordees": 4, "wifi": True}]}
    programme = plan_of({}, told=told, horizon_years=4)

    assert programme.by_school.empty
    assert programme.lines["nature"].tolist() == ["maintenance"] * 4
    assert programme.lines["ht_central"].tolist() == [1_176.40] * 4
    assert programme.ttc("central", "investissement") == 0
    assert programme.value_left_eur("central") == 0
    assert programme.leaving.empty
