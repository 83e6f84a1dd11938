"""Whoever writes in a workbook, in notes, in a settings file, a file name or open data cannot act on the page.

In Chromium, without the policy of the page: it is a second lock, not the one under test.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from pupitre.data.codes import name_key
from pupitre.data.sheets import Sheet, sheets
from pupitre.data.workbook_writer import HEADER_ROW
from pupitre.formats import typeset
from pupitre.run.inputs import Order
from pupitre.run.portfolio import write_portfolio
from pupitre.run.report import build_report

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "data" / "raw" / "communes" / "00001"

RUN_ALONE = (
    "<script>attacked=1</script>",
    "</script><script>attacked=1</script>",
    "<img src=x onerror=attacked=1>",
    "<svg onload=attacked=1><a xlink:href='javascript:attacked=1'>clic</a></svg>",
    "<svg><style><img src=x onerror=attacked=1></style></svg>",
    "\"><iframe srcdoc='<script>parent.attacked=1</script>'></iframe>",
    "</style></title></textarea></noscript><script>attacked=1</script>",
    "--><script>attacked=1</script><!--",
    "]]><script>attacked=1</script><![CDATA[",
    "<details open ontoggle=attacked=1><summary>x</summary></details>",
)
"""Each does run where it is taken for markup: see the last test."""

TWIST = (
    "' onmouseover='attacked=1' autofocus onfocus='attacked=1' x='",
    '" onmouseover="attacked=1" autofocus onfocus="attacked=1" x="',
    "<a href=javascript:attacked=1>clic</a>",
    "[clic](javascript:attacked=1) ![x](//attacked.invalid/x.png) [clic]: javascript:attacked=1",
    "&lt;script&gt;attacked=1&lt;/script&gt; &#60;script&#62; &amp;lt;",
    "</td></tr></table></main></body></html><h1>attacked</h1>",
    "</data></p></li></ul><base href=//attacked.invalid/><meta http-equiv=refresh content=0;url=//attacked.invalid/>",
    "<link rel=stylesheet href=//attacked.invalid/a.css><style>body{display:none}</style>",
    "\"}body{display:none}@import '//attacked.invalid/b.css';/*",
    "{{7*7}} {% raw %} {# x #} ${7*7} {plan} {0} {} {commune.nom} {attacked:euros} %s %(x)s",
    "$\\href{javascript:attacked=1}{x}$ **gras** _x_ `x` <!-- x",
    '=HYPERLINK("http://attacked.invalid")',
    "a\u200bb\u200dc\ufeffd",
    "M" * 250,
)
UNSEEN = ("\u202egnp.etsil\u202c", "\x01\x08", "\ud7ff\ufffd")
"""What a workbook refuses, and a text of ours may hold."""

ATTACKS = (*RUN_ALONE, *TWIST)
COMMUNE = "L'Île</style><script>attacked=1</script>\"}body{display:none}/* {x} \\"
SCHOOL = " <video><source onerror=\"top['attac'+'ked']=1\"></video>{x}"
NAME, FIRM = "Zoé <img src=x onerror=attacked=1> {x}", "</style><script>attacked=1</script>\"' & fils"
FILE = "classeur<img src=x onerror=attacked=1>{x}&'.xlsx"

REFERENCES = {"code_insee", "question", "code", "valeur", "reponse"}
"""Columns of texts that are keys, or read as numbers."""

LONG = 30  # characters of a text that is found by chance nowhere else
SHOWN = {
    "calendrier.apres", "calendrier.jalon", "concertation.besoin", "enquetes.vague", "gouvernance.membres",
    "indicateurs.definition", "indicateurs.indicateur", "indicateurs.motif", "indicateurs.numerateur",
    "indicateurs.unite", "initiatives.conclusion", "initiatives.nom", "mesures.indicateur", "objectifs.finalite",
    "objectifs.objectif", "objectifs.reprend", "orientation.ambition", "orientation.collaboration",
    "orientation.perimetre", "orientation.projets", "orientation.temps", "orientation.territoire", "paroles.texte",
    "questions.intitule", "vagues.vague",
}  # fmt: skip
ADDED = {"Avis du consultant", "Hypothèses et sources", "Glossaire"}
TAGS = set(
    "html head meta title style body a aside header nav main footer h1 h2 h3 p br strong em small span data ol ul li "
    "dl dt dd table caption thead tbody tr th td div figure figcaption img details summary blockquote".split()
)


@dataclass
class Attacked:
    """A report made from hostile texts: its pages, and what each text of the workbook became, by its column."""

    pages: list[Path]
    told: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def texts(self) -> str:
        """All that is read on the pages, and their alternatives."""
        return "\n".join(text_of(path) for path in self.pages)


def text_of(path: Path) -> str:
    """What a page says."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return flat(" ".join([soup.body.get_text(), *(str(image["alt"]) for image in soup.find_all("img"))]))


def flat(text: str) -> str:
    """A text as it is compared: typography, blanks and signs of no width apart."""
    return re.sub(r"[\s\u200b-\u200d\u2060\ufeff]+", "", typeset(text))


@pytest.fixture(scope="session")
def attacked(
    store: Path, on: date, project_at: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Attacked:
    """The report of the example, every text of it an attack."""
    folder = tmp_path_factory.mktemp("hostile")
    project, out = project_at(folder / "projet"), folder / "out"
    (folder / "data").mkdir()
    base, workbook = folder / "data" / "base.sqlite", folder / "data" / FILE
    spoil_store(store, base)
    told = spoil_workbook(workbook)
    spoil_project(project)
    out.mkdir()
    made = Path(
        build_report(Order("00001", on.isoformat(), str(base), str(out), str(project), workbook=str(workbook))).folder
    )
    write_portfolio(out)
    return Attacked([*sorted(made.glob("*.html")), out / "index.html"], told)


def spoil_store(store: Path, out: Path) -> None:
    """Names of the commune and of its schools."""
    shutil.copy(store, out)
    with sqlite3.connect(out) as base:
        base.execute("UPDATE communes SET nom = ? WHERE code_insee = '00001'", [COMMUNE])
        schools = base.execute("SELECT uai, nom FROM schools WHERE code_insee = '00001'").fetchall()
        for uai, nom in schools:
            base.execute("UPDATE schools SET nom = ? WHERE uai = ?", [nom + SCHOOL, uai])
    base.close()


def spoil_workbook(out: Path) -> dict[str, list[tuple[str, str]]]:
    """Each free text of the example followed by an attack, the same text by the same one; the surveys beside it too."""
    book, attacks = openpyxl.load_workbook(EXAMPLE / "bourg-exemple.xlsx"), cycle(ATTACKS)
    became: dict[str, str] = {}
    told: dict[str, list[tuple[str, str]]] = {}
    for sheet in sheets():
        keys = {one.key for one in sheet.columns if one.kind == "text" and not (one.prefilled or one.personal)}
        for cell, key in texts_of(book[sheet.title], sheet):
            if key in keys - REFERENCES and sheet.key != "lisez_moi" and cell.value not in ("%", None):
                original = str(cell.value)
                became.setdefault(original, f"{original} {next(attacks)}")
                cell.value, cell.data_type = became[original], "s"
                told.setdefault(f"{sheet.key}.{key}", []).append((became[original], original))
    book.save(out)
    for path in EXAMPLE.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{**row, "vague": became[row["vague"]]} for row in csv.DictReader(file, delimiter=";")]
        with out.with_name(path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    return told


def texts_of(page: Any, one: Sheet) -> Iterator[tuple[Any, str]]:
    """Each cell of answers of a sheet, with the key of its column."""
    if one.layout == "form":
        for title, answer, *_ in page.iter_rows(min_col=1, max_col=2):
            yield answer, one.names.get(name_key(str(title.value)), "")
        return
    titles = [one.names.get(name_key(str(cell.value)), "") for cell in page[HEADER_ROW + 1]]
    for row in page.iter_rows(min_row=HEADER_ROW + 2):
        yield from zip(row, titles, strict=False)


def spoil_project(project: Path) -> None:
    """What the consultant says of himself, and of the commune."""
    (project / "pupitre.toml").write_text(
        f"date = 2026-11-22\n[consultant]\nnom = {json.dumps(NAME)}\nsociete = {json.dumps(FIRM)}\n", encoding="utf-8"
    )
    notes = project / "data" / "raw" / "communes" / "00001" / "notes.md"
    notes.parent.mkdir(parents=True)
    notes.write_text("# Diagnostic\n\n" + "\n\n".join(("## Titre " + ATTACKS[0], *ATTACKS, *UNSEEN)), encoding="utf-8")


@pytest.fixture
def watched(browser: Browser) -> Iterator[Page]:
    """A page without its policy, that notes what it asks for and the windows it opens."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.noted = []  # type: ignore[attr-defined]
    page.on("dialog", lambda dialog: (page.noted.append(dialog.message), dialog.dismiss()))  # type: ignore[attr-defined]
    page.on("request", lambda request: page.noted.append(request.url))  # type: ignore[attr-defined]
    yield page
    context.close()


def test_nothing_runs_and_nothing_is_asked(attacked: Attacked, watched: Page) -> None:
    """No script, no window, no request, no style, however the page is read: opened, pointed at, gone through."""
    for path in attacked.pages:
        watched.noted.clear()  # type: ignore[attr-defined]
        watched.goto(path.as_uri(), wait_until="load")
        watched.evaluate(
            """() => document.querySelectorAll("body, body *").forEach(element => {
                element.open = true
                for (const name of ["mouseover", "focus", "click", "toggle", "load", "error"])
                    element.dispatchEvent(new Event(name, {cancelable: true}))
            })"""
        )
        watched.wait_for_load_state("networkidle")
        asked = [note for note in watched.noted if not note.startswith("data:image/")]  # type: ignore[attr-defined]

        assert watched.evaluate("typeof window.attacked") == "undefined", path.name
        assert [address.split("#")[0] for address in asked] == [path.as_uri()], path.name
        assert watched.evaluate("getComputedStyle(document.body).display") == "block", path.name
        assert watched.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), path.name


def test_a_page_keeps_its_shape(attacked: Attacked) -> None:
    """Only tags of ours, no handler, links of ours; the headings of our notebooks, one main, one style."""
    ours = {match[1].strip() for path in (ROOT / "notebooks").glob("*.ipynb") for match in titles_of(path)}
    for path in attacked.pages:
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        tags = soup.find_all(True)

        assert {tag.name for tag in tags} <= TAGS, path.name
        assert not [name for tag in tags for name in tag.attrs if name.startswith("on") or name == "style"], path.name
        assert all(re.match(r"#|https://(?!attacked)|00001-|portefeuille", link["href"]) for link in soup.find_all("a"))
        assert [len(soup.find_all(name)) for name in ("html", "body", "main", "style", "h1")] == [1] * 5, path.name
        assert len(soup.body.find_all(recursive=False)) <= 6, path.name
        if path.name == "rapport.html":
            told = {heading.get_text() for heading in soup.main.find_all(["h2", "h3"])}
            assert told - {typeset(title) for title in ours} <= ADDED


def titles_of(notebook: Path) -> Iterator[re.Match[str]]:
    """The headings of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return re.finditer(r"^#+ (.+)$", "\n".join("".join(cell["source"]) for cell in cells), re.MULTILINE)


def test_the_checker_finds_no_fault(attacked: Attacked, faults_of: Callable[[list[Path]], list[str]]) -> None:
    """No attack makes a page that is not HTML."""
    assert faults_of(attacked.pages) == []


def test_a_long_word_is_broken(attacked: Attacked, watched: Page) -> None:
    """Rather than push the page sideways."""
    watched.set_viewport_size({"width": 320, "height": 800})
    for path in attacked.pages:
        watched.goto(path.as_uri())

        assert watched.evaluate("document.documentElement.scrollWidth") == 320, path.name


def test_each_attack_is_read_as_it_was_written(attacked: Attacked) -> None:
    """Wherever a text of the workbook is shown it is whole; each attack is somewhere, and each column that is shown."""
    texts = attacked.texts()
    shown = {column for column, told in attacked.told.items() if any(flat(text) in texts for text, _ in told)}
    told = {original: text for told in attacked.told.values() for text, original in told if len(original) > LONG}
    alone = {original: text for original, text in told.items() if sum(original in other for other in told) == 1}

    assert shown >= SHOWN
    assert [text for old, text in alone.items() if texts.count(flat(old)) > texts.count(flat(text))] == []
    assert [attack for attack in ATTACKS if flat(attack) not in texts] == []
    assert [text for text in (COMMUNE, SCHOOL, NAME, FIRM) if flat(text) not in texts] == []
    assert flat(FILE) not in texts  # no page names the file


def test_the_running_title_of_a_sheet_of_paper_is_a_text(
    attacked: Attacked, watched: Page, need: Callable[[str], None], tmp_path: Path
) -> None:
    """It stands between quotes in the style sheet, and is read on each sheet as it was written."""
    need("pdftotext")
    watched.goto(next(path for path in attacked.pages if path.name == "public.html").as_uri())
    watched.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    command = ["pdftotext", "-f", "2", "-l", "2", "-raw", tmp_path / "page.pdf", "-"]
    sheet = subprocess.run(command, capture_output=True, check=True).stdout.decode()

    assert flat(COMMUNE) in flat(sheet)


def test_these_attacks_would_run(watched: Page, tmp_path: Path) -> None:
    """Where one is taken for markup."""
    for attack in RUN_ALONE:
        page = tmp_path / "page.html"
        page.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>x</title><p>{attack}</p>", encoding="utf-8")
        watched.goto(page.as_uri(), wait_until="load")
        watched.wait_for_function("window.attacked === 1", timeout=5000)
