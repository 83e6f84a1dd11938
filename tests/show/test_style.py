from __future__ import annotations

import re
from itertools import combinations

import pytest

from pupitre.funding.scenarios import SCENARIOS
from pupitre.show.charts import FAMILIES
from pupitre.show.style import OTHERS, PALETTE, RC, canvas, color_of, svg_uri

TOGETHER = [
    ("commune", "etat", 3),
    ("maternelle", "elementaire", 3),
    ("band", "commune", 3),
    ("achat", "leasing", 1.5),  # two lines, one of them dashed, each with its name
]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """The contrast of WCAG, from 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_colours_are_written_in_full() -> None:
    """Six hexadecimal digits each."""
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in PALETTE.values())


@pytest.mark.parametrize(("first", "second", "least"), TOGETHER)
def test_colours_that_stand_side_by_side_differ_in_grey(first: str, second: str, least: float) -> None:
    """Printed without colour, or seen without red, they are still two."""
    assert contrast(PALETTE[first], PALETTE[second]) >= least


@pytest.mark.parametrize("name", ["ink", "commune", "reference", *(scenario.key for scenario in SCENARIOS)])
def test_what_is_read_on_white_can_be_read(name: str) -> None:
    """Labels and the names of curves: 4.5 to 1."""
    assert contrast(PALETTE[name], "#ffffff") >= 4.5


def test_a_colour_keeps_one_meaning() -> None:
    """Only things that no chart draws together share one: payers, scenarios, levels, families of devices."""
    payers = ("commune", "etat", "groupement", "departement", "mecene", "famille")
    drawn_together = payers, [scenario.key for scenario in SCENARIOS], ("maternelle", "elementaire"), FAMILIES
    for names in drawn_together:
        assert len({PALETTE[name] for name in names}) == len(tuple(names))
    alone = ("reference", "band", "ink")

    assert not [(a, b) for a, b in combinations(PALETTE, 2) if {a, b} & {*alone} and PALETTE[a] == PALETTE[b]]


def test_what_has_no_colour_of_its_own_takes_one_by_rank() -> None:
    """Always the same for the same rank; one of its own whatever its rank."""
    assert color_of("achat", 5) == PALETTE["achat"]
    assert [color_of("caisse_des_ecoles", rank) for rank in range(4)] == [*OTHERS, OTHERS[0]]
    assert len({*OTHERS}) == len(OTHERS)


def test_the_style_keeps_text_and_repeats_itself() -> None:
    """The three settings on which bytes and searches depend; words are in the ink of the palette."""
    assert {RC[name] for name in ("text.color", "axes.labelcolor", "xtick.color")} == {PALETTE["ink"]}
    assert (RC["svg.fonttype"], RC["svg.hashsalt"], RC["text.parse_math"]) == ("none", "pupitre", False)


def test_a_canvas_has_the_frames_asked_for() -> None:
    """All as wide as the page, side by side or one row over another, one scale."""
    with canvas(4.0, columns=3, rows=2) as (_, axes):
        assert len(axes) == 6
    with canvas(2.0, columns=3) as (figure, axes):
        assert len(axes) == 3
        assert figure.get_size_inches().tolist() == [7.4, 2.0]
        axes[0].set_ylim(0, 7)
        assert axes[2].get_ylim() == (0, 7)
        assert svg_uri(figure).startswith("data:image/svg+xml;base64,")
