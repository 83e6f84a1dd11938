from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from weasyprint import HTML

from pupitre.errors import ReportError, UsageError
from pupitre.run import pdf as writer
from pupitre.run.inputs import Order
from pupitre.run.pdf import as_pdf
from pupitre.run.report import build_report

Report = Any
PIXEL = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3C/svg%3E"
TITLE = re.compile(r"/Title\s*(?:\(([^)]*)\)|<feff([0-9a-f]*)>)")
NUMBER = re.compile(r"^\d+ / \d+$")
UNCUT = {"tr", "img", "figure", "li", "caption", "h1", "h2", "h3"}
A4 = (595, 842)  # points


@dataclass(frozen=True)
class Pdf:
    """A page, and its PDF."""

    html: str
    path: Path

    @cached_property
    def told(self) -> dict[str, str]:
        """What pdfinfo says."""
        lines = run("pdfinfo", self.path).splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @cached_property
    def objects(self) -> str:
        """What the file holds, its streams decompressed."""
        found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", self.path.read_bytes(), re.DOTALL)
        return b"".join(map(decompressed, found)).decode("latin-1")

    @cached_property
    def headings(self) -> list[str]:
        """The headings that are printed."""
        soup = BeautifulSoup(self.html, "html.parser")
        return [one_line(tag.get_text()) for tag in soup.find_all(["h1", "h2", "h3"]) if not tag.find_parent("nav")]

    @cached_property
    def pages(self) -> list[list[str]]:
        """The lines of each page, without its header nor its footer."""
        pages = []
        for text in run("pdftotext", "-raw", self.path, "-").split("\f")[:-1]:
            lines = [one_line(line) for line in text.splitlines() if line.strip()]
            pages.append([line for line in lines if not NUMBER.match(line) and line != "Rapport au maire"])
        return pages


def run(*command: object) -> str:
    """What a command prints."""
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def decompressed(stream: bytes) -> bytes:
    """A stream, nothing when it is not compressed."""
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def in_head(element: Any) -> bool:
    """Whether it is the header of a table, which each page repeats."""
    return any(cell.attrib.get("scope") == "col" for cell in element)


def one_line(text: str) -> str:
    """Words with single spaces."""
    return " ".join(text.split())


@pytest.fixture(scope="session")
def pdf_of(
    report_of: Callable[[str], Report], need: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Pdf]:
    """The PDF of a report, written once."""
    need("pdftotext")
    folder, made = tmp_path_factory.mktemp("pdf"), {}

    def _pdf(code: str) -> Pdf:
        if code not in made:
            html, path = report_of(code).html, folder / f"{code}.pdf"
            path.write_bytes(as_pdf(html))
            made[code] = Pdf(html, path)
        return made[code]

    return _pdf


@pytest.fixture(params=["00001", "09194"])
def pdf(request: pytest.FixtureRequest, pdf_of: Callable[[str], Pdf]) -> Pdf:
    """The fictional commune, which has everything, then a real one."""
    return pdf_of(request.param)


def test_a_pdf_is_accessible_by_its_own_account(pdf: Pdf) -> None:
    """Tagged, titled, in French, of the standard PDF/UA-1, its title in the window's bar; charts keep their words."""
    soup = BeautifulSoup(pdf.html, "html.parser")

    assert pdf.told["Tagged"] == "yes"
    assert soup.title is not None
    assert one_line(pdf.told["Title"]) == one_line(soup.title.get_text())
    assert "/Lang (fr)" in pdf.objects
    assert "/DisplayDocTitle true" in pdf.objects
    assert b'pdfuaid:part="1"' in pdf.path.read_bytes() + pdf.objects.encode("latin-1")
    assert pdf.objects.count("/Alt") >= len(soup.select("main img")) > 2


def test_a_pdf_is_made_of_a4_pages(pdf: Pdf) -> None:
    """Each page, not the first alone."""
    sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", run("pdfinfo", "-l", "999", pdf.path))

    assert len(sizes) == int(pdf.told["Pages"]) > 5
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {A4}


def test_each_heading_is_a_bookmark(pdf: Pdf) -> None:
    """In the order of the page."""
    found = [text or bytes.fromhex(code).decode("utf-16-be") for text, code in TITLE.findall(pdf.objects)]
    *bookmarks, title = map(one_line, found)

    assert len(pdf.headings) > 10
    assert bookmarks == pdf.headings
    assert title == pdf.headings[0]


def test_each_word_of_the_page_is_printed(pdf: Pdf) -> None:
    """Headings, sentences and cells; what opens on a click stays closed, links to chapters are bookmarks."""
    soup = BeautifulSoup(pdf.html, "html.parser")
    for hidden in soup.select("details, nav, .skip, style, title"):
        hidden.decompose()
    printed = re.sub(r"\W", "", " ".join(line for page in pdf.pages for line in page))
    missing = [
        tag.get_text()
        for tag in soup.select("h1, h2, h3, figcaption, caption, td, th")
        if re.sub(r"\W", "", tag.get_text()) not in printed
    ]

    assert missing == []


def test_no_page_is_empty(pdf: Pdf, tmp_path: Path) -> None:
    """Between its header and its footer, each page has ink."""
    run("pdftoppm", "-r", "30", "-gray", "-png", pdf.path, tmp_path / "page")
    inked = []
    for path in sorted(tmp_path.glob("page*.png")):
        with Image.open(path) as page:
            body = page.crop((0, round(page.height * 0.06), page.width, round(page.height * 0.94)))
            inked.append(sum(body.histogram()[:200]))

    assert len(inked) == int(pdf.told["Pages"])
    assert min(inked) > 200


def test_no_heading_ends_a_page(pdf: Pdf) -> None:
    """Nor the title of a chart or of a table."""
    soup = BeautifulSoup(pdf.html, "html.parser")
    titles = {one_line(tag.get_text()) for tag in soup.select("h1, h2, h3, figcaption, caption")}

    assert [page[-1] for page in pdf.pages if page[-1] in titles] == []


def test_nothing_is_cut_between_two_pages(pdf: Pdf) -> None:
    """Neither a row, nor a chart, nor a heading, nor an item of a list."""
    pages = [page._page_box for page in HTML(string=pdf.html).render().pages]
    placed: dict[object, set[int]] = {}
    for number, page in enumerate(pages):
        for box in page.descendants():
            if box.element is not None and box.element_tag in UNCUT and not in_head(box.element):
                placed.setdefault(box.element, set()).add(number)

    assert len(placed) > 200
    assert [element for element, numbers in placed.items() if len(numbers) > 1] == []


def test_the_first_page_says_all_that_matters(pdf_of: Callable[[str], Pdf]) -> None:
    """A mayor who prints one sheet has the figures, the advice, the cost and what is not known."""
    first, second, *_ = pdf_of("00001").pages

    assert "Ce que nous ne savons pas" in first
    assert "Diagnostic" in second[:2]  # after the notice


def test_the_same_page_gives_the_same_bytes(report_of: Callable[[str], Report], tmp_path: Path) -> None:
    """In another process, under another time zone and another seed of hashing."""
    html = report_of("35999").html
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    code = (
        "import hashlib, sys; from pathlib import Path; from pupitre.run.pdf import as_pdf; "
        "print(hashlib.sha256(as_pdf(Path(sys.argv[1]).read_text(encoding='utf-8'))).hexdigest())"
    )
    env = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LANG": "C"}
    command = [sys.executable, "-c", code, str(tmp_path / "page.html")]
    elsewhere = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()

    assert hashlib.sha256(as_pdf(html)).hexdigest() == elsewhere


def test_two_pages_have_two_identifiers() -> None:
    """Else a reader that caches would take one for the other."""
    one, other = (as_pdf(f"<html lang=fr><title>{n}</title><p>{n}") for n in (1, 2))

    assert one != other


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.png", "file:///etc/hostname", "ftp://127.0.0.1/a"])
@pytest.mark.parametrize(
    "markup", ['<img alt="a" src="{}">', '<link rel="stylesheet" href="{}">', '<p style="background: url({})">a']
)
def test_a_pdf_fetches_nothing(markup: str, address: str) -> None:
    """Neither from the network nor from the disk: a page that asks is refused."""
    with pytest.raises(ReportError, match="hors d'elle-même"):
        as_pdf(f"<html lang=fr><title>a</title>{markup.format(address)}")


def test_pictures_that_the_page_holds_are_drawn() -> None:
    """As `data:` addresses, the only ones allowed."""
    assert as_pdf(f'<html lang=fr><title>a</title><img alt="a" src="{PIXEL}">').startswith(b"%PDF-")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command to type."""
    monkeypatch.setattr(writer, "find_spec", lambda name: None)

    with pytest.raises(UsageError, match=re.escape('pip install "pupitre[pdf]"')):
        as_pdf("<p>a")


def test_without_pango_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The extra is there, the library of the system is not."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weasyprint")

    with pytest.raises(UsageError, match=r"Pango.*libpango.*apt-get install"):
        writer.require_pdf()


def test_a_report_is_written_as_pdf_when_asked(invented_store: Path, root: Path, on: date, tmp_path: Path) -> None:
    """Both editions, beside their pages and in the record, from the very same pages; not otherwise."""
    order = Order("35999", on.isoformat(), str(invented_store), str(tmp_path), str(root), pdf=True)
    made = build_report(order)

    for page in ("rapport", "public"):
        html = Path(made.folder, f"{page}.html").read_text(encoding="utf-8")
        assert Path(made.folder, f"{page}.pdf").read_bytes() == as_pdf(html)
        assert f"{page}.pdf" in made.outputs
    assert '"weasyprint"' in Path(made.folder, "run.json").read_text(encoding="utf-8")


def test_a_report_without_pdf_has_none(report_of: Callable[[str], Report]) -> None:
    """Nor does its record name what would have written it."""
    report = report_of("35999")

    assert list(report.folder.glob("*.pdf")) == []
    assert "weasyprint" not in str(report.run["versions"])
