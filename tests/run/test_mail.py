"""The draft of a mail: what it says and carries, and what it refuses."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from pupitre.data.project import Consultant
from pupitre.errors import UsageError
from pupitre.run import mail
from pupitre.run.mail import parse_address, write_mail

FIGURES: dict[str, object] = {
    "on": "2026-11-22",
    "situation": "schools",
    "commune.code_insee": "13028",
    "commune.nom": "La Ciotat",
    "commune.departement_nom": "Bouches-du-Rhône",
    "schools.public.count": 22,
    "schools.public.pupils": 2738,
    "schools.rentree": 2024,
    "inventory.known": 5,
    "advice.best": "achat",
    "programme.horizon_years": 5,
    "programme.low.ttc_eur": 204_000.4,
    "programme.central.ttc_eur": 939_123.4,
    "programme.high.ttc_eur": 1_490_000.0,
    "plan.achat.low.per_year_eur": 29_600.0,
    "plan.achat.central.per_year_eur": 159_776.5,
    "plan.achat.high.per_year_eur": 263_000.0,
}
TO = parse_address("mairie@example.org")
NOBODY = Consultant()


def report(out: Path, on: str = "2026-11-22", folder: str = "13028-la-ciotat", **changed: object) -> Path:
    """A report in a folder of reports."""
    made = out / folder / on
    made.mkdir(parents=True)
    figures = FIGURES | {"on": on} | {name.replace("__", "."): one for name, one in changed.items()}
    (made / "resultats.json").write_text(json.dumps(figures), encoding="utf-8")
    (made / "rapport.html").write_text("<p>Le rapport.", encoding="utf-8")
    return made


def read(path: Path) -> EmailMessage:
    """A draft, as a mail program reads it."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    """What one of its bodies says."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_draft_says_the_main_figures_twice_and_carries_the_report(tmp_path: Path) -> None:
    """In HTML and in plain text; 939 123,40 € is told as 939 000 €."""
    made = report(tmp_path)
    message = read(write_mail(tmp_path, "13028", None, TO, [], Consultant("Zoé", "Cabinet")))
    page = BeautifulSoup(body(message, "html"), "html.parser")

    assert (message["To"], message["X-Unsent"]) == ("mairie@example.org", "1")
    assert "La Ciotat" in message["Subject"]
    for said in (body(message, "plain"), page.get_text()):
        assert "939\u202f000\u00a0€" in said
        assert "160\u202f000\u00a0€" in said
        assert "Zoé" in said
    [attached] = message.iter_attachments()
    assert attached.get_filename() == "rapport-13028-la-ciotat-2026-11-22.html"
    assert attached.get_content() == (made / "rapport.html").read_text(encoding="utf-8")


def test_the_html_is_for_everybody_and_asks_for_nothing(tmp_path: Path) -> None:
    """A language, a title, one heading, a table with a caption and headers; no picture, no link, no style sheet."""
    report(tmp_path)
    page = BeautifulSoup(body(read(write_mail(tmp_path, "13028", None, TO, [], NOBODY)), "html"), "html.parser")

    assert page.html["lang"] == "fr"  # type: ignore[index]
    assert page.title.get_text() == page.h1.get_text()  # type: ignore[union-attr]
    assert page.caption
    assert {cell["scope"] for cell in page.find_all("th")} == {"col", "row"}
    assert not page.find_all(["img", "a", "link", "script", "iframe"])
    assert "http" not in str(page)


def test_the_pdf_goes_with_it_when_there_is_one(tmp_path: Path) -> None:
    """As a PDF."""
    (report(tmp_path) / "rapport.pdf").write_bytes(b"%PDF-")
    page, pdf = read(write_mail(tmp_path, "13028", None, TO, [], NOBODY)).iter_attachments()

    assert page.get_content_type() == "text/html"
    assert (pdf.get_content_type(), pdf.get_content()) == ("application/pdf", b"%PDF-")


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    """No date, no identifier, no boundary drawn by chance."""
    report(tmp_path)
    first = write_mail(tmp_path, "13028", None, TO, [], NOBODY).read_bytes()

    assert write_mail(tmp_path, "13028", None, TO, [], NOBODY).read_bytes() == first
    assert b"\nDate:" not in first
    assert b"\nMessage-ID:" not in first


def test_the_latest_report_is_taken_unless_a_day_is_told(tmp_path: Path) -> None:
    """Of this commune only."""
    report(tmp_path, "2025-11-22")
    report(tmp_path, "2026-11-22")
    report(tmp_path, "2027-11-22", "13029-x", commune__code_insee="13029")

    assert write_mail(tmp_path, "13028", None, TO, [], NOBODY).parent.name == "2026-11-22"
    assert write_mail(tmp_path, "13028", date(2025, 11, 22), TO, [], NOBODY).parent.name == "2025-11-22"
    with pytest.raises(UsageError, match="13028"):
        write_mail(tmp_path, "13028", date(2024, 11, 22), TO, [], NOBODY)


def test_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    """A commune without a programme has no cost to tell."""
    report(tmp_path, advice__best=None, programme__central__ttc_eur=None)
    told = body(read(write_mail(tmp_path, "13028", None, TO, [], NOBODY)), "plain")

    assert "2\u202f738" in told
    assert "€" not in told
    assert "non connu" not in told


def test_a_draft_too_heavy_is_refused_and_says_what_weighs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A town hall would not receive it; nothing is written."""
    made = report(tmp_path)
    monkeypatch.setattr(mail, "MOST_BYTES", 2_000)

    with pytest.raises(UsageError, match=r"rapport\.html"):
        write_mail(tmp_path, "13028", None, TO, [], NOBODY)
    assert not [*made.glob("*.eml"), *made.glob(".*")]


@pytest.mark.parametrize(
    "text",
    ["", "mairie", "a@b", "a@b.fr, c@d.fr", "a@b.fr\nBcc: c@d.fr", "a@b.fr\r\n\r\nx", "Zoé <a@b.fr>", "zoé@b.fr",
     "a@@b.fr", "a b@c.fr", "a@-b.fr", "a" * 65 + "@b.fr", "a@" + "b" * 254 + ".fr"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """One address, and nothing that a header could take for another line."""
    with pytest.raises(UsageError, match="adresse"):
        parse_address(text)


def test_a_hostile_name_stays_a_text(tmp_path: Path) -> None:
    """Of a header as of a page."""
    report(tmp_path, commune__nom="<script>x</script>\r\nBcc: a@b.fr \u202e{x}")
    message = read(write_mail(tmp_path, "13028", None, TO, [], Consultant("<b>Zoé", "{x}")))
    page = BeautifulSoup(body(message, "html"), "html.parser")

    assert message["Bcc"] is None
    assert not page.find_all(["script", "b"])
    assert "<b>Zoé" in page.get_text()


@pytest.mark.parametrize("content", ["", "[]", '{"commune.code_insee": "13029"}', "{" * 1000])
def test_a_report_that_is_not_ours_is_refused(content: str, tmp_path: Path) -> None:
    """It says which and what to do."""
    (report(tmp_path) / "resultats.json").write_text(content, encoding="utf-8")

    with pytest.raises(UsageError, match="13028"):
        write_mail(tmp_path, "13028", None, TO, [], NOBODY)
