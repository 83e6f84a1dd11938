"""What the commune has, counted by hand from the rows of small workbooks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.catalogue import equipment, items
from pupitre.diagnostic.inventory import FAMILIES, Inventory

InventoryOf = Callable[..., Inventory]
Row = dict[str, Any]

SMALL, MATERNELLE = {"classes": 2}, {"level": "maternelle", "classes": 3, "pupils": 59, "pupils_maternelle": 59}

# Two schools, A of 4 classes and B of 2.
DEVICES: list[Row] = [
    {"ecole": "A", "type": "ecran_interactif", "nombre": 3, "annee": 2020},
    {"ecole": "A", "type": "portable_enseignant", "nombre": 6, "annee": 2024},
    {"ecole": "A", "type": "tablette", "nombre": 6},
    {"ecole": "B", "type": "videoprojecteur", "nombre": 2, "annee": 2014, "etat": "en_service"},
    {"ecole": "B", "type": "imprimante", "nombre": 1, "annee": 2025, "etat": "a_remplacer"},
    {"ecole": "B", "type": "imprimante", "nombre": 1, "annee": 2012, "etat": "en_panne"},
    {"ecole": "commune", "type": "portable_eleve", "nombre": 10, "annee": 2023, "etat": "inutilise"},
]
NETWORK: list[Row] = [
    {"ecole": "A", "ligne": "fibre", "classes_raccordees": 2, "wifi": True},
    {"ecole": "B", "ligne": "cuivre", "wifi": False},
]


@pytest.fixture(scope="module")
def town(inventory_of: InventoryOf) -> Inventory:
    """The two schools."""
    return inventory_of({}, SMALL, told={"equipements": DEVICES, "reseau": NETWORK})


def existing(found: Inventory, school: str = "A") -> dict[str, float]:
    """What a school has of what it is asked for."""
    held = found.existing.loc[school].dropna()
    return {item: float(count) for item, count in held[held > 0].items()}


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("ecran_interactif", 2028),
        ("videoprojecteur", 2028),
        ("portable_eleve", 2025),
        ("fixe_enseignant", 2026),
        ("tablette", 2024),
        ("imprimante", 2025),
        ("borne_wifi", 2027),
        ("commutateur", 2027),
        ("autre", 2025),
    ],
)
def test_a_device_is_due_at_the_end_of_its_life(inventory_of: InventoryOf, kind: str, due: int) -> None:
    """Bought in 2020: a screen lives 8 years, a laptop 5, a desktop 6, a tablet 4, a printer 5, an access point 7."""
    found = inventory_of({}, told={"equipements": [{"ecole": "A", "type": kind, "nombre": 1, "annee": 2020}]})

    assert found.devices["due_year"].tolist() == [due]


@pytest.mark.parametrize("year", [2012, 2026, None])
def test_what_is_to_be_replaced_is_due_now(inventory_of: InventoryOf, year: int | None) -> None:
    """This year, new or old or of unknown age; it is usable until then."""
    worn = {"ecole": "A", "type": "ecran_interactif", "nombre": 1, "annee": year, "etat": "a_remplacer"}
    found = inventory_of({}, told={"equipements": [worn]})

    assert found.devices["due_year"].tolist() == [2026]
    assert existing(found) == {"affichage": 1}


def test_an_unknown_age_gives_no_year(inventory_of: InventoryOf) -> None:
    """NA, not a guess."""
    found = inventory_of({}, told={"equipements": [{"ecole": "A", "type": "tablette", "nombre": 12}]})

    assert found.devices["due_year"].isna().all()
    assert existing(found) == {"appareil_mobile": 12}


@pytest.mark.parametrize(
    ("state", "count"), [("en_service", 1), ("inutilise", 1), ("a_remplacer", 1), (None, 1), ("en_panne", 0)]
)
def test_a_broken_device_is_not_there_and_an_unused_one_is(
    inventory_of: InventoryOf, state: str | None, count: int
) -> None:
    """An unused display works: it is in the school, and among its computers."""
    row = {"ecole": "A", "type": "portable_enseignant", "nombre": 1, "annee": 2024, "etat": state}
    found = inventory_of({}, told={"equipements": [row]})

    assert existing(found).get("poste_enseignant", 0) == count
    assert found.schools.loc["A", "ordinateur"] == count
    assert found.terminals == count
    assert found.by_due_year(2026).to_numpy().sum() == count


def test_what_each_school_has(town: Inventory) -> None:
    """A: 2 classes wired of 4 make 4 sockets of 8; Wi-Fi told, so its access point is there. B: one printer works."""
    assert existing(town) == {
        "affichage": 3, "poste_enseignant": 6, "prise_reseau": 4, "appareil_mobile": 6, "borne_wifi": 1,
    }  # fmt: skip
    assert existing(town, "B") == {"affichage": 2, "imprimante": 1}


def test_shared_devices_are_no_school_s(town: Inventory) -> None:
    """The 10 laptops of the commune stand for no school's mobiles, and are looked after all the same: 6 + 6 + 10."""
    assert "appareil_mobile" not in existing(town, "B")
    assert town.terminals == 22
    assert town.devices["item"].iloc[-1] == ""


def test_coverage_of_a_school(town: Inventory) -> None:
    """The mean over the items that are asked for and told of, each at one at most.

    A: 3/4 displays, 6/4 posts (one), no sound, 4/8 sockets, 6/12 mobiles, Wi-Fi, no direction, no printer: 3.75/8.
    B: 2/2 displays, a printer; posts, sound, mobiles, Wi-Fi, direction at nought; wired classes are not told: 2/7.
    """
    assert town.schools["coverage"].tolist() == [pytest.approx(3.75 / 8), pytest.approx(2 / 7)]


def test_coverage_of_the_commune(town: Inventory) -> None:
    """Each item over both schools, A's spare posts not lent to B, B's sockets out of the count as they are not told."""
    assert town.item_coverage.to_dict() == pytest.approx(
        {
            "affichage": 5 / 6,
            "poste_enseignant": 4 / 6,
            "son_et_image": 0,
            "prise_reseau": 4 / 8,
            "appareil_mobile": 6 / 24,
            "borne_wifi": 1 / 2,
            "poste_direction": 0,
            "imprimante": 1 / 2,
        }
    )
    assert town.coverage == pytest.approx(3.25 / 8)


def test_a_school_that_is_not_told_is_not_an_empty_one(inventory_of: InventoryOf) -> None:
    """A says nothing, B says that it has nothing, C says one thing without saying all."""
    told = {
        "ecoles": [{"ecole": "A", "inventaire_complet": False}, {"ecole": "B", "inventaire_complet": True}],
        "equipements": [{"ecole": "C", "type": "imprimante", "nombre": 1, "annee": 2024}],
        "reseau": [{"ecole": school, "classes_raccordees": 0} for school in "ABC"],
    }
    found = inventory_of({}, {}, {}, told=told)

    assert found.schools["known"].tolist() == [False, True, True]
    assert found.schools["complete"].tolist() == [False, True, False]
    assert found.schools["coverage"].isna().tolist() == [True, False, False]
    assert found.schools["coverage"].tolist()[1:] == [0, 1 / 8]
    assert found.schools["ordinateur"].isna().tolist() == [True, False, False]
    assert found.existing.index.tolist() == ["B", "C"]
    assert found.item_coverage["imprimante"] == 1 / 2


def test_nothing_told_is_nothing_known(inventory_of: InventoryOf) -> None:
    """An empty workbook: no coverage, no technician, nobody served, and nothing fails."""
    found = inventory_of({}, MATERNELLE, told={})

    assert not found.schools["known"].any()
    assert (found.coverage, found.technicians, found.repair_days, found.referent_hours) == (None, None, None, None)
    assert (found.terminals, found.terminals_per_technician) == (0, None)
    assert found.item_coverage.empty
    assert found.by_due_year(2026).to_numpy().sum() == 0
    assert found.lines["status"].tolist() == ["unmeasured", "unmeasured"]
    assert dict(found.served) == {"internet": frozenset()}


def test_a_maternelle_is_covered_by_its_own_items(inventory_of: InventoryOf) -> None:
    """A mobile projector serves a maternelle, and no class of an élémentaire."""
    mobile = {"type": "videoprojecteur_mobile", "nombre": 1, "annee": 2022}
    told = {"equipements": [{"ecole": "A", **mobile}, {"ecole": "B", **mobile}]}
    found = inventory_of({}, MATERNELLE, told=told)

    assert existing(found) == {}
    assert existing(found, "B") == {"affichage_maternelle": 1}
    assert found.schools.loc["B", "coverage"] == 1 / 2


@pytest.mark.parametrize(
    ("assumptions", "item"),
    [
        ({}, "appareil_mobile"),
        ({"target": "montaigne"}, "tablette"),
        ({"wifi": False}, ""),
        ({"wifi": False, "target": "montaigne"}, ""),
        ({"targets": {"appareil_mobile": 0}}, ""),
        ({"targets": {"tablette": 1}}, "tablette"),
    ],
)
def test_what_a_tablet_stands_for(inventory_of: InventoryOf, assumptions: dict[str, object], item: str) -> None:
    """A tablet where tablets are asked for, else a shared device, and nothing where those are wired, or not asked."""
    row = {"ecole": "A", "type": "tablette", "nombre": 12, "annee": 2025}
    found = inventory_of({}, told={"equipements": [row]}, **assumptions)

    assert found.devices["item"].tolist() == [item]
    assert found.terminals == 12


def test_a_wired_laptop_still_stands_for_a_shared_device(inventory_of: InventoryOf) -> None:
    """It has a socket; a pupil's desktop stands for none: it does not move."""
    rows = [
        {"ecole": "A", "type": "portable_eleve", "nombre": 4, "annee": 2025},
        {"ecole": "A", "type": "fixe_eleve", "nombre": 9, "annee": 2025},
    ]

    for wifi in (True, False):
        assert existing(inventory_of({}, told={"equipements": rows}, wifi=wifi)) == {"appareil_mobile": 4}


def test_sockets_of_shared_devices_are_not_told(inventory_of: InventoryOf) -> None:
    """The workbook does not ask for them: in a wired programme they are neither there nor missing from the coverage."""
    told = {"equipements": [{"ecole": "A", "type": "portable_eleve", "nombre": 12, "annee": 2025}]}
    found = inventory_of({}, told=told, wifi=False)

    assert pd.isna(found.existing.loc["A", "prise_mobile"])
    assert "prise_mobile" not in found.item_coverage
    assert found.schools.loc["A", "coverage"] == pytest.approx(
        1 / 6
    )  # displays, posts, sound, mobiles, direction, printer


@pytest.mark.parametrize(("wired", "sockets"), [(0, 0), (1, 2), (4, 8), (9, 8), (None, None)])
def test_sockets_follow_the_wired_classes(inventory_of: InventoryOf, wired: int | None, sockets: float | None) -> None:
    """Two a class, 4 classes at most; not told, they are neither there nor missing."""
    told = {
        "ecoles": [{"ecole": "A", "inventaire_complet": True}],
        "reseau": [{"ecole": "A", "classes_raccordees": wired}],
    }
    found = inventory_of({}, told=told).existing.loc["A", "prise_reseau"]

    assert pd.isna(found) if sockets is None else found == sockets


@pytest.mark.parametrize(
    ("wifi", "listed", "there"), [(True, 0, 2), (True, 1, 2), (False, 1, 1), (None, 3, 3), (None, 0, 0)]
)
def test_wifi_that_is_told_lacks_no_access_point(
    inventory_of: InventoryOf, wifi: bool | None, listed: int, there: int
) -> None:
    """8 classes are two sets, so two access points; otherwise those of the list are counted."""
    rows = [{"ecole": "A", "type": "borne_wifi", "nombre": listed, "annee": 2025}] if listed else []
    told = {
        "ecoles": [{"ecole": "A", "inventaire_complet": True}],
        "equipements": rows,
        "reseau": [{"ecole": "A", "wifi": wifi}],
    }

    assert inventory_of({"classes": 8}, told=told).existing.loc["A", "borne_wifi"] == there


@pytest.mark.parametrize(("cut", "there"), [(True, 2), (None, 2), (False, 0)])
def test_wifi_that_cannot_be_cut_is_none(inventory_of: InventoryOf, cut: bool | None, there: int) -> None:
    """Law of 2015: it is off when it does not serve; not told, it is supposed to be."""
    told = {
        "equipements": [{"ecole": "A", "type": "borne_wifi", "nombre": 2, "annee": 2025}],
        "reseau": [{"ecole": "A", "wifi": True, "wifi_debrayable": cut}],
    }

    assert inventory_of({"classes": 8}, told=told).existing.loc["A", "borne_wifi"] == there


# 30 classes: 30 teachers, 8 sets of 12 and the direction make 127 terminals. 4 classes: 4 + 12 + 1 = 17.
@pytest.mark.parametrize(
    ("classes", "tablets", "users", "need"),
    [(4, 0, 17, 100), (30, 0, 127, 127), (4, 100, 100, 100), (4, 150, 150, 150)],
)
def test_what_a_line_must_carry(inventory_of: InventoryOf, classes: int, tablets: int, users: int, need: float) -> None:
    """100 Mbit/s, or one by user when that is more: the terminals of the target, or those there when they are more."""
    rows = [{"ecole": "A", "type": "tablette", "nombre": tablets}] if tablets else []
    [line] = inventory_of({"classes": classes}, told={"equipements": rows}).lines.to_dict("records")

    assert (line["users"], line["need_down"], line["need_up"]) == (users, need, 30)


def test_broken_and_shared_devices_use_no_line(inventory_of: InventoryOf) -> None:
    """Nor printers and displays; a maternelle has one user, its direction."""
    rows: list[Row] = [
        {"ecole": "A", "type": "tablette", "nombre": 150, "etat": "en_panne"},
        {"ecole": "commune", "type": "tablette", "nombre": 150},
        {"ecole": "A", "type": "ecran_interactif", "nombre": 150},
        {"ecole": "B", "type": "imprimante", "nombre": 9},
    ]

    assert inventory_of({}, MATERNELLE, told={"equipements": rows}).lines["users"].tolist() == [17, 1]


@pytest.mark.parametrize(
    ("line", "down", "up", "status"),
    [
        ("aucune", None, None, "none"),
        ("aucune", 500, 500, "none"),
        ("fibre", None, None, "unmeasured"),
        ("fibre", None, 50, "unmeasured"),
        (None, None, None, "unmeasured"),
        ("fibre", 100, 30, "enough"),
        ("fibre", 99.9, 30, "short"),
        ("fibre", 100, 29.9, "short"),
        ("fibre", 0, 0, "short"),
        ("fibre", 100, None, "enough"),
        (None, 300, 300, "enough"),
    ],
)
def test_the_state_of_a_line(
    inventory_of: InventoryOf, line: str | None, down: float | None, up: float | None, status: str
) -> None:
    """None, unmeasured, short of the need either way, or enough; a rate that is just the need is enough."""
    told = {"reseau": [{"ecole": "A", "ligne": line, "debit_descendant": down, "debit_montant": up}]}

    assert inventory_of({}, told=told).lines["status"].tolist() == [status]


def test_a_crowded_school_needs_more_than_the_minimum(inventory_of: InventoryOf) -> None:
    """127 terminals: 120 Mbit/s are short, and would be enough for fewer."""
    told = {
        "reseau": [{"ecole": school, "ligne": "fibre", "debit_descendant": 120, "debit_montant": 50} for school in "AB"]
    }

    assert inventory_of({"classes": 30}, {"classes": 20}, told=told).lines["status"].tolist() == ["short", "enough"]


def test_the_maintenance_load(inventory_of: InventoryOf) -> None:
    """9 + 12 terminals for 0.2 + 0.1 technician: 70 each; the longest delay is the one to expect."""
    rows: list[Row] = [
        {"ecole": "A", "type": "fixe_eleve", "nombre": 9},
        {"ecole": "commune", "type": "tablette", "nombre": 12},
        {"ecole": "A", "type": "tablette", "nombre": 5, "etat": "en_panne"},
        {"ecole": "A", "type": "imprimante", "nombre": 5},
    ]
    services: list[Row] = [
        {"service": "maintenance", "ecole": "A", "etp": 0.2, "delai": 2},
        {"service": "maintenance", "ecole": "commune", "etp": 0.1, "delai": 10},
        {"service": "maintenance", "ecole": "commune"},
        {"service": "parc", "ecole": "commune", "etp": 3, "delai": 90},
    ]
    found = inventory_of({}, told={"equipements": rows, "services": services})

    assert (found.terminals, found.technicians, found.repair_days) == (21, pytest.approx(0.3), 10)
    assert found.terminals_per_technician == pytest.approx(70)


def test_no_technician_is_no_load(inventory_of: InventoryOf) -> None:
    """Nought full-time equivalent divides nothing; it is told, unlike none."""
    rows = [{"ecole": "A", "type": "tablette", "nombre": 12}]
    none = inventory_of(
        {}, told={"equipements": rows, "services": [{"service": "maintenance", "ecole": "A", "etp": 0}]}
    )

    assert (none.technicians, none.terminals_per_technician) == (0, None)


def test_hours_of_the_referents_add_up(inventory_of: InventoryOf) -> None:
    """Those of référents only; hours told as nought are not hours unknown."""
    contacts: list[Row] = [
        {"role": "referent", "ecole": "A", "heures": 36},
        {"role": "referent", "ecole": "B", "heures": 18.5},
        {"role": "referent"},
        {"role": "direction", "ecole": "A", "heures": 100},
    ]

    assert inventory_of({}, {}, told={"contacts": contacts}).referent_hours == 54.5
    assert inventory_of({}, told={"contacts": contacts[2:]}).referent_hours is None
    assert inventory_of({}, told={"contacts": [{"role": "referent", "heures": 0}]}).referent_hours == 0


def test_who_is_served(inventory_of: InventoryOf) -> None:
    """A service of the commune serves all its schools; a line that exists is a subscription; « aucune » is none.

    D pays for a line that is too slow: it is not served.
    """
    told = {
        "services": [
            {"service": "ent", "ecole": "commune"},
            {"service": "ressources", "ecole": "B"},
            {"service": "internet", "ecole": "C"},
            {"service": "internet", "ecole": "D"},
        ],
        "reseau": [
            {"ecole": "A", "ligne": "fibre"},
            {"ecole": "B", "ligne": "aucune"},
            {"ecole": "C"},
            {"ecole": "D", "ligne": "cuivre", "debit_descendant": 6},
        ],
    }
    served = inventory_of({}, {}, {}, {}, told=told).served

    assert served == {"ent": frozenset("ABCD"), "ressources": frozenset("B"), "internet": frozenset("AC")}


def test_years_in_which_devices_are_due(inventory_of: InventoryOf) -> None:
    """What is overdue is due now; printers are not drawn; every year is there, then 0: age not known."""
    rows: list[Row] = [
        {"ecole": "A", "type": "ecran_interactif", "nombre": 2, "annee": 2010},
        {"ecole": "A", "type": "videoprojecteur", "nombre": 1, "annee": 2018},
        {"ecole": "commune", "type": "portable_eleve", "nombre": 6, "annee": 2025},
        {"ecole": "A", "type": "tablette", "nombre": 12},
        {"ecole": "A", "type": "tablette", "nombre": 3, "annee": 2025, "etat": "a_remplacer"},
        {"ecole": "A", "type": "tablette", "nombre": 99, "annee": 2025, "etat": "en_panne"},
        {"ecole": "A", "type": "imprimante", "nombre": 9, "annee": 2025},
    ]
    found = inventory_of({}, told={"equipements": rows}).by_due_year(2026)

    assert found.index.tolist() == [2026, 2027, 2028, 2029, 2030, 0]
    counted = {(int(year), family): int(count) for (year, family), count in found.stack().items() if count}
    assert counted == {(2026, "affichage"): 3, (2030, "ordinateur"): 6, (0, "tablette"): 12, (2026, "tablette"): 3}


def test_the_commune_s_own_count_of_classes_makes_the_needs(inventory_of: InventoryOf) -> None:
    """5 classes this year, 4 published: 5 wired classes are all wired."""
    told = {
        "ecoles": [{"ecole": "A", "classes": 5, "inventaire_complet": True}],
        "reseau": [{"ecole": "A", "classes_raccordees": 5}],
    }
    found = inventory_of({}, told=told)

    assert found.needs.loc["A", "affichage"] == 5
    assert found.existing.loc["A", "prise_reseau"] == 10


def test_a_private_school_left_out_is_left_out_of_the_count(inventory_of: InventoryOf) -> None:
    """The commune does not look after its devices; they count when the school is in the programme (L. 442-5)."""
    private = {"sector": "prive_sous_contrat"}
    told = {"equipements": [{"ecole": school, "type": "tablette", "nombre": 5} for school in "AB"]}

    assert inventory_of({}, private, told=told, include_private=True).terminals == 10
    assert inventory_of({}, private, told=told).terminals == 5


@pytest.mark.parametrize("family", FAMILIES)
def test_families_are_those_of_the_catalogue(family: str) -> None:
    """Each has a type at least."""
    assert family in {kind.family for kind in equipment().values()}


SCHOOLS = st.lists(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(["maternelle", "elementaire", "primaire"]),
            "classes": st.integers(0, 20),
            "pupils": st.integers(20, 500),
            "pupils_maternelle": st.none() | st.integers(0, 20),
        }
    ),
    min_size=1,
    max_size=3,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "ecole": st.sampled_from(["A", "B", "C", "commune"]),
            "type": st.sampled_from(list(equipment())),
            "nombre": st.integers(1, 60),
            "annee": st.none() | st.integers(2000, 2026),
            "etat": st.sampled_from([None, "en_service", "inutilise", "en_panne", "a_remplacer"]),
        }
    ),
    max_size=8,
)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "ecole": st.sampled_from(["A", "B", "C"]),
            "classes_raccordees": st.none() | st.integers(0, 30),
            "wifi": st.none() | st.booleans(),
            "debit_descendant": st.none() | st.floats(0, 1000),
        }
    ),
    max_size=3,
    unique_by=lambda row: str(row["ecole"]),
)


@given(schools=SCHOOLS, rows=ROWS, lines=LINES, wifi=st.booleans(), target=st.sampled_from(["socle", "montaigne"]))
def test_coverage_is_a_share(
    inventory_of: InventoryOf, schools: list[Row], rows: list[Row], lines: list[Row], wifi: bool, target: str
) -> None:
    """Of each school, of each item and of the commune: between nought and one, whatever is listed."""
    present = {"ABC"[rank] for rank in range(len(schools))} | {"commune"}
    told = {
        "equipements": [row for row in rows if row["ecole"] in present],
        "reseau": [row for row in lines if row["ecole"] in present],
    }
    found = inventory_of(*schools, told=told, wifi=wifi, target=target)

    shares = [*found.schools["coverage"].dropna(), *found.item_coverage, found.coverage or 0]
    assert all(0 <= share <= 1 for share in shares)
    assert set(found.item_coverage.index) <= set(items())
    assert (found.existing.fillna(0) >= 0).all(axis=None)
    assert (found.lines["need_down"] >= 100).all()
    assert found.terminals == sum(
        row["nombre"]
        for row in told["equipements"]
        if row["etat"] != "en_panne" and equipment()[row["type"]].family in ("ordinateur", "tablette")
    )


def test_now_is_the_day_of_the_study(inventory_of: InventoryOf) -> None:
    """To be replaced in 2023, seen from 2023."""
    told = {"equipements": [{"ecole": "A", "type": "tablette", "nombre": 1, "annee": 2021, "etat": "a_remplacer"}]}

    assert inventory_of({}, told=told, on=date(2023, 6, 1)).devices["due_year"].tolist() == [2023]
