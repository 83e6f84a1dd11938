from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from matplotlib.axes import Axes

from pupitre.show.lightening import light
from pupitre.show.style import PALETTE, canvas, svg_uri

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
BLUE, RED = "fill: #0000ff", "fill: #ff0000"


def drawn(draw: Callable[[Axes], object]) -> str:
    """The drawing of one frame, as the page has it."""
    with canvas(2.0) as (figure, (ax,)):
        draw(ax)
        return base64.b64decode(svg_uri(figure).partition("base64,")[2]).decode()


def square(x: float, style: str, more: str = "") -> str:
    """A square of side 10, from x, as Matplotlib writes it."""
    return (
        f'<g id="patch"><path d="M {x} 0 \nL {x + 10} 0 \nL {x + 10} 10 \nL {x} 10 \nz\n" style="{style}"{more}/></g>'
    )


def lightened(body: str) -> list[tuple[str, str]]:
    """The style and the path of each path of a drawing."""
    return re.findall(r'<path(?: clip-path="[^"]*")? style="([^"]*)" d="([^"]*)"/>', light(f"{HEAD}{body}</svg>"))


def test_a_path_says_only_where_it_turns() -> None:
    """Along an axis one coordinate, else two; tenths; a nought has no sign."""
    path = '<path d="M 1.26 -0.02 L 9 0.01 L 9 5.04 L 2 7 C 1 2 3 4 5 6 z" style="stroke: #ffffff"/>'

    assert lightened(path) == [("stroke:#fff", "M1.3 0H9V5L2 7C1 2 3 4 5 6z")]


def test_marks_of_one_look_stand_in_one_path() -> None:
    """Even when another stands between, as long as they do not touch it."""
    assert lightened(square(0, BLUE) + square(50, RED) + square(100, BLUE)) == [
        ("fill:#0000ff", "M0 0H10V10H0zM100 0H110V10H100z"),
        ("fill:#ff0000", "M50 0H60V10H50z"),
    ]


@pytest.mark.parametrize("x", [51, 60, 61.9, 38.1])
def test_a_mark_never_goes_under_one_that_it_touches(x: float) -> None:
    """What is drawn last stays above, be it by the thickness of a line."""
    svg = light(HEAD + square(0, BLUE) + square(50, RED) + square(x, BLUE) + "</svg>")
    first, second, third = re.findall(r' d="M(\S+)', svg)

    assert (first, second, third) == ("0", "50", str(x))


CLIP = '<defs><clipPath id="p"><rect x="0" y="0" width="20" height="10"/></clipPath></defs>'


@pytest.mark.parametrize(("x", "cut"), [(0, False), (10, False), (11, True), (-1, True)])
def test_a_clip_stays_where_it_cuts(x: float, cut: bool) -> None:
    """A frame of 20 points cuts a square that goes beyond; it is defined only when it serves."""
    svg = light(HEAD + square(x, BLUE, ' clip-path="url(#p)"') + CLIP + "</svg>")

    assert ('clip-path="url(#i0)"' in svg) is cut
    assert ('<clipPath id="i0"><rect x="0" y="0" width="20" height="10"/></clipPath>' in svg) is cut


def test_a_round_marker_is_named_once_and_a_straight_one_is_a_path() -> None:
    """Points of two colours share one shape; ticks become lines at their place."""
    svg = drawn(lambda ax: [ax.plot([0.2, 0.8], [rank] * 2, "o", color=PALETTE[key]) for rank, key in
                            enumerate(("commune", "etat"))])  # fmt: skip

    assert svg.count("<use ") == 4
    assert len(re.findall(r'<path id="i\d+"', svg)) == 1
    assert set(re.findall(r'href="#(i\d+)"', svg)) == set(re.findall(r'<path id="(i\d+)"', svg))
    assert re.search(r'd="(M[\d.]+ [\d.]+V[\d.]+){6}', svg)  # from nought to one, six ticks of 3.5 points


def test_a_drawing_says_each_style_once() -> None:
    """Many bars of one look: the look once; every name that is used is defined, once."""
    svg = drawn(
        lambda ax: ax.bar(range(9), range(1, 10), color=PALETTE["commune"], edgecolor=PALETTE["ink"], hatch="/")
    )
    rules, ids = re.findall(r"\.(s\d+)\{", svg), re.findall(r' id="([^"]+)"', svg)

    assert svg.count(f"fill:{PALETTE['commune']}") <= 1 < svg.count("M")
    assert set(re.findall(r'class="([^"]+)"', svg)) == set(rules)
    assert len(set(rules)) == len(rules)
    assert set(re.findall(r"#(i\d+)", svg)) == set(ids)
    assert len(set(ids)) == len(ids) == 1


def test_a_style_that_serves_twice_is_told_once() -> None:
    """Red over blue over red: a class for red."""
    svg = light(HEAD + square(0, RED) + square(5, BLUE) + square(9, RED) + "</svg>")

    assert "<style>.s0{fill:#ff0000}</style>" in svg
    assert svg.count('class="s0"') == 2
    assert svg.count("#ff0000") == 1


def test_the_words_of_a_drawing_stay_as_they_are() -> None:
    """A date, a version, what looks like an attribute: only tags are lightened; what turns them is kept."""
    label = 'Bilan du 12.05.2027 et v1.23456 d="A B" style="x" id="y" #i0'
    svg = drawn(lambda ax: (ax.text(0.5, 0.1, label), ax.text(0.5, 0.5, "12.05.2027", rotation=90)))

    assert svg.count(f">{label}</text>") == svg.count(">12.05.2027</text>") == 1
    assert svg.count("transform=") == svg.count("rotate(-90)") == 1
    assert "<defs>" not in svg


def test_words_are_above_marks() -> None:
    """No bar covers a label."""
    svg = drawn(lambda ax: (ax.text(0, 1, "Mot"), ax.bar([0], [2])))

    assert svg.index("<text") > svg.rindex("<path")
