"""The pages in Debian's Chromium: what a static reading cannot promise."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    Report = Any

pytestmark = pytest.mark.browser
CODES = ("09194", "13028", "09220", "35062", "35999")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that notes what it asks for and what it complains of."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.noted = []  # type: ignore[attr-defined]
    opened.on("request", lambda request: opened.noted.append(request.url))  # type: ignore[attr-defined]
    opened.on("console", lambda message: opened.noted.append(message.text))  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.noted.append(str(error)))  # type: ignore[attr-defined]
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def printed(
    browser: Browser,
    need: Callable[[str], None],
    report_of: Callable[[str], Report],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], list[str]]:
    """The text of each A4 page of a report, in the order of reading."""
    need("pdftotext")
    folder, read = tmp_path_factory.mktemp("printed"), {}

    def _printed(code: str) -> list[str]:
        if code not in read:
            opened = browser.new_page()
            opened.goto((report_of(code).folder / "rapport.html").as_uri())
            opened.pdf(path=folder / f"{code}.pdf", format="A4", prefer_css_page_size=True, print_background=True)
            opened.close()
            text = subprocess.run(
                ["pdftotext", "-enc", "UTF-8", folder / f"{code}.pdf", "-"], capture_output=True, check=True
            )
            read[code] = text.stdout.decode("utf-8").split("\f")[:-1]
        return read[code]

    return _printed


@pytest.mark.parametrize("code", CODES)
def test_a_page_asks_for_nothing_and_complains_of_nothing(
    code: str, page: Page, report_of: Callable[[str], Report]
) -> None:
    """One request, the file itself; its images are drawn; no message in the console; no hostile name is run."""
    report = report_of(code)
    page.goto((report.folder / "rapport.html").as_uri())
    page.wait_for_load_state("networkidle")
    widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    requests = [note for note in page.noted if not note.startswith("data:image/svg+xml")]  # type: ignore[attr-defined]

    assert requests == [(report.folder / "rapport.html").as_uri()]
    assert all(width > 0 for width in widths)
    assert len(widths) == report.html.count("<img ")
    assert page.title() == report.soup().title.get_text()


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_never_scrolls_sideways(code: str, width: int, page: Page, report_of: Callable[[str], Report]) -> None:
    """On a desk and on a telephone, charts' tables open or not: a wide table scrolls in its own frame."""
    page.set_viewport_size({"width": width, "height": 844})
    page.goto((report_of(code).folder / "rapport.html").as_uri())
    for _ in ("closed", "open"):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine, and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()


@pytest.mark.parametrize("guarded", [True, False])
def test_the_policy_of_a_page_stops_what_would_be_slipped_in(
    guarded: bool, page: Page, mirepoix: Report, tmp_path: Path, server: tuple[str, list[str]]
) -> None:
    """A script, a handler, a remote image and style: without the policy they work, with it nothing is run nor asked."""
    address, asked = server
    intrusion = (
        "<script>document.title='pwned'</script><img src='x' onerror=\"document.title='pwned'\">"
        f"<img src='{address}/image'><link rel='stylesheet' href='{address}/style'>"
    )
    html = mirepoix.html.replace("<main", f"{intrusion}<main")
    altered = tmp_path / "altered.html"
    altered.write_text(html if guarded else html.replace("Content-Security-Policy", "x"), encoding="utf-8")
    page.goto(altered.as_uri())
    page.wait_for_load_state("networkidle")

    assert (page.title() == "pwned") is not guarded
    assert sorted(asked) == ([] if guarded else ["/image", "/style"])


def test_the_first_printed_page_is_the_essential(printed: Callable[[str], list[str]], mirepoix: Report) -> None:
    """A mayor who prints one sheet has it all: the chapter is whole on page one, and alone there."""
    first, second, *_ = printed("09194")
    flat = re.sub(r"\s+", " ", first)
    chapter = mirepoix.soup().find("h2", id="lessentiel")
    titles = [heading.get_text() for heading in chapter.find_all_next("h3")[:3]]
    unknown = mirepoix.soup().find("h3", id="ce-que-nous-ne-savons-pas").find_next("ul").find_all("li")

    assert titles == ["Ce que nous conseillons", "Ce que cela coûte à la commune", "Ce que nous ne savons pas"]
    for title in titles:
        assert re.sub(r"\s+", " ", title) in flat
    for item in unknown:
        assert re.sub(r"\s+", " ", item.get_text()) in flat
    assert "Diagnostic" in second.split("\n")[:4]  # under the running header


@pytest.mark.parametrize("code", ["09194", "13028", "35999"])
def test_no_printed_page_is_empty(code: str, printed: Callable[[str], list[str]]) -> None:
    """Nor holds the footer alone: a sheet of paper is worth more than one line."""
    for number, text in enumerate(printed(code), start=1):
        assert len(text.split()) > 25, f"page {number}: {text.strip()}"


def test_a_report_without_a_school_prints_on_two_sheets_at_most(printed: Callable[[str], list[str]]) -> None:
    """Its page, and its sources."""
    assert len(printed("35999")) <= 2


def test_paper_shows_neither_contents_nor_what_cannot_be_opened(printed: Callable[[str], list[str]]) -> None:
    """No table of contents without page numbers, no « Les chiffres de ce graphique » that no finger can open."""
    text = "\n".join(printed("09194"))

    assert "Sommaire" not in text
    assert "Aller au contenu" not in text
    assert "Les chiffres de ce graphique" not in text
    assert "Hypothèses et sources" in text
