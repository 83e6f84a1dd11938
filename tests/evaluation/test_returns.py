"""The footprint of devices, the duties of reuse, and the scores of four dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.catalogue import equipment, items
from pupitre.errors import UsageError
from pupitre.evaluation.footprint import (
    MADE_OF,
    Footprint,
    in_europeans,
    inventory_footprint,
    programme_footprint,
    saved_per_year,
    use_kg,
)
from pupitre.evaluation.returns import Returns, indicators, known_values, reuse_duties, score
from pupitre.law import baremes
from pupitre.law.baremes import Law
from pupitre.study import Study

ELSEWHERE = {"parents_response", "teachers_favourable", "pupils_favourable",
             "budget_rate", "delivered_rate"}  # fmt: skip
DIMENSIONS = ["citoyen", "economique", "social", "environnemental"]


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day, nothing read yet."""
    return baremes.on(on)


def declared(*rows: tuple[str, int, str | None]) -> Any:
    """An inventory of which only devices are told: type, number, state."""
    lives = baremes.on(date(2026, 11, 22))
    frame = pd.DataFrame(rows, columns=["type", "number", "state"]).astype({"number": "Int64", "state": "object"})
    life = [int(lives[equipment()[kind].life]) for kind in frame["type"]]
    return SimpleNamespace(devices=frame.assign(life_years=pd.Series(life, frame.index, dtype="Int64")))


def bought(*rows: tuple[str, str, int, int | None]) -> Any:
    """A programme of which only lines are told: item, nature, quantity (its low half, its high double), life."""
    frame = pd.DataFrame(rows, columns=["item", "nature", "quantity_central", "life_years"])
    half = frame["quantity_central"] // 2
    return SimpleNamespace(lines=frame.assign(quantity_low=half, quantity_high=2 * frame["quantity_central"]))


# The footprint.


def test_the_footprint_of_what_is_declared(law: Law) -> None:
    """Made is made, in service or not; a year of life is that of what serves, over the life that is planned."""
    told = inventory_footprint(
        declared(
            ("tablette", 10, "en_service"),
            ("tablette", 2, "inutilise"),
            ("fixe_eleve", 4, None),  # a state that is not told is no reason to leave it out
            ("videoprojecteur", 3, "a_remplacer"),  # to be replaced, it serves
            ("ecran_interactif", 1, "en_panne"),
            ("borne_wifi", 5, "en_service"),
            ("serveur", 1, "en_panne"),
        ),
        law,
    )

    assert told.lines[["number", "serving", "life_years"]].T.to_dict("list") == {
        "tablette": [12, 10, 4],
        "fixe_eleve": [4, 4, 6],
        "videoprojecteur": [3, 3, 8],
        "ecran_interactif": [1, 0, 8],
    }
    kg = {
        "tablette": 1_011.6,  # 12 × 84.3
        "fixe_eleve": 1_125.2,  # 4 × (211.5 + 69.8): a desktop has a screen
        "videoprojecteur": 131.4,  # 3 × 43.8
        "ecran_interactif": 340.2,
    }
    assert told.lines["kg"].to_dict() == pytest.approx(kg)
    per_year = {"tablette": 843 / 4, "fixe_eleve": 1_125.2 / 6, "videoprojecteur": 131.4 / 8, "ecran_interactif": 0}
    assert told.lines["kg_per_year"].to_dict() == pytest.approx(per_year)
    assert told.lines["saved_kg_per_year"].to_dict() == pytest.approx(
        {"tablette": 42.15, "fixe_eleve": 26.79, "videoprojecteur": 1.825, "ecran_interactif": 0}, abs=0.005
    )  # 843/4 - 843/5; 1125.2/6 - 1125.2/7; 131.4/8 - 131.4/9
    assert told.lines["electricity_kg_per_year"].to_dict() == pytest.approx(
        {"tablette": 16.93, "fixe_eleve": 40.64, "videoprojecteur": 50.80, "ecran_interactif": 0}, abs=0.005
    )  # 10 × 20 W × 864 h × 0.098; 4 × 120 W; 3 × 200 W
    assert told.totals["kg"] == pytest.approx(2_608.4)
    assert told.totals["kg_per_year"] == pytest.approx(843 / 4 + 1_125.2 / 6 + 131.4 / 8)


def test_what_has_no_factor_is_counted_and_in_no_total(law: Law) -> None:
    """Nobody published a factor for an access point: five of them are said, not dropped."""
    told = inventory_footprint(declared(("borne_wifi", 5, None), ("autre", 2, None), ("tablette", 1, None)), law)

    assert dict(told.without_factor) == {"borne_wifi": 5, "autre": 2}
    assert list(told.lines.index) == ["tablette"]


def test_the_footprint_of_what_is_bought(law: Law) -> None:
    """Replacements are made too, but do not serve beside what they replace; services are no devices."""
    programme = bought(
        ("poste_enseignant", "achat", 6, 5),
        ("poste_enseignant", "renouvellement", 4, 5),
        ("poste_enseignant", "remplacement", 10, 5),
        ("affichage", "achat", 2, 8),
        ("prise_reseau", "achat", 8, 15),
        ("formation", "service", 12, None),
    )
    told = programme_footprint(programme, law)

    assert told.lines[["number", "serving"]].T.to_dict("list") == {"poste_enseignant": [20, 10], "affichage": [2, 2]}
    assert told.lines["kg"].to_dict() == pytest.approx({"poste_enseignant": 3_702, "affichage": 680.4})
    assert told.lines["kg_per_year"].to_dict() == pytest.approx({"poste_enseignant": 370.2, "affichage": 85.05})
    assert dict(told.without_factor) == {"prise_reseau": 8}
    assert programme_footprint(programme, law, "low").lines.loc["poste_enseignant", "number"] == 3 + 2 + 5
    assert programme_footprint(programme, law, "high").totals["kg"] == pytest.approx(2 * told.totals["kg"])


def test_nothing_declared_weighs_nothing(law: Law) -> None:
    """No line, no device without a factor, no figure read."""
    told = inventory_footprint(declared(), law)

    assert told.lines.empty
    assert (dict(told.without_factor), set(told.totals.values()), law.read) == ({}, {0.0}, ())


def test_only_the_factors_that_count_are_read(law: Law) -> None:
    """The last chapter of the report lists what served."""
    inventory_footprint(declared(("tablette", 1, None), ("serveur", 1, None)), law)

    assert [figure.name for figure in law.read] == [
        "reference_carbone_electricite", "reference_carbone_tablette", "reference_heures_scolaires",
        "reference_puissance_tablette",
    ]  # fmt: skip


def test_each_type_and_item_has_a_factor_or_is_known_to_have_none(law: Law) -> None:
    """A new type of the workbook, or a new item, must be put in one list or the other."""
    without = {
        "son_et_image",
        "visualiseur",
        "borne_wifi",
        "commutateur",
        "serveur",
        "autre",
        "prise_reseau",
        "prise_mobile",
    }

    assert set(MADE_OF) == (set(equipment()) | set(items())) - without
    assert all(
        law[f"reference_{of}_{part}"] > 0
        for made in MADE_OF.values()
        for part in made
        for of in ("carbone", "puissance")
    )


@pytest.mark.parametrize(
    "key", ["videoprojecteur", "imprimante", "portable_eleve", "tablette", "fixe_eleve", "ecran_interactif"]
)
def test_making_outweighs_electricity_but_for_projectors_and_printers(key: str, law: Law) -> None:
    """At every hour of class: a laptop 2.2 kg a year of 37; a projector 16.9 beside 5.5, a printer 5.1 beside 4.2."""
    told = inventory_footprint(declared((key, 1, None)), law).totals

    assert (told["electricity_kg_per_year"] > told["kg_per_year"]) == (key in ("videoprojecteur", "imprimante"))


@given(kg=st.floats(1, 1e6), life=st.integers(1, 20), more=st.integers(1, 20))
def test_a_longer_life_never_saves_all(kg: float, life: int, more: int) -> None:
    """Something, less than what a year weighs; and the longer it lasts already, the less one more year saves."""
    assert 0 < saved_per_year(kg, life, more) < kg / life
    assert saved_per_year(kg, life + 1) < saved_per_year(kg, life)


def test_electricity_follows_power_and_hours() -> None:
    """1 kW for one hour is 1 kWh."""
    assert use_kg(1_000, 1, 0.098) == pytest.approx(0.098)
    assert use_kg(500, 4, 0.1) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("kg", "people"), [(0, None), (1, (0, 1)), (8_099, (0, 1)), (8_101, (1, 2)), (16_201, (2, 3)), (81_000, (10, 10))]
)
def test_europeans_are_whole(kg: float, people: tuple[int, int] | None, law: Law) -> None:
    """8.1 t each: « entre 1 et 2 Européens », never 1.37."""
    assert in_europeans(kg, law) == people


# Reuse.


def reuse(law: Law, *rows: Mapping[str, object]) -> pd.DataFrame:
    """What the sheet tells of these years."""
    table = typed(sheet("reemploi"), dict(enumerate(rows, 5)))
    return reuse_duties(Workbook("00001", "x.xlsx", "", None, {"reemploi": table}, ()), law)


def disposed(year: int, left: int | None, again: int | None) -> dict[str, object]:
    """A row: how many devices left, how many serve again."""
    return {"annee": year, "reformes": left, "remis": again}


def spent(year: int, amount: float | None, part: float | None) -> dict[str, object]:
    """A row: purchases, of which from reuse."""
    return {"annee": year, "achats": amount, "achats_reemploi": part}


def verdict(told: pd.DataFrame, year: int, name: str) -> tuple[Any, Any, Any]:
    """Share, duty, met; None when not known."""
    row = told.loc[year, [f"{name}_share", f"{name}_duty", f"{name}_met"]]
    return tuple(None if pd.isna(one) else one for one in row)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (disposed(2022, 10, 5), (0.5, None, None)),  # before the duty
        (disposed(2023, 16, 4), (0.25, 0.25, True)),
        (disposed(2023, 17, 4), (4 / 17, 0.25, False)),
        (disposed(2024, 20, 7), (0.35, 0.35, True)),
        (disposed(2024, 100, 34), (0.34, 0.35, False)),
        (disposed(2025, 2, 1), (0.5, 0.5, True)),
        (disposed(2026, 14, 9), (9 / 14, 0.5, True)),
        (disposed(2026, 14, 0), (0, 0.5, False)),
        (disposed(2026, 0, 0), (None, 0.5, None)),  # nothing left: no rate, nothing to reproach
        (disposed(2026, 14, None), (None, 0.5, None)),
        (disposed(2026, None, None), (None, 0.5, None)),
    ],
)
def test_reuse_is_judged_by_the_duty_of_its_year(
    row: Mapping[str, object], expected: tuple[Any, Any, Any], law: Law
) -> None:
    """25 % in 2023, 35 % in 2024, 50 % from 2025, read on one day of 2026; met at the very share."""
    assert verdict(reuse(law, row), int(str(row["annee"])), "reuse") == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (spent(2023, 1_000, 200), (0.2, None, None)),  # the former decree is not in our figures
        (spent(2024, 1_000, 200), (0.2, None, None)),  # half the year only
        (spent(2025, 31_400, 4_900), (4_900 / 31_400, 0.2, False)),
        (spent(2026, 1_000, 200), (0.2, 0.2, True)),
        (spent(2026, 1_000.2, 200.04), (pytest.approx(0.2), 0.2, True)),  # 0.19999999999999998 in floats
        (spent(2026, 10_001, 2_000.1), (pytest.approx(0.19999), 0.2, False)),
        (spent(2026, 0, 0), (None, 0.2, None)),
        (spent(2026, None, 10), (None, 0.2, None)),
        (spent(2027, 1_000, 240), (0.24, 0.25, False)),
        (spent(2030, 1_000, 290), (0.29, 0.3, False)),
    ],
)
def test_purchases_are_judged_by_the_duty_of_their_year(
    row: Mapping[str, object], expected: tuple[Any, Any, Any], law: Law
) -> None:
    """20 % from July 2024, 25 % from 2027, 30 % from 2030."""
    assert verdict(reuse(law, row), int(str(row["annee"])), "second_hand") == expected


def test_years_are_in_order_and_duties_are_read(law: Law) -> None:
    """Whatever the order of the rows; nothing is read for an empty sheet."""
    assert reuse(law).empty
    assert law.read == ()
    assert list(reuse(law, disposed(2026, 1, 1), disposed(2024, 1, 1)).index) == [2024, 2026]
    assert [figure.name for figure in law.read] == ["agec_part_reemploi", "reen_part_reemploi"]


def test_a_day_before_a_duty_reads_none() -> None:
    """In 2022 neither law asks for a share."""
    law = baremes.on(date(2022, 6, 1))
    told = reuse(law, disposed(2022, 10, 5))

    assert (verdict(told, 2022, "reuse"), law.read) == ((0.5, None, None), ())


def test_the_sheet_itself_refuses_a_part_above_its_whole() -> None:
    """No more devices that serve again than devices that left; the same of purchases."""
    column = sheet("reemploi").column

    assert (column("remis").at_most, column("achats_reemploi").at_most) == ("reformes", "achats")


# Scores.


def test_four_dimensions_of_about_four_indicators() -> None:
    """In the order of Markess, and no other dimension."""
    told = score({}).indicators["dimension"]

    assert list(dict.fromkeys(told)) == list(score({}).dimensions.index) == DIMENSIONS
    assert set(told.value_counts()) <= {4, 5}


def test_there_is_no_mark_of_the_whole() -> None:
    """Neither a total nor an area: two tables, and that is all."""
    assert [one.name for one in fields(Returns)] == ["indicators", "dimensions"]


@pytest.mark.parametrize("one", indicators().values(), ids=lambda one: one.key)
def test_three_steps_make_four_scores(one: Any, law: Law) -> None:
    """They all rise, or all fall; a duty is met from the score of 3, and named as law/ names it."""
    rising = [before < after for before, after in pairwise(one.steps)]

    assert len(one.steps) == 3
    assert len(set(rising)) == 1
    assert not one.law or (law[one.law] > 0 and one.steps[1] == 1)
    assert one.label[0].isupper()


@pytest.mark.parametrize("one", [one for one in indicators().values() if one.around is None], ids=lambda one: one.key)
def test_a_step_that_is_reached_gives_its_score(one: Any) -> None:
    """The very value counts; a hair before it does not."""
    less = one.steps[0] > one.steps[-1]
    before = [step + 1e-6 if less else step - 1e-6 for step in one.steps]

    assert [scored(one.key, step) for step in one.steps] == [2, 3, 4]
    assert [scored(one.key, step) for step in before] == [1, 2, 3]


def scored(key: str, value: float | None) -> int | None:
    """The score of one value alone."""
    found = score({key: value}).indicators.loc[key, "score"]
    return None if pd.isna(found) else int(found)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(1, 4), (0.9, 4), (1.1, 4), (0.89, 3), (1.2, 3), (0.7, 2), (1.3, 2), (0.69, 1), (1.31, 1), (0, 1)],
)
def test_a_budget_is_kept_on_both_sides(rate: float, expected: int) -> None:
    """To spend a third more than voted is no better than to spend a third less."""
    assert scored("budget_rate", rate) == expected


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA])
def test_what_is_not_known_has_no_score(nothing: Any) -> None:
    """Nought is known: it scores 1, or 4 where less is better."""
    assert scored("in_service", nothing) is None
    assert (scored("in_service", 0), scored("repair_days", 0)) == (1, 4)


@pytest.mark.parametrize(
    ("values", "mean", "known"),
    [
        ({}, None, 0),
        ({"in_service": 0.9}, None, 1),  # one of four
        ({"in_service": 0.9, "end_of_life": 3}, 3.5, 2),  # 4 and 3
        ({"in_service": 0.9, "end_of_life": 3, "reuse_to_duty": None}, 3.5, 2),
        ({"in_service": 0.7, "end_of_life": 1, "reuse_to_duty": 0.5}, 1.7, 3),  # 2, 1, 2: 1.67
        ({"in_service": 0.7, "end_of_life": 2, "reuse_to_duty": 0.5, "second_hand_to_duty": 1}, 2.3, 4),  # 2.25
        ({"in_service": 0.8, "end_of_life": 3, "reuse_to_duty": 1, "second_hand_to_duty": 0.5}, 2.8, 4),  # 2.75
    ],
)
def test_a_dimension_is_the_mean_of_what_is_known(
    values: dict[str, float | None], mean: float | None, known: int
) -> None:
    """To a tenth, half up; none under half of its indicators."""
    row = score(values).dimensions.loc["environnemental"]

    assert (None if pd.isna(row["score"]) else row["score"], row["known"], row["asked"]) == (mean, known, 4)


def test_half_of_five_is_three() -> None:
    """Two of five say too little."""
    two = {"equity": 0.5, "inclusion": 3.0}

    assert pd.isna(score(two).dimensions.loc["social", "score"])
    assert score(two | {"training_hours": 12}).dimensions.loc["social", "score"] == 3.3  # 3, 3, 4


@pytest.mark.parametrize("values", [{"in_servce": 1}, {"in_service": -0.1}, {"in_service": float("-inf")}])
def test_a_value_that_is_nothing_is_refused(values: dict[str, float]) -> None:
    """A key that no indicator bears would else be dropped in silence."""
    with pytest.raises(UsageError, match=r"Indicateur « in_serv.*on attend"):
        score(values)


@given(st.dictionaries(st.sampled_from(sorted(indicators())), st.one_of(st.none(), st.floats(0, 100))))
def test_scores_stay_on_their_scale(values: dict[str, float | None]) -> None:
    """1 to 4, means too; as many scores as values."""
    told = score(values)
    known = {key for key, value in values.items() if value is not None}

    assert set(told.indicators["score"].dropna()) <= {1, 2, 3, 4}
    assert set(told.indicators["score"].dropna().index) == known
    assert told.dimensions["score"].dropna().between(1, 4).all()
    assert told.dimensions["known"].sum() == len(known)


# What the study knows by itself.


def test_each_indicator_is_known_by_the_study_or_given(study_of: Callable[..., Study], on: date) -> None:
    """What surveys and budget give, and what the study of a commune with a workbook gives, make all of them."""
    study = study_of("00001")
    workbook = study.dossier.workbook
    assert workbook is not None
    values = known_values(study.diagnostic, study.cap, reuse_duties(workbook, study.law), on)

    assert set(values) | ELSEWHERE == set(indicators())
    assert not set(values) & ELSEWHERE
    assert len(score(values).indicators["score"].dropna()) >= 5


def test_bourg_exemple(study_of: Callable[..., Study], on: date) -> None:
    """Read from its workbook: 5 groups of 7 heard; 9 of 14 devices serve again; 4 900 of 31 400 € are second-hand."""
    study = study_of("00001")
    assert study.dossier.workbook is not None
    told = reuse_duties(study.dossier.workbook, study.law)
    values = known_values(study.diagnostic, study.cap, told, on)

    assert values["groups_heard"] == pytest.approx(5 / 7)
    assert values["reviews_held"] is None  # the first is planned for 2028
    assert values["reuse_to_duty"] == pytest.approx(9 / 14 / 0.5)
    assert values["second_hand_to_duty"] == pytest.approx(4_900 / 31_400 / 0.2)
    assert values["training_hours"] is None  # three schools of six told theirs
    assert (verdict(told, 2025, "reuse"), verdict(told, 2026, "reuse")) == ((None, 0.5, None), (9 / 14, 0.5, True))
    assert verdict(told, 2025, "second_hand") == (4_900 / 31_400, 0.2, False)


def test_without_a_workbook_nothing_is_known(law: Law, on: date) -> None:
    """No value, hence no score and no dimension."""
    values = known_values(SimpleNamespace(inventory=None, maturity=None), None, reuse(law), on)  # type: ignore[arg-type]

    assert set(values.values()) == {None}
    assert score(values).dimensions["score"].isna().all()


def an_inventory(**told: Any) -> Any:
    """An inventory of schools, from what differs: 6 devices, one idle, two due; a third list is not complete."""
    devices = pd.DataFrame(
        {"number": [2, 2, 1, 1], "state": ["en_service", "a_remplacer", "inutilise", "en_service"],
         "usable": [True] * 4, "due_year": [2027, 2026, 2030, 2028]}
    ).astype({"number": "Int64", "due_year": "Int64"})  # fmt: skip
    coverage = pd.array([0.4, 0.8, 0.1], dtype="Float64")
    schools = pd.DataFrame({"coverage": coverage, "complete": [True, True, False]})
    training = pd.DataFrame({"enseignants": [3, 1], "heures": [2, 10]})
    return SimpleNamespace(
        **({"devices": devices, "schools": schools, "training": training, "repair_days": 5.0} | told)
    )


def of_inventory(law: Law, **told: Any) -> dict[str, float | None]:
    """What the inventory says in 2026."""
    diagnostic = SimpleNamespace(inventory=an_inventory(**told), maturity=None)
    return known_values(diagnostic, None, reuse(law), date(2026, 11, 22))  # type: ignore[arg-type]


def test_what_the_inventory_says(law: Law) -> None:
    """5 devices of 6 serve; 4 of 6 are due after this year; 0.4 / 0.8; (3 × 2 + 1 × 10) / 4 hours."""
    told = of_inventory(law)

    assert told["in_service"] == pytest.approx(5 / 6)
    assert told["in_life"] == pytest.approx(4 / 6)
    assert told["equity"] == pytest.approx(0.5)
    assert told["training_hours"] == pytest.approx(4)
    assert told["repair_days"] == 5


def test_what_is_not_known_of_most_devices_gives_no_share(law: Law) -> None:
    """State told of 3 devices of 6, age of 3 of 6: under 60 %. A broken device has no age to speak of."""
    devices = an_inventory().devices
    blank = devices.assign(
        state=["en_service", None, "inutilise", None], due_year=pd.array([2027, None, 2030, None], dtype="Int64")
    )
    broken = devices.assign(state="en_panne", usable=False)
    mostly = devices.assign(usable=[True, False, False, False])

    assert (of_inventory(law, devices=blank)["in_service"], of_inventory(law, devices=blank)["in_life"]) == (None, None)
    assert (of_inventory(law, devices=broken)["in_service"], of_inventory(law, devices=broken)["in_life"]) == (0, None)
    assert of_inventory(law, devices=mostly)["in_life"] == 1  # the two that work are due in 2027
    assert of_inventory(law, devices=devices[:0])["in_service"] is None


@pytest.mark.parametrize(
    ("coverage", "equity"),
    [([0.5], None), ([None, 0.5], None), ([0.0, 0.5], 0), ([0.0, 0.0], None), ([0.5, 0.5, 0.9], 5 / 9)],
)
def test_equity_compares_two_schools_at_least(coverage: list[float | None], equity: float | None, law: Law) -> None:
    """And none of nothing."""
    schools = pd.DataFrame({"coverage": pd.array(coverage, dtype="Float64"), "complete": True})

    assert of_inventory(law, schools=schools)["equity"] == (None if equity is None else pytest.approx(equity))


@pytest.mark.parametrize(
    ("day", "held"),
    [(date(2026, 6, 30), None), (date(2026, 7, 1), 1.0), (date(2027, 7, 1), 0.5), (date(2026, 12, 31), 1.0)],
)
def test_reviews_count_once_they_are_due(day: date, held: float | None, law: Law) -> None:
    """Two reviews, in July 2026 (held) and in July 2027 (not); the delivery of 2026 is no review."""
    milestones = pd.DataFrame(
        {"phase": ["evaluer", "deployer", "evaluer"], "fait_le": [date(2026, 7, 1), None, None],
         "echeance": [date(2026, 7, 1), date(2026, 1, 1), date(2027, 7, 1)]}
    )  # fmt: skip
    cap = SimpleNamespace(voices=pd.DataFrame(), unheard=("parents",), milestones=milestones)
    told = known_values(SimpleNamespace(inventory=None, maturity=None), cap, reuse(law), day)  # type: ignore[arg-type]

    assert (told["reviews_held"], told["groups_heard"]) == (held, None)  # nobody was heard: nothing is told of it


def test_the_last_year_told_counts(law: Law, on: date) -> None:
    """2025 is told, 2026 is not yet: its duty is that of 2025."""
    told = reuse(law, disposed(2025, 4, 1), disposed(2024, 4, 4), disposed(2026, None, None))
    values = known_values(SimpleNamespace(inventory=None, maturity=None), None, told, on)  # type: ignore[arg-type]

    assert values["reuse_to_duty"] == 0.5  # 25 % for 50 %


def test_footprints_of_a_real_programme_and_inventory(study_of: Callable[..., Study]) -> None:
    """Bourg-Exemple: no total without its lines, and every device is counted once, with a factor or without."""
    study = study_of("00001")
    inventory, programme = study.diagnostic.inventory, study.programme
    assert inventory is not None
    assert programme is not None
    declared_ones = inventory_footprint(inventory, study.law)
    planned: Footprint = programme_footprint(programme, study.law)
    counted = declared_ones.lines["number"].sum() + sum(declared_ones.without_factor.values())

    assert counted == inventory.devices["number"].sum()
    assert (
        0 < declared_ones.totals["saved_kg_per_year"] < declared_ones.totals["kg_per_year"] < declared_ones.totals["kg"]
    )
    assert programme_footprint(programme, study.law, "low").totals["kg"] < planned.totals["kg"]
