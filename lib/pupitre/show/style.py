"""One palette with meaning, one chart style, one way to make an SVG.

Belongs: colours, fonts, sizes, bytes that do not change. Does not: any chart, lightening (`show/lightening.py`).
Colours differ in lightness as well as in hue, so that they stay apart for a colour-blind reader and in grey.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from pupitre.show.lightening import light

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
        for ax in axes.flat:
            ax.patch.set_visible(False)
        yield figure, list(axes.flat)


def svg_uri(figure: Figure) -> str:
    """The figure as a data URI, inside its canvas: no metadata, fixed ids, the reader's own fonts."""
    buffer = io.StringIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return "data:image/svg+xml;base64," + base64.b64encode(light(buffer.getvalue()).encode()).decode()
