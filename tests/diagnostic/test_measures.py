"""What the inventory proves of maturity, step by step, in schools of a few rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pupitre.data.sheets import maturity_points
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.measures import measured_steps
from pupitre.law import baremes
from pupitre.study import Study

Row = dict[str, Any]
StepsOf = Callable[..., pd.DataFrame]
NA = None
COMPLETE: list[Row] = [{"ecole": uai, "inventaire_complet": True} for uai in "AB"]


@pytest.fixture(scope="module")
def steps_of(workbook_of: Callable[..., Workbook], inventory_of: Callable[..., Inventory]) -> StepsOf:
    """The measured steps of schools from the rows of their workbook: `steps_of(school, told={…})`."""

    def _steps(*schools: Row, told: dict[str, list[Row]], **assumptions: object) -> pd.DataFrame:
        inventory = inventory_of(*(schools or ({},)), told=told, **assumptions)
        return measured_steps(workbook_of(told), inventory, 2026)

    return _steps


def step(steps: pd.DataFrame, point: str, place: str = "A") -> float | None:
    """The step of a point in a place, 0 for « sans objet », None when it is not known."""
    found = steps.loc[point, place]
    return None if pd.isna(found) else float(found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({}, NA),
        ({"ligne": "aucune"}, 1),
        ({"ligne": "fibre"}, NA),
        ({"ligne": "fibre", "debit_montant": 300}, NA),
        ({"ligne": "cuivre", "debit_descendant": 99, "debit_montant": 300}, 2),
        ({"ligne": "fibre", "debit_descendant": 500, "debit_montant": 29}, 2),
        ({"ligne": "fibre", "debit_descendant": 100}, 3),
        ({"ligne": "fibre", "debit_descendant": 100, "debit_montant": 30}, 3),
        ({"ligne": "fibre", "debit_descendant": 199, "debit_montant": 300}, 3),
        ({"ligne": "fibre", "debit_descendant": 500, "debit_montant": 59}, 3),
        ({"ligne": "fibre", "debit_descendant": 200, "debit_montant": 60}, 4),
        ({"debit_descendant": 9000, "debit_montant": 9000}, 4),
    ],
)
def test_a_line_is_judged_by_its_worst_way_against_the_need(steps_of: StepsOf, line: Row, expected: float) -> None:
    """A school of 4 classes needs 100 Mbit/s down, 30 up: 1 without a line, 2 short, 3 enough, 4 at twice the need."""
    assert step(steps_of(told={"reseau": [{"ecole": "A", **line}]}), "debit") == expected


@pytest.mark.parametrize(("wired", "expected"), [(NA, NA), (0, 1), (1, 2), (3, 2), (4, 3), (9, 3)])
def test_wired_classes(steps_of: StepsOf, wired: int | None, expected: float) -> None:
    """None, some or all of 4 classes."""
    told: dict[str, list[Row]] = {
        "ecoles": [{"ecole": "A", "inventaire_complet": True}],
        "reseau": [{"ecole": "A", "classes_raccordees": wired}],
    }

    assert step(steps_of(told=told), "raccordement") == expected


@pytest.mark.parametrize(
    ("wifi", "cut", "told", "expected"),
    [
        (True, True, True, 3),
        (True, True, False, 2),
        (True, False, True, 2),
        (True, False, False, 1),
        (True, True, NA, NA),
        (True, NA, False, NA),
        (NA, True, True, NA),
        (False, NA, NA, 0),
        (False, True, True, 0),
    ],
)
def test_a_wifi_that_is_cut_and_of_which_the_council_knows(
    steps_of: StepsOf, wifi: bool | None, cut: bool | None, told: bool | None, expected: float
) -> None:
    """One step for each of the two duties; without Wi-Fi there is none, and what is not known stays so."""
    row = {"ecole": "A", "wifi": wifi, "wifi_debrayable": cut, "conseil_informe": told}

    assert step(steps_of(told={"reseau": [row]}), "wifi") == expected


@pytest.mark.parametrize(
    ("filtered", "charter", "expected"),
    [(True, True, 3), (True, False, 2), (False, True, 2), (False, False, 1), (True, NA, NA), (NA, False, NA)],
)
def test_a_filter_and_a_charter(
    steps_of: StepsOf, filtered: bool | None, charter: bool | None, expected: float
) -> None:
    """One step for each."""
    row = {"ecole": "A", "filtrage": filtered, "charte": charter}

    assert step(steps_of(told={"reseau": [row]}), "filtrage") == expected


@pytest.mark.parametrize(
    ("kind", "point", "whole"),
    [
        ("ecran_interactif", "affichage", 4),
        ("videoprojecteur", "affichage", 4),
        ("portable_enseignant", "poste_enseignant", 4),
        ("portable_eleve", "mobiles", 12),
        ("tablette", "mobiles", 12),
    ],
)
def test_equipment_is_none_some_or_all_of_what_the_school_needs(
    steps_of: StepsOf, kind: str, point: str, whole: int
) -> None:
    """4 classes need 4 displays, 4 posts, a lot of 12 mobiles; more proves no more; broken ones are none."""

    def measured(count: int, state: str = "en_service") -> float | None:
        rows = [{"ecole": "A", "type": kind, "nombre": count, "etat": state}]
        return step(steps_of(told={"ecoles": COMPLETE[:1], "equipements": rows}), point)

    assert [measured(1), measured(whole - 1), measured(whole), measured(2 * whole)] == [2, 2, 3, 3]
    assert measured(whole, "en_panne") == 1


def test_equipment_that_is_not_told_is_not_known(steps_of: StepsOf) -> None:
    """B says nothing; A says that it has nothing."""
    steps = steps_of({}, {}, told={"ecoles": [{"ecole": "A", "inventaire_complet": True}]})

    assert [step(steps, point) for point in ("affichage", "poste_enseignant", "mobiles", "direction")] == [1, 1, 1, 1]
    assert [step(steps, point, "B") for point in ("affichage", "mobiles", "direction", "raccordement")] == [NA] * 4


@pytest.mark.parametrize(("complete", "expected"), [(False, [NA, NA, 3, 3]), (True, [1, 2, 3, 3])])
def test_an_incomplete_list_proves_only_that_all_is_there(
    steps_of: StepsOf, complete: bool, expected: list[float | None]
) -> None:
    """0, 3, 4 and 5 displays in a school of 4 classes, which has a tablet too."""
    school: list[Row] = [{"ecole": "A", "inventaire_complet": complete}]
    tablet: Row = {"ecole": "A", "type": "tablette", "nombre": 1}
    found = [
        steps_of(
            told={"ecoles": school, "equipements": [tablet, {**tablet, "type": "videoprojecteur", "nombre": count}]}
        )
        for count in (0, 3, 4, 5)
    ]

    assert [step(steps, "affichage") for steps in found] == expected


def test_wired_classes_are_counted_beside_an_incomplete_list(steps_of: StepsOf) -> None:
    """Their sheet is Réseau: 3 of 4, then 4 of 4."""
    tablets: list[Row] = [{"ecole": "A", "type": "tablette", "nombre": 1}]
    found = [
        steps_of(told={"equipements": tablets, "reseau": [{"ecole": "A", "classes_raccordees": wired}]})
        for wired in (3, 4)
    ]

    assert [step(steps, "raccordement") for steps in found] == [2, 3]


def test_a_maternelle_is_asked_for_a_direction_post_only(steps_of: StepsOf) -> None:
    """Displays by class, teachers' posts, mobiles and sockets are asked of the classes from CP to CM2."""
    rows = [{"ecole": "A", "type": "poste_direction", "nombre": 1}]
    steps = steps_of({"level": "maternelle", "pupils_maternelle": 88}, told={"equipements": rows})

    assert step(steps, "direction") == 3
    assert [step(steps, one) for one in ("affichage", "poste_enseignant", "mobiles", "raccordement")] == [0, 0, 0, 0]


def test_what_the_target_of_the_charter_asks_for_counts_as_mobiles(steps_of: StepsOf) -> None:
    """Montaigne: 8 tablets a class, 32 for 4 classes: 31 are some, 32 are all."""
    rows = [{"ecole": "A", "type": "tablette", "nombre": count, "annee": 2025} for count in (31, 32)]
    found = [steps_of(told={"ecoles": COMPLETE[:1], "equipements": [row]}, target="montaigne") for row in rows]

    assert [step(steps, "mobiles") for steps in found] == [2, 3]


def test_spare_laptops_do_not_make_up_for_missing_tablets(steps_of: StepsOf) -> None:
    """A commune that wants both: 60 laptops, and no tablet, are some of what it wants."""
    rows = [{"ecole": "A", "type": "portable_eleve", "nombre": 60}]
    told = {"ecoles": COMPLETE[:1], "equipements": rows}
    steps = steps_of(told=told, targets={"appareil_mobile": 3, "tablette": 8})

    assert step(steps, "mobiles") == 2


@pytest.mark.parametrize(
    ("old", "young", "expected"), [(10, 0, 1), (71, 29, 1), (7, 3, 2), (41, 59, 2), (4, 6, 3), (11, 89, 3), (1, 9, 4)]
)
def test_the_age_of_equipment(steps_of: StepsOf, old: int, young: int, expected: float) -> None:
    """A laptop lives 5 years: of 2021 it is due in 2026, of 2022 it is not. Steps at 30, 60 and 90 % not yet due."""
    rows = [
        {"ecole": "A", "type": "portable_eleve", "nombre": count, "annee": year}
        for count, year in ((old, 2021), (young, 2022))
        if count
    ]

    assert step(steps_of(told={"equipements": rows}), "age") == expected


@pytest.mark.parametrize(("unknown", "expected"), [(4, 4), (5, NA)])
def test_an_age_is_judged_when_it_is_known_of_enough_devices(
    steps_of: StepsOf, unknown: int, expected: float | None
) -> None:
    """6 new laptops of 10 make 60 % known, all young; 6 of 11 make 55 %: nothing is said. Broken ones do not count."""
    rows: list[Row] = [
        {"ecole": "A", "type": "portable_eleve", "nombre": 6, "annee": 2025},
        {"ecole": "A", "type": "portable_eleve", "nombre": unknown},
        {"ecole": "A", "type": "portable_eleve", "nombre": 50, "annee": 2010, "etat": "en_panne"},
    ]

    assert step(steps_of(told={"equipements": rows}), "age") == expected


def test_a_worn_device_is_old(steps_of: StepsOf) -> None:
    """Of 2025, and to be replaced."""
    rows = [{"ecole": "A", "type": "portable_eleve", "nombre": 2, "annee": 2025, "etat": "a_remplacer"}]

    assert step(steps_of(told={"equipements": rows}), "age") == 1


@pytest.mark.parametrize(("service", "point"), [("ent", "ent"), ("ressources", "ressources_pedagogiques")])
def test_a_service_is_there_or_not_once_services_are_told(steps_of: StepsOf, service: str, point: str) -> None:
    """An empty sheet says nothing; one row for A says that B, complete, has none; one for the commune serves both."""
    nothing, one, all_of = (
        steps_of({}, {}, told={"ecoles": COMPLETE, "services": [{"service": service, "ecole": place} for place in of]})
        for of in ((), ("A",), ("commune",))
    )

    assert [step(nothing, point, place) for place in "AB"] == [NA, NA]
    assert [step(one, point, place) for place in "AB"] == [3, 1]
    assert [step(all_of, point, place) for place in "AB"] == [3, 3]


@pytest.mark.parametrize(("service", "point"), [("ent", "ent"), ("ressources", "ressources_pedagogiques")])
def test_a_service_that_is_not_listed_may_be_there(steps_of: StepsOf, service: str, point: str) -> None:
    """A has it, complete or not; B is told of and not complete, C is not told of."""
    told: dict[str, list[Row]] = {
        "equipements": [{"ecole": "B", "type": "tablette", "nombre": 1}],
        "services": [{"service": service, "ecole": "A"}],
    }
    steps = steps_of({}, {}, {}, told=told)

    assert [step(steps, point, place) for place in "ABC"] == [3, NA, NA]


@pytest.mark.parametrize(
    ("hours", "expected"), [(NA, NA), (0, 1), (0.5, 2), (5.9, 2), (6, 3), (11.9, 3), (12, 4), (90, 4)]
)
def test_hours_of_training(steps_of: StepsOf, hours: float | None, expected: float | None) -> None:
    """None, some, 6 and 12 hours a teacher."""
    assert step(steps_of(told={"competences": [{"ecole": "A", "heures": hours}]}), "formation") == expected


@pytest.mark.parametrize(("people", "expected"), [(NA, NA), (0, 1), (1, 3), (9, 3)])
def test_agents_are_trained_or_not(steps_of: StepsOf, people: int | None, expected: float | None) -> None:
    """There is no half-way."""
    assert step(steps_of(told={"competences": [{"ecole": "A", "agents": people}]}), "agents") == expected


FREQUENCIES = [(NA, NA), ("absente", 1), ("jamais", 1), ("rarement", 2), ("mois", 2), ("semaine", 3), ("jour", 4)]


@pytest.mark.parametrize(("often", "expected"), FREQUENCIES)
def test_how_often_teachers_use_it(steps_of: StepsOf, often: str | None, expected: float | None) -> None:
    """Never, less than weekly, every week, every day."""
    assert step(steps_of(told={"usages": [{"ecole": "A", "affichage": often}]}), "usage_enseignant") == expected


@pytest.mark.parametrize(("often", "expected"), FREQUENCIES)
def test_how_often_pupils_use_it_is_the_most_used_of_two(
    steps_of: StepsOf, often: str | None, expected: float | None
) -> None:
    """Mobiles, or the computer room; when one of them is not told, neither is their use."""
    rows = ({"mobiles": often, "salle": "jamais"}, {"mobiles": "absente", "salle": often})

    found = [step(steps_of(told={"usages": [{"ecole": "A", **row}]}), "usage_eleves") for row in rows]
    assert found == [expected, expected]


def contact(*roles: str, name: str | None = "Exemple") -> dict[str, list[Row]]:
    """The sheet Contacts of people who hold these roles."""
    return {"contacts": [{"role": role, "nom": name, "heures": 10} for role in roles]}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, NA),
        (contact("elu", "erun", "referent", name=None), NA),
        (contact("direction"), 1),
        (contact("direction", "elu"), 2),
        (contact("elu", "referent", "referent"), 2),
        (contact("elu", "referent", "erun"), 3),
    ],
)
def test_three_roles_are_held(steps_of: StepsOf, told: dict[str, list[Row]], expected: float | None) -> None:
    """The elected person, a referent, the ERUN: a role with a name is held; a sheet without a name says nothing."""
    assert step(steps_of(told=told), "referents", "commune") == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([NA, NA, NA, NA], NA),
        ([True, True, NA, NA], NA),
        ([False, False, False, NA], 1),
        ([True, False, False, NA], 2),
        ([True, True, False, False], 3),
        ([True, True, True, False], 3),
        ([True, True, True, True], 4),
    ],
)
def test_the_share_of_schools_with_a_project(
    steps_of: StepsOf, answers: list[bool | None], expected: float | None
) -> None:
    """None, some, half, all of the schools that answered, when 60 % of them did (2 of 4 is 50 %)."""
    rows = [{"ecole": uai, "projet": answer, "priorite": 1} for uai, answer in zip("ABCD", answers, strict=True)]

    assert step(steps_of({}, {}, {}, {}, told={"ecoles": rows}), "projets_ecole", "commune") == expected


@pytest.mark.parametrize(
    ("devices", "technicians", "expected"),
    [
        (1001, 1, 1),
        (1000, 1, 2),
        (501, 1, 2),
        (500, 1, 3),
        (251, 1, 3),
        (250, 1, 4),
        (250, 0.5, 3),
        (10, 0, 1),
        (10, NA, NA),
    ],
)
def test_devices_for_one_technician(
    steps_of: StepsOf, devices: int, technicians: float | None, expected: float | None
) -> None:
    """1 000, 500 and 250 for one full-time; none at all is the first step; not told is not known."""
    told: dict[str, list[Row]] = {
        "equipements": [{"ecole": "A", "type": "tablette", "nombre": devices}],
        "services": [{"service": "maintenance", "ecole": "commune", "etp": technicians}],
    }

    assert step(steps_of(told=told), "charge", "commune") == expected


@pytest.mark.parametrize(("told", "expected"), [("A", NA), ("AB", 4)])
def test_the_load_is_known_with_the_equipment_of_enough_schools(
    steps_of: StepsOf, told: str, expected: float | None
) -> None:
    """One school of three is not enough, two are; schools that have nothing make no load."""
    rows: dict[str, list[Row]] = {
        "ecoles": [{"ecole": uai, "inventaire_complet": True} for uai in told],
        "services": [{"service": "maintenance", "ecole": "commune", "etp": 1}],
    }

    assert step(steps_of({}, {}, {}, told=rows), "charge", "commune") == expected


def test_the_middle_of_the_load_is_the_published_reference(on: Any) -> None:
    """500 devices for one technician is the figure of `law/references`, which the text repeats in words."""
    point = next(point for _, point in maturity_points() if point["key"] == "charge")

    assert point["seuils"][1] == baremes.on(on)["reference_terminaux_par_technicien"]
    assert "cinq cents" in point["trois"]


@pytest.mark.parametrize(("days", "expected"), [(NA, NA), (11, 1), (10, 2), (6, 2), (5, 3), (3, 3), (2, 4), (0, 4)])
def test_days_to_repair(steps_of: StepsOf, days: float | None, expected: float | None) -> None:
    """10, 5 and 2 working days."""
    told = {"services": [{"service": "maintenance", "ecole": "commune", "delai": days}]}

    assert step(steps_of(told=told), "delai", "commune") == expected


@pytest.mark.parametrize(
    ("complete", "places", "expected"),
    [
        ("AB", "", 1),
        ("AB", "A", 2),
        ("AB", "B", 2),
        ("AB", "AB", 3),
        ("", "AB", 3),
        ("B", "A", 2),
        ("A", "A", NA),  # B may have it: some, or all
        ("A", "", NA),  # B may have it: none, or some
        ("", "A", NA),
        ("", "", NA),
    ],
)
def test_the_fleet_is_managed_in_no_some_or_all_schools(
    steps_of: StepsOf, complete: str, places: str, expected: float | None
) -> None:
    """Two schools: those that have it, and those that are known to have told everything."""
    told: dict[str, list[Row]] = {
        "ecoles": [{"ecole": uai, "inventaire_complet": True} for uai in complete],
        "services": [{"service": "autre", "ecole": "A"}, *({"service": "parc", "ecole": uai} for uai in places)],
    }

    assert step(steps_of({}, {}, told=told), "parc", "commune") == expected


def test_one_contract_may_manage_the_whole_fleet(steps_of: StepsOf) -> None:
    """Told for the commune; and an empty sheet says nothing."""
    told = {"services": [{"service": "parc", "ecole": "commune"}]}

    assert step(steps_of({}, {}, told=told), "parc", "commune") == 3
    assert step(steps_of({}, {}, told={"ecoles": COMPLETE}), "parc", "commune") is NA


def test_some_is_proved_by_one_with_and_one_without(steps_of: StepsOf) -> None:
    """A has it, B has not, C may."""
    told: dict[str, list[Row]] = {"ecoles": COMPLETE, "services": [{"service": "parc", "ecole": "A"}]}

    assert step(steps_of({}, {}, {}, told=told), "parc", "commune") == 2


def test_nothing_told_is_nothing_known(steps_of: StepsOf) -> None:
    """An empty workbook proves no step of any point."""
    assert steps_of({}, {}, told={}).isna().to_numpy().all()


def test_each_threshold_has_its_measure_and_each_measure_its_threshold(steps_of: StepsOf) -> None:
    """And a measure is never the fifth step: two thresholds or three."""
    thresholds = {point["key"]: point["seuils"] for _, point in maturity_points() if "seuils" in point}

    assert set(steps_of(told={}).index) == set(thresholds)
    assert {len(of) for of in thresholds.values()} == {2, 3}


def test_the_example_is_measured(study_of: Callable[..., Study]) -> None:
    """Bourg-Exemple: Tilleuls has a Wi-Fi that is not cut, and a charter; Prés 300/210 Mbit/s; Hameau no line.

    The list of Hameau is not complete: neither its direction nor its displays are known to be missing.
    """
    study = study_of("00001")
    assert study.dossier.workbook is not None
    assert study.diagnostic.inventory is not None
    steps = measured_steps(study.dossier.workbook, study.diagnostic.inventory, 2026)
    tilleuls, pres, hameau = "0000021Y", "0000022Z", "0000031J"

    assert [step(steps, one, tilleuls) for one in ("debit", "wifi", "filtrage", "affichage")] == [NA, 1, 3, 2]
    assert [step(steps, one, pres) for one in ("debit", "wifi", "mobiles", "usage_enseignant")] == [4, 3, 3, 4]
    assert [step(steps, one, hameau) for one in ("debit", "wifi", "direction", "affichage", "formation")] == [
        *(1, 0, NA, NA, NA)
    ]
