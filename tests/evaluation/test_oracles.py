"""Published figures found again, and published figures that cannot be right found wrong (diagnostic.md 8)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from pupitre.data.answers import scales, step_of
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.evaluation.footprint import saved_per_year, use_kg
from pupitre.evaluation.returns import reuse_duties
from pupitre.law import baremes
from pupitre.law.baremes import Law

Interval = tuple[float, float]


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day."""
    return baremes.on(on)


def around(published: float, step: float) -> Interval:
    """All that is published so when it is rounded to this step; a hair wider, since floats are not decimals."""
    half = step / 2 + 1e-9
    return published - half, published + half


def ratio(one: Interval, other: Interval) -> Interval:
    """All that one divided by the other may be; both are positive."""
    return one[0] / other[1], one[1] / other[0]


def total(*parts: Interval) -> Interval:
    """All that the sum may be."""
    return sum(low for low, _ in parts), sum(high for _, high in parts)


def agree(one: Interval, other: Interval) -> bool:
    """Whether both may be the same number."""
    return one[0] <= other[1] and other[0] <= one[1]


def test_figures_agree_within_their_rounding_only() -> None:
    """1 / 3 may be published 0.3 or 0.33, not 0.34; and what is rounded may be divided by what is rounded."""
    third = ratio(around(1, 1e-6), around(3, 1e-6))

    assert agree(third, around(0.3, 0.1))
    assert agree(third, around(0.33, 0.01))
    assert not agree(third, around(0.34, 0.01))
    assert agree(ratio(around(1, 1), around(3, 1)), around(0.6, 0.1))  # 1.5 / 2.5
    assert not agree(ratio(around(1, 1), around(3, 1)), around(0.7, 0.1))


# T5: a level of a competence of Pix is 8 pix.


@pytest.mark.parametrize(
    ("pix", "level"), [(0, 0), (7, 0), (8, 1), (15, 1), (16, 2), (23, 2), (24, 3), (31, 3), (32, 4), (39, 4)]
)
def test_a_level_of_pix_is_worth_eight(pix: int, level: int) -> None:
    """As answers are read."""
    scale = scales()["pix"]

    assert scale.steps[step_of(str(pix), scale) - 1] == f"Niveau {level}"


def test_the_most_of_pix() -> None:
    """640 pix = 16 competences × 8 pix × 5 levels above the first."""
    scale = scales()["pix"]

    assert 16 * scale.width * (len(scale.steps) - 1) == 640


# T6: computers for 100 pupils (INSEE) and pupils for one computer (DEPP) are one fact.

COMPUTERS = [f"reference_ordinateurs_pour_100_eleves{level}" for level in ("", "_ensemble", "_maternelle")]


@pytest.mark.parametrize(("name", "pupils"), [(COMPUTERS[2], 15.9), (COMPUTERS[0], 6.9)])
def test_insee_and_depp_count_the_same_computers(name: str, pupils: float, law: Law) -> None:
    """100 / 6.3 = 15.87 and 100 / 14.4 = 6.94."""
    assert agree(ratio(around(100, 1e-6), around(law[name], 0.1)), around(pupils, 0.1))


@pytest.mark.parametrize("name", COMPUTERS)
def test_the_figure_of_cnesco_is_of_none_of_them(name: str, law: Law) -> None:
    """12.5 pupils for one computer would be 8 for 100: neither 14.4, nor 11.9, nor 6.3."""
    assert not agree(ratio(around(100, 1e-6), around(law[name], 0.1)), around(12.5, 0.1))


# T7: the phase of use, as Boavizta's API computes it for France.


@pytest.mark.parametrize(
    ("watts", "share", "hours", "kg", "printed", "step"),
    [
        (75, 0.3, 35_040, 77.26, 77, 1),  # a professional laptop over four years
        (7.5, 0.3, 26_280, 5.79, 5.8, 0.1),  # a tablet
        (175, 0.3, 52_560, 270.4, 270, 10),  # a desktop
        (55, 0.3, 57_816, 93.5, 90, 10),  # a monitor
        (10, 1, 43_800, 42.9, 43, 1),  # a box
        (300, 0.3, 70_080, 618, 600, 100),  # a professional television
    ],
)
def test_electricity_is_that_of_boavizta(
    watts: float, share: float, hours: float, kg: float, printed: float, step: float, law: Law
) -> None:
    """W × share of the time × h / 1000 × 0.098; the API prints it rounded to its uncertainty."""
    found = use_kg(watts * share, hours, law["reference_carbone_electricite"])

    assert found == pytest.approx(kg, rel=1e-3)
    assert agree((found, found), around(printed, step))


# T8: a factor of ADEME is the sum of three, and its life makes a year of it.

FACTORS = {  # published sum, life of ADEME, kg a year as the digest prints it
    "tablette": (84.3, 3, 28.1),
    "ordinateur_portable": (185.1, 5, 37.0),
    "ordinateur_fixe": (211.5, 6, 35.2),
    "ecran": (69.8, 6, 11.6),
    "videoprojecteur": (43.8, 8, 5.5),
    "televiseur": (340.2, 8, 42.5),
    "imprimante": (21.0, 5, 4.2),
}


@pytest.mark.parametrize("device", FACTORS)
def test_a_factor_is_the_sum_of_its_three_parts(device: str, law: Law) -> None:
    """Making, distribution, end of life, as the quote gives them: 80.5 + 3.43 + 0.364 = 84.294."""
    figure = law.figure(f"reference_carbone_{device}")
    parts = [float(part.replace(",", ".")) for part in re.findall(r"\d+(?:,\d+)?", figure.quote)]

    assert len(parts) == 3
    assert sum(parts) == pytest.approx(float(figure.value), abs=0.05)
    assert figure.value == FACTORS[device][0]


@pytest.mark.parametrize("device", FACTORS)
def test_a_factor_over_its_life_is_that_of_a_year(device: str, law: Law) -> None:
    """84.3 / 3 = 28.1; 211.46 / 6 = 35.24."""
    _, life, per_year = FACTORS[device]

    assert agree(ratio(around(law[f"reference_carbone_{device}"], 0.1), (life, life)), around(per_year, 0.1))


def test_the_lives_of_ademe_are_those_of_the_plan_but_for_tablets(law: Law) -> None:
    """A tablet is planned for 4 years, ADEME's 3 being the low end."""
    planned = {"ordinateur_portable": "ordinateur_portable", "ordinateur_fixe": "ordinateur_fixe",
               "videoprojecteur": "affichage", "televiseur": "affichage", "imprimante": "imprimante"}  # fmt: skip

    assert {device: law[f"duree_{life}"] for device, life in planned.items()} == {d: FACTORS[d][1] for d in planned}
    assert (law.figure("duree_tablette").low, law["duree_tablette"]) == (FACTORS["tablette"][1], 4)


# T9: what MiNumEco says is avoided, in Europeans.


@pytest.mark.parametrize(("tonnes", "people"), [(54.9, 6.8), (25.5, 3.1), (17.1, 2.1), (7.3, 0.9)])
def test_tonnes_avoided_are_so_many_europeans(tonnes: float, people: float, law: Law) -> None:
    """54.9 / 8.1 = 6.8."""
    assert agree(ratio(around(tonnes, 0.1), around(law["reference_empreinte_europeen"], 0.1)), around(people, 0.1))


@pytest.mark.parametrize(
    ("kg_sb", "people", "possible"),
    [
        (0.8, 12.9, True),  # 0.06 kg Sb a European, that is 0.055 to 0.065: 0.75 / 0.065 = 11.5 to 0.85 / 0.055 = 15.5
        (0.3, 4.2, True),  # 3.8 to 6.4
        (0.8, 3.2, False),
        (2.8, 43.4, True),  # 42.3 to 51.8: far from 2.8 / 0.06 = 46.7, yet right if a European is 0.0636 to 0.065
    ],
)
def test_antimony_avoided_is_so_many_europeans(kg_sb: float, people: float, possible: bool) -> None:
    """Only an interval can tell: 0.06 is rounded by up to 8 %."""
    assert agree(ratio(around(kg_sb, 0.1), around(0.06, 0.01)), around(people, 0.1)) == possible


def test_without_the_rounding_of_its_divisor_antimony_would_be_wrong() -> None:
    """2.8 / 0.06 exactly is 45.8 to 47.5: not 43.4. The verdict above rests on the rounding of 0.06 alone."""
    assert not agree(ratio(around(2.8, 0.1), (0.06, 0.06)), around(43.4, 0.1))


# T10: what an interactive board costs a year, by its parts.


@pytest.mark.parametrize(
    ("parts", "years", "per_year"),
    [((1_700, 500, 300, 500), 5, 600), ((2_700, 500), 5, 640), ((6_500, 500), 10, 700)],
)
def test_the_cost_of_a_board_is_that_of_its_parts(parts: tuple[int, ...], years: int, per_year: int) -> None:
    """A projector and its lamps, a screen, a screen of 84 inches."""
    assert sum(parts) / years == per_year


def test_a_board_of_three_thousand_whose_parts_make_less() -> None:
    """Speechi, 2015: « ≈ 3 000 € », whose parts, published to the hundred, sum to 2 800."""
    assert not agree((2_800, 2_800), around(3_000, 100))


# T20: the duty of reuse.


@pytest.mark.parametrize(
    ("year", "rate", "met"), [(2023, 0.25, True), (2024, 0.25, False), (2025, 0.5, True), (2026, 0.49, False)]
)
def test_the_rate_of_reuse_is_compared_with_the_target_of_its_year(year: int, rate: float, met: bool, law: Law) -> None:
    """A / B, those over ten years old left out by the sheet itself; 25 % in 2023, 35 % in 2024, 50 % from 2025."""
    rows = typed(sheet("reemploi"), {5: {"annee": year, "reformes": 100, "remis": round(100 * rate)}})
    told = reuse_duties(Workbook("00001", "x.xlsx", "", None, {"reemploi": rows}, ()), law).loc[year]

    assert (told["reuse_share"], told["reuse_met"]) == (rate, met)
    assert "moins de dix ans" in sheet("reemploi").column("reformes").label


# T21, T22.


def test_shares_of_digital_schools_that_do_not_add_up() -> None:
    """16 % and 41 % make 56 to 58 %, not 61 %."""
    assert not agree(total(around(16, 1), around(41, 1)), around(61, 1))
    assert agree(total(around(16, 1), around(41, 1)), around(58, 1))


@pytest.mark.parametrize("device", FACTORS)
def test_four_years_instead_of_two_halve_the_emissions_of_a_year(device: str, law: Law) -> None:
    """ADEME: −50 %, whatever the device."""
    kg = law[f"reference_carbone_{device}"]

    assert saved_per_year(kg, 2, more_years=2) == pytest.approx(kg / 2 * 0.5)
