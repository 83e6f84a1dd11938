"""One palette with meaning, one chart style, one way to make an SVG.

Belongs: colours, fonts, sizes, bytes that do not change. Does not: any chart.
Colours differ in lightness as well as in hue, so that they stay apart for a colour-blind reader and in grey.
"""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

PALETTE = {
    "commune": "#0b4f8a",
    "etat": "#e8a33d",
    "groupement": "#7fb3a3",
    "affichage": "#0b4f8a",
    "ordinateur": "#9cc8ee",
    "tablette": "#e8a33d",
    "maternelle": "#9cc8ee",
    "elementaire": "#0b4f8a",
    "achat": "#0b4f8a",
    "leasing": "#b04a21",
    "subventions": "#2e7d4f",
    "mecenat": "#8e5ea2",
    "efran": "#147a7a",
    "byod_tripartite": "#8a6508",
    "departement": "#2e7d4f",
    "mecene": "#8e5ea2",
    "famille": "#e7c9a9",
    "milestone": "#9cc8ee",
    "reference": "#5f6b7a",
    "band": "#dfe5ec",
    "ink": "#1c2733",
}
OTHERS = ("#3d6b8f", "#7a5c3a", "#4b7f7f")  # of a scenario or a payer that has no colour of its own
WIDTH_INCHES = 7.4
RC = mpl.rc_params_from_file(Path(__file__).with_name("house.mplstyle"), use_default_template=False)
WORDS = "\0"  # where a text of a drawing stands; no XML holds it
READER_FONTS = "'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def color_of(key: str, rank: int = 0) -> str:
    """The colour of a scenario or a payer, else one by its rank."""
    return PALETTE.get(key, OTHERS[rank % len(OTHERS)])


@contextmanager
def canvas(height_inches: float, columns: int = 1, rows: int = 1) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure in the house style, outside pyplot: no state is left behind.

    Matplotlib's own defaults and ours hold inside, whatever settings the reader has; his come back after.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(RC)
        figure = Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
        axes = figure.subplots(rows, columns, sharey=True, squeeze=False)
        yield figure, list(axes.flat)


def svg_uri(figure: Figure) -> str:
    """The figure as a data URI, inside its canvas: no metadata, fixed ids, the reader's own fonts."""
    buffer = io.StringIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return "data:image/svg+xml;base64," + base64.b64encode(light(buffer.getvalue()).encode()).decode()


def light(svg: str) -> str:
    """The same drawing in fewer bytes: the font told once, tenths of a point, each style and each name said once.

    >>> light('<svg x="1.23456"><g id="a">\\n  <g clip-path="b"><path/></g></g></svg>').replace(READER_FONTS, "…")
    '<svg style="font-family: …" x="1.2"><g clip-path="b"><path/></g></svg>'
    """
    words = re.findall(r">([^<]+)</text>", svg)
    svg = re.sub(r">[^<]+</text>", f">{WORDS}</text>", svg)  # what is read stays as it is
    svg = (
        svg[svg.index("<svg ") :]
        .replace("font-family: 'DejaVu Sans'; ", "")
        .replace("<svg ", f'<svg style="font-family: {READER_FONTS}" ', 1)
    )
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", re.sub(r"(\d\.\d\d)\d+", r"\1", svg))
    kept, groups = [], []
    for part in re.split(r"(</?g(?: [^>]*)?>)", re.sub(r'<g id="[^"]*">', "<g>", svg)):
        if part.startswith("<g"):
            groups.append(part != "<g>")
        if (part == "</g>" and groups.pop()) or (part != "</g>" and part != "<g>"):
            kept.append(part)
    lightened = _named_once(re.sub(r"\n\s*", "\n", "".join(kept)))
    return "".join(part + word for part, word in zip_longest(lightened.split(WORDS), words, fillvalue=""))


def _named_once(svg: str) -> str:
    """Paths without idle spaces, places to the tenth, short ids, and a class for each style that serves twice."""
    svg = re.sub(r'(?<= d=")[^"]*', lambda path: re.sub(r"\s*([A-Za-z])\s*", r"\1", path[0]).strip(), svg)
    svg = re.sub(r'(?<= (?:d|x|y)=")[^"]*', lambda place: re.sub(r"(\.\d)\d+", r"\1", place[0]), svg)
    svg = re.sub(r">\n<", "><", svg)
    for rank, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg))):
        svg = re.sub(rf'(id="|#){name}(?=[")])', rf"\1i{rank}", svg)
    styles = Counter(re.findall(r' style="([^"]*)"', svg))
    shared = {style: f"s{rank}" for rank, style in enumerate(styles) if styles[style] > 1}
    svg = re.sub(r' style="([^"]*)"', lambda told: f' class="{shared[told[1]]}"' if told[1] in shared else told[0], svg)
    rules = "".join(f".{name}{{{style}}}" for style, name in shared.items())
    return svg.replace("</style>", f"{rules}</style>", 1)
