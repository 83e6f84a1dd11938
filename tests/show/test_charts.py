from __future__ import annotations

import base64
import re
from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.formats import NBSP, THIN_NBSP, typeset
from pupitre.show import charts

SVG = "{http://www.w3.org/2000/svg}"
PREFIX = "data:image/svg+xml;base64,"
NAMES = ["École $x_1$ & <b>Zoé</b>", "École Jean Jaurès", "École Jean Jaurès", 'École \\frac "d\'Ax"', "É" * 90]
REFERENCE = pd.Series({"q1": 88.6, "median": 105.3, "q3": 119.3})


def schools(names: list[str]) -> pd.DataFrame:
    """Schools of growing size."""
    sizes = [10.0 + 7 * rank for rank in range(len(names))]
    return pd.DataFrame({
        "nom": names, "pupils": sizes, "pupils_maternelle": [4.0] * len(names),
        "ips_compared": [90.5 + rank for rank in range(len(names))],
    })  # fmt: skip


LEGENDS = {"commune": "La commune", "etat": "L'État", "mecene": "Les mécènes", "famille": "Les familles"}


def payers(plans: int = 2) -> str:
    """Plans, two payers, three years; the others bear nothing."""
    by_year = {2027: 1000.0, 2028: 200.0, 2029: 0.0}
    nothing = dict.fromkeys(by_year, 0.0)
    borne = {"commune": by_year, "etat": by_year, "mecene": nothing}
    return charts.payers_by_year({label: borne for label in ["Achat", "Location", *"CDEFG"][:plans]}, LEGENDS)


def cash() -> str:
    """Two curves."""
    return charts.cumulative_cash({
        "achat": ("Achat", {2027: 900.0, 2028: 700.0}), "leasing": ("Location", {2027: 300.0, 2028: 800.0}),
    })  # fmt: skip


DRAWINGS: dict[str, Callable[[], str]] = {
    "pupils": lambda: charts.pupils_by_school(schools(NAMES)),
    "ips": lambda: charts.ips_by_school(schools(NAMES), REFERENCE),
    "deciles": lambda: charts.place_among_deciles(
        23580.0, [22010.0 + 900 * n for n in range(9)], f"23{THIN_NBSP}580{NBSP}€"
    ),
    "items": lambda: charts.cost_by_item(NAMES, [0.0] * 5, [5e4, 4e4, 3e4, 2e4, 0.0], [6e4, 5e4, 4e4, 3e4, 0.0]),
    "coverage": lambda: charts.coverage_by_school(NAMES, [1.0, 0.905, 0.5, 0.25, 0.0]),
    "ages": lambda: charts.devices_by_due_year(
        ["2026", "Âge inconnu"], {"affichage": [1234, 2], "ordinateur": [7, 0], "tablette": [0, 3]}
    ),
    "rates": lambda: charts.line_rates(NAMES, [None, 0.0, 12.5, 94.0, 2500.0], [100.0] * 5, [8, 30, 100]),
    "gaps": lambda: charts.equipment_and_ips(NAMES, [85.2, 90.0, 101.3, 110.0, 120.5], [0.0, 12.5, 20.0, 8.0, 4.0]),
    "years": lambda: charts.investment_by_year({2027: 20_000.0, 2028: 0.0}, 25_000.0),
    "payers": payers,
    "cash": cash,
    "drivers": lambda: charts.drivers(NAMES, [0.5, 0.25, 0.125, 0.004, 0.0]),
    "spread": lambda: charts.spread_of_costs(NAMES, [(1e4 * n, 2e4 * n, 4e4 * n) for n in range(5)]),
}


def svg(uri: str) -> str:
    """The drawing in a data URI."""
    assert uri.startswith(PREFIX)
    return base64.b64decode(uri.removeprefix(PREFIX), validate=True).decode("utf-8")


def texts(uri: str) -> list[str]:
    """The texts of a drawing, in their order."""
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg(uri)).iter(f"{SVG}text")]  # noqa: S314 (ours)


@pytest.fixture(params=DRAWINGS, scope="module")
def drawing(request: pytest.FixtureRequest) -> str:
    """Each kind of chart, with names that would be formulas or markup elsewhere."""
    return DRAWINGS[request.param]()


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_drawing_gives_the_same_bytes(name: str) -> None:
    """Twice in one process, whatever was drawn between."""
    first = DRAWINGS[name]()
    cash()

    assert DRAWINGS[name]() == first


def test_a_drawing_does_not_hang_on_the_settings_of_matplotlib() -> None:
    """A matplotlibrc in the folder, or a style set before, changes no byte."""
    first = DRAWINGS["items"]()
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "svg.hashsalt": "x", "axes.facecolor": "#ff0000"}):
        again = DRAWINGS["items"]()

    assert again == first


def test_a_drawing_is_valid_xml_and_no_id_stands_twice(drawing: str) -> None:
    """And what refers to an id finds it."""
    root = ElementTree.fromstring(svg(drawing))  # noqa: S314 (ours)
    ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]

    assert root.tag == f"{SVG}svg"
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"(?:url\(|href=\")#([\w-]+)", svg(drawing))) <= set(ids)


def test_a_drawing_says_neither_when_nor_by_what_it_was_made(drawing: str) -> None:
    """No metadata, no date; no script, no remote address but the names of SVG itself."""
    text = svg(drawing)

    assert "metadata" not in text
    assert not re.search(r"<dc:|<cc:|<rdf:|<script|Matplotlib v", text)
    assert not re.findall(r"(?:src|href)=\"(?!#)", text)


def test_text_stays_text(drawing: str) -> None:
    """Words can be searched and read aloud: they are not drawn as outlines."""
    assert len(texts(drawing)) >= 3
    assert "DejaVuSans-" not in svg(drawing)


@pytest.mark.parametrize("name", ["pupils", "ips", "items", "coverage", "rates", "drivers", "spread"])
def test_names_are_written_as_they_are(name: str) -> None:
    """Dollars are no formula, brackets no markup; two schools of one name are two rows; a long one is cut."""
    written = texts(DRAWINGS[name]())

    starts = [sum(text.startswith(typeset(school)) for text in written) for school in NAMES]

    assert starts == [1, 2, 2, 1, 0]
    assert any("…" in text for text in written)
    assert all(len(text) <= charts.LABEL_CHARACTERS for text in written)


@pytest.mark.parametrize("count", [1, 80])
def test_one_school_or_eighty_each_has_its_row(count: int) -> None:
    """The drawing grows with its rows: the same distance between two, whatever their number."""
    names = [f"École {rank:02}" for rank in range(count)]
    for uri in (charts.pupils_by_school(schools(names)), charts.ips_by_school(schools(names), REFERENCE)):
        height = float(ElementTree.fromstring(svg(uri)).attrib["height"].removesuffix("pt"))  # noqa: S314 (ours)

        assert [text for text in texts(uri) if text.startswith("École")] == names
        assert height == pytest.approx(72 * charts.BAR_INCHES * count, abs=72)


def test_each_bar_says_its_pupils() -> None:
    """Both levels counted, an unknown number nought, thousands with a thin space."""
    frame = schools(["A", "B"])
    frame.loc[0, "pupils"] = 1234.0
    frame.loc[1, ["pupils", "pupils_maternelle"]] = None

    assert {f"1{THIN_NBSP}234", "0", "Maternelle", "Élémentaire et ULIS"} <= set(texts(charts.pupils_by_school(frame)))


def test_amounts_are_french() -> None:
    """Euros on the bars, thousands of euros on the axes; no point in a number, no hyphen for a minus."""
    written = texts(DRAWINGS["items"]())

    assert any(text.endswith(f"50{THIN_NBSP}000{NBSP}€") for text in written)
    assert "milliers d’euros TTC" in written
    for name in DRAWINGS:
        assert not [text for text in texts(DRAWINGS[name]()) if re.search(r"\d\.\d|\d \d{3}|^-\d", text)]


def test_an_amount_is_never_cut_with_its_label() -> None:
    """However long the label: what is cut is the words."""
    label = "Ordinateur de la direction en maternelle, remplacement"
    written = texts(charts.cost_by_item([label], [5e5], [712345.0], [9e5]))

    assert any(f"712{THIN_NBSP}345{NBSP}€" in text for text in written)


def test_years_are_years() -> None:
    """Each once a frame, short where frames stand side by side, none between two."""
    assert [text for text in texts(payers()) if re.fullmatch("’2.", text)] == ["’27", "’28", "’29"] * 2
    assert [text for text in texts(cash()) if text.startswith("20")] == ["2027", "2028"]


def test_plans_are_told_apart_without_colour() -> None:
    """The State's part is hatched, one curve dashed and the other not, and each curve bears its name."""
    assert "<pattern" in svg(payers())
    assert "stroke-dasharray" in svg(cash())
    assert {"Achat", "Location"} <= set(texts(cash()))
    assert {"La commune", "L'État"} <= set(texts(payers()))


@pytest.mark.parametrize(("plans", "rows"), [(1, 1), (3, 1), (4, 2), (7, 3)])
def test_frames_stand_three_in_a_row(plans: int, rows: int) -> None:
    """One a plan, by its name; a row more is a taller drawing, the frames that are left over are not drawn."""
    drawn = payers(plans)
    heights = [re.search(r'height="([\d.]+)pt"', svg(uri)) for uri in (payers(1), drawn)]
    one, several = (float(height[1]) for height in heights if height)

    assert [text for text in texts(drawn) if text in {"Achat", "Location", *"CDEFG"}] == [
        *["Achat", "Location", *"CDEFG"][:plans]
    ]
    assert len([text for text in texts(drawn) if text == "’27"]) == plans
    assert several - one == pytest.approx((rows - 1) * 72 * 2.1, abs=1)


def test_only_who_pays_has_a_legend() -> None:
    """A payer of no plan, or who bears nothing in any, is not in the key; the others are, once."""
    written = texts(payers(4))

    assert [text for text in written if text in LEGENDS.values()] == ["La commune", "L'État"]


def test_causes_say_their_shares() -> None:
    """In whole percentages, the strongest on top; a share of nought has its row."""
    written = texts(charts.drivers(["Prix", "Casse", "Retard"], [0.506, 0.1, 0.0]))

    assert [text for text in written if "%" in text] == [f"51{NBSP}%", f"10{NBSP}%", f"0{NBSP}%"]
    assert [text for text in written if "%" not in text] == ["Prix", "Casse", "Retard"]


def test_a_spread_says_its_middle() -> None:
    """In euros, one line a way to pay, in the order given; the scale begins at nought."""
    written = texts(charts.spread_of_costs(["Achat", "Location"], [(5e4, 70_500.4, 9e4), (6e4, 8e4, 1e5)]))

    assert [text for text in written if "€" in text] == [f"70{THIN_NBSP}500{NBSP}€", f"80{THIN_NBSP}000{NBSP}€"]
    assert [text for text in written if text in ("Achat", "Location")] == ["Achat", "Location"]
    assert "0" in written


@given(st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=8), st.floats(0, 1e6))
def test_labels_are_kept_apart(values: list[float], least: float) -> None:
    """Never nearer than asked for, never lower than their mark, in the same order; those that do not touch stay."""
    moved = charts.apart(values, least)
    ranks = sorted(range(len(values)), key=lambda rank: values[rank])
    placed = [moved[rank] for rank in ranks]

    assert all(after - before >= least * (1 - 1e-9) - 1e-6 for before, after in pairwise(placed))
    assert all(new >= old for new, old in zip(moved, values, strict=True))
    assert charts.apart(moved, least * (1 - 1e-6)) == moved


def test_curves_that_end_together_keep_their_names_apart() -> None:
    """Six ways to pay that come to the same: six names, one over another."""
    keys = ["achat", "subventions", "leasing", "mecenat", "efran", "byod_tripartite"]
    drawn = charts.cumulative_cash({key: (key.upper(), {2027: 900.0, 2028: 700.0}) for key in keys})
    places = {
        "".join(node.itertext()): node.attrib.get("y") or node.attrib["transform"]
        for node in ElementTree.fromstring(svg(drawn)).iter(f"{SVG}text")  # noqa: S314 (ours)
    }

    assert len({places[key.upper()] for key in keys}) == len(keys)


def test_drawing_leaves_no_state() -> None:
    """No figure of pyplot stays open, no setting of matplotlib is changed."""
    before = dict(mpl.rcParams)
    DRAWINGS["items"]()

    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before
