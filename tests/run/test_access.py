"""Every page for all who read it: judged by axe and the Nu checker, by keyboard, narrow, enlarged, read aloud.

`python tests/run/test_access.py` writes the outline of Mirepoix again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, sync_playwright

from pupitre.data.store import build_store
from pupitre.run.inputs import Order
from pupitre.run.portfolio import write_portfolio
from pupitre.run.report import build_report

if TYPE_CHECKING:
    Report = Any

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
OUTLINE = Path(__file__).with_name("outline-09194.txt")
WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "stress"
CODES = ("00001", "13028", *(("09194", "92062", "09220", "35062", "35999") if WHOLE else ()))

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async options => {
    const found = await axe.run(document, options)
    const told = kind => found[kind].flatMap(rule => rule.nodes.map(node => [
        rule.id, node.target.join(" "), [...node.any, ...node.all].map(check => (check.data || {}).messageKey || ""),
        Boolean(document.querySelector(node.target[0]).closest(".table"))]))
    return {violations: told("violations"), incomplete: told("incomplete"), passes: found.passes.map(rule => rule.id)}
}"""
OPEN = "document.querySelectorAll('details').forEach(details => details.open = true)"
UNFOLDED = "body > * { max-width: none !important } .table, .chart { overflow: visible !important }"
JUDGED = {
    "color-contrast": "what is scrolled out of its frame: measured by `test_every_text_stands_out`",
    "th-has-data-cells": "axe knows nothing of scope=rowgroup, which is the header of the rows below it",
}
"""What axe cannot tell, and why it is right all the same."""

SCREENS = {
    "a telephone": (320, 1, ""),
    "zoomed to 200 %": (640, 2, ""),
    "letters of twice the size": (1280, 1, "html { font-size: 200% }"),
    "spaced out": (
        320, 1, "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }",
    ),
}  # fmt: skip
CROWDED = """() => {
    const width = document.documentElement.clientWidth, framed = ".table, .chart, .notice, .skip"
    const blocks = [...document.querySelectorAll("h1, h2, h3, p, li, figcaption, summary, dt, dd, a, img, data")]
        .filter(block => !block.closest(framed) && block.getClientRects().length)
    const alone = blocks.filter(block => /^(H.|P|LI|FIGCAPTION|SUMMARY|DT|DD)$/.test(block.tagName)
        && !block.querySelector("p, li, ul, ol"))
    const box = block => block.getBoundingClientRect(), told = block => block.textContent.trim().slice(0, 60)
    const touch = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
    return {
        sideways: document.documentElement.scrollWidth > width,
        cut: blocks.filter(block => box(block).right > width + 1 || box(block).left < -1).map(told),
        over: alone.filter((block, rank) => rank && touch(box(block), box(alone[rank - 1]))).map(told),
    }
}"""
FOCUSABLE = """() => [...document.querySelectorAll("a[href], summary, [tabindex]")]
    .filter(element => element.checkVisibility()).map((element, rank) => element.dataset.rank = String(rank))"""
FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element), box = element.getClientRects()[0]
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2
    return {
        rank: element.dataset.rank,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
        seen: box.top < innerHeight && box.bottom > 0 && element.contains(document.elementFromPoint(x, y)),
    }
}"""
ROLES = r"(banner|navigation|main|contentinfo|complementary|heading|table|figure|img|link .Aller)\b"
VAGUE = {"ici", "cliquez ici", "lire la suite", "en savoir plus", "voir", "lien", "source", "suite", "détails"}


@pytest.fixture(scope="session")
def pages_of(
    report_of: Callable[[str], Report], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[Path]]:
    """The pages that come with a report: both editions, a school's, and a portfolio where it stands."""
    out = tmp_path_factory.mktemp("portfolio")

    def _pages(code: str) -> list[Path]:
        folder = report_of(code).folder
        kept = out / folder.parent.name / folder.name
        if not kept.exists():
            shutil.copytree(folder, kept)
            write_portfolio(out)
        schools = sorted(folder.glob("ecole-*.html"))
        return [folder / "rapport.html", folder / "public.html", *schools[: 6 if WHOLE else 1], out / "index.html"]

    return _pages


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page that lets us look inside: `opened(path, width=320)`."""
    contexts = []

    def _opened(path: Path, width: int = 1280, scale: int = 1) -> Page:
        contexts.append(
            browser.new_context(
                bypass_csp=True,
                viewport={"width": width, "height": 800},
                device_scale_factor=scale,
                reduced_motion="reduce",
            )
        )
        page = contexts[-1].new_page()
        page.goto(path.as_uri())
        return page

    yield _opened
    for context in contexts:
        context.close()


def judged(page: Page, options: object) -> Any:
    """What axe says of a page."""
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN, options)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("code", CODES)
def test_axe_has_nothing_to_say(
    code: str,
    width: int,
    opened: Callable[..., Page],
    pages_of: Callable[[str], list[Path]],
    need: Callable[[str], None],
) -> None:
    """WCAG 2.2 AA and good practice, tables of the charts open; what it leaves to us was judged by kind."""
    need(str(AXE))
    for path in pages_of(code):
        page = opened(path, width)
        page.evaluate(OPEN)
        found = judged(page, {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}})

        assert found["violations"] == [], path.name
        assert [node for node in found["incomplete"] if node[0] not in JUDGED or not node[-1]] == [], path.name


@pytest.mark.parametrize("code", CODES)
def test_every_text_stands_out(
    code: str, opened: Callable[..., Page], pages_of: Callable[[str], list[Path]], need: Callable[[str], None]
) -> None:
    """Contrast, where nothing is scrolled out of sight; axe leaves to us only cells that hold a sign and no letter."""
    need(str(AXE))
    for path in pages_of(code):
        page = opened(path, 4000)
        page.evaluate(OPEN)
        page.add_style_tag(content=UNFOLDED)
        found = judged(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})

        assert found["violations"] == [], path.name
        assert [node for node in found["incomplete"] if node[2] != ["nonBmp"]] == [], path.name


def test_axe_would_speak(opened: Callable[..., Page], tmp_path: Path, need: Callable[[str], None]) -> None:
    """Each set of rules is asked for."""
    need(str(AXE))
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><title>x</title><style>a{display:block;height:9px}h3{color:#bbb}</style><h3>pale</h3>"
        "<img src='data:'><a href='#1'>.</a><a href='#2'>.</a><div style='overflow:auto;height:9px'><p>x<p>x</div>",
        encoding="utf-8",
    )
    found = judged(opened(tmp_path / "bad.html"), {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}})

    told = {rule for rule, *_ in found["violations"]}
    assert told >= {"html-has-lang", "image-alt", "color-contrast", "target-size", "region", "page-has-heading-one"}


def test_the_nu_checker_has_nothing_to_say(
    pages_of: Callable[[str], list[Path]], tmp_path: Path, faults_of: Callable[[list[Path]], list[str]]
) -> None:
    """No error in any page; a wrong one among them shows that it reads."""
    wrong = tmp_path / "wrong.html"
    wrong.write_text("<!DOCTYPE html><html lang=fr><title>x</title><p id=a><p id=a>", encoding="utf-8")
    [fault] = faults_of([wrong, *(path for code in CODES for path in pages_of(code))])

    assert fault.endswith("wrong.html : Duplicate ID “a”.")


def test_the_checkers_are_locked_and_come_from_anywhere() -> None:
    """One version each, its digest, no registry; none runs anything when it is installed."""
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    packages = {name.removeprefix("node_modules/"): one for name, one in json.loads(lock)["packages"].items() if name}

    assert {name: one["version"] for name, one in packages.items()} == asked
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in packages.values())
    assert "://" not in lock
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true"} <= {
        *(ROOT / ".npmrc").read_text(encoding="utf-8").split()
    }


@pytest.fixture(params=CODES)
def soups(request: pytest.FixtureRequest, pages_of: Callable[[str], list[Path]]) -> dict[str, BeautifulSoup]:
    """The pages of a report, parsed, by name."""
    return {
        path.name: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in pages_of(request.param)
    }


def test_each_page_says_its_language_and_whose_it_is(soups: dict[str, BeautifulSoup]) -> None:
    """The title is that of the page, and names the commune; a portfolio names none."""
    commune = soups["rapport.html"].h1.get_text().split("\u00a0: ")[1]
    for name, soup in soups.items():
        assert soup.html["lang"] == "fr"
        assert soup.title.get_text() == soup.h1.get_text()
        assert commune in soup.header.get_text() or name == "index.html"
        assert commune in soup.title.get_text() or name.startswith(("index", "ecole"))


def test_headings_are_words_in_order(soups: dict[str, BeautifulSoup]) -> None:
    """One h1, no level passed over, none empty, no two alike under one chapter."""
    for name, soup in soups.items():
        headings = soup.find_all(re.compile("^h[1-6]$"))
        levels = [int(heading.name[1]) for heading in headings]

        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after <= before + 1 for before, after in pairwise(levels)), name
        assert all(heading.get_text(strip=True) for heading in headings), name
        assert twice(f"{heading.find_previous('h2')} {heading}" for heading in headings) == [], name


def test_contents_lead_to_every_heading(soups: dict[str, BeautifulSoup]) -> None:
    """In its order, by its own words; the skip link to what follows."""
    for name, soup in soups.items():
        told = [(link["href"], link.get_text()) for link in soup.select("nav a")]

        assert soup.select_one("a.skip")["href"] == f"#{soup.main['id']}", name
        assert soup.body.find("a") is soup.select_one("a.skip"), name
        if soup.main.find("h2"):
            assert told == [(f"#{one['id']}", one.get_text()) for one in soup.main.find_all(["h2", "h3"])], name


def test_an_alternative_says_what_is_drawn(soups: dict[str, BeautifulSoup]) -> None:
    """A sentence: no file name, not the title again, not that of another picture."""
    for name, soup in soups.items():
        images = soup.select("figure img")

        assert twice(image["alt"] for image in images) == [], name
        assert all(image.get("alt") for image in soup.find_all("img")), name
        for image in images:
            assert len(image["alt"]) >= 20, name
            assert image["alt"].endswith((".", "\u00a0»")), image["alt"]
            assert image["alt"] != image.find_parent("figure").figcaption.get_text(), image["alt"]
            assert not re.search(r"\.(svg|png|jpe?g)\b|^(image|graphique|logo)\b", image["alt"], re.IGNORECASE), name


def test_each_table_has_its_own_caption_and_headers(soups: dict[str, BeautifulSoup]) -> None:
    """Someone who goes from table to table tells them apart; each header says of what it is one."""
    for name, soup in soups.items():
        tables = soup.find_all("table")

        assert twice(table.caption.get_text(strip=True) for table in tables) == [], name
        for header in soup.find_all("th"):
            assert header["scope"] in ("col", "row", "rowgroup"), header
            assert header.get_text(strip=True), (name, header.find_parent("table").caption.get_text())
        for table in tables:
            assert twice(cell.get_text() for cell in table.select("thead th")) == [], (name, table.caption.get_text())
            assert table.select("tbody th"), (name, table.caption.get_text())


def test_a_link_says_where_it_leads(soups: dict[str, BeautifulSoup]) -> None:
    """Inside, to what is there; the same words always to the same place; no « cliquez ici »."""
    for name, soup in soups.items():
        leads: dict[str, set[str]] = defaultdict(set)
        for link in soup.find_all("a"):
            leads[link.get_text(strip=True)].add(link["href"])
        inside = {address for addresses in leads.values() for address in addresses if address.startswith("#")}

        assert {said: where for said, where in leads.items() if len(where) > 1} == {}, name
        assert not {said.lower().strip(" .…»«") for said in leads} & VAGUE, name
        assert all(re.search(r"\w{3}", said) for said in leads), name
        assert inside <= {f"#{tag['id']}" for tag in soup.find_all(id=True)}, name


def test_names_given_aside_exist_and_are_alone(soups: dict[str, BeautifulSoup]) -> None:
    """No id twice, each reference found, `tabindex` only on what scrolls and has a name."""
    for name, soup in soups.items():
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        named = [tag["aria-labelledby"] for tag in soup.find_all(attrs={"aria-labelledby": True})]
        stops = soup.find_all(attrs={"tabindex": True})

        assert twice(ids) == [], name
        assert {*named} <= {*ids}, name
        assert all(stop["tabindex"] == "0" and {"table", "chart"} & {*stop["class"]} for stop in stops), name
        assert all(stop.get("aria-label") or stop.get("aria-labelledby") for stop in stops), name


def twice(texts: Iterator[str] | list[str]) -> list[str]:
    """What is there more than once."""
    return [text for text, count in Counter(texts).items() if count > 1]


@pytest.mark.parametrize("code", CODES)
def test_a_keyboard_goes_everywhere_and_is_followed(
    code: str, opened: Callable[..., Page], pages_of: Callable[[str], list[Path]]
) -> None:
    """Tab stops at each link, frame and summary in the order of reading; the stop is outlined, and nothing hides it."""
    for path in pages_of(code):
        page = opened(path)
        for rank in page.evaluate(FOCUSABLE):
            page.keyboard.press("Tab")

            assert page.evaluate(FOCUSED) == {"rank": rank, "outlined": True, "seen": True}, path.name


def test_a_keyboard_skips_opens_and_scrolls(opened: Callable[..., Page], pages_of: Callable[[str], list[Path]]) -> None:
    """Enter on the skip link leads past the contents; Enter and Space open a table; an arrow moves a wide one."""
    page = opened(pages_of("00001")[0], 320)
    inside = "document.querySelector('main').contains(document.activeElement)"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.url.endswith("#contenu")
    assert page.evaluate(inside)

    summary = page.locator("summary").first
    summary.focus()
    for key, is_open in (("Enter", True), ("Space", False)):
        page.keyboard.press(key)
        assert summary.evaluate("it => it.parentElement.open") is is_open

    wide = next(
        frame for frame in page.locator(".table").all() if frame.evaluate("it => it.scrollWidth > it.clientWidth")
    )
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("it => it.scrollLeft > 0", arg=wide.element_handle())


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("code", CODES)
def test_nothing_is_cut_nor_covered(
    code: str, screen: str, opened: Callable[..., Page], pages_of: Callable[[str], list[Path]]
) -> None:
    """Only a table or a chart scrolls sideways, in its own frame; no text leaves the page or lies on its neighbour."""
    width, scale, style = SCREENS[screen]
    for path in pages_of(code):
        page = opened(path, width, scale)
        page.evaluate(OPEN)
        page.add_style_tag(content=style or "/* as it is */")

        assert page.evaluate(CROWDED) == {"sideways": False, "cut": [], "over": []}, path.name


def outline(page: Page) -> str:
    """What a screen reader lists: landmarks, headings, tables by their caption, figures by theirs, alternatives."""
    lines = page.locator("body").aria_snapshot().splitlines()
    kept = [line for line in lines if re.match(rf" *- '?{ROLES}", line)]
    return "\n".join(line.rstrip(":").rstrip("'").replace("- '", "- ", 1) for line in kept) + "\n"


def test_what_a_screen_reader_lists(opened: Callable[..., Page], mirepoix: Report) -> None:
    """Else look at what changed, and: `python tests/run/test_access.py`."""
    assert outline(opened(mirepoix.folder / "rapport.html")) == OUTLINE.read_text(encoding="utf-8")


def write_outline() -> None:
    """The outline of Mirepoix, as it is now."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = Path(folder) / "pupitre.sqlite"
        build_store(ROOT / "data" / "raw", store)
        made = build_report(Order("09194", "2026-11-22", str(store), folder, str(ROOT)))
        page = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"]).new_page()
        page.goto((Path(made.folder) / "rapport.html").as_uri())
        OUTLINE.write_text(outline(page), encoding="utf-8")


if __name__ == "__main__":
    write_outline()
