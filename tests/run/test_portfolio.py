"""The list of the reports of a folder, and the book of their figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from bs4 import BeautifulSoup, Tag

from pupitre.formats import NBSP, THIN_NBSP
from pupitre.run import portfolio
from pupitre.run.ledger import NAME as LEDGER
from pupitre.run.ledger import Attempt, append
from pupitre.run.page import TEMPLATES
from pupitre.run.portfolio import BOOK, INDEX, gather, write_portfolio

HOSTILE = '<script>alert("1")</script>\' =1+1'
FIGURES: dict[str, object] = {
    "on": "2026-11-22",
    "situation": "schools",
    "commune.nom": "La Ciotat",
    "commune.departement_nom": "Bouches-du-Rhône",
    "schools.public.count": 22,
    "schools.public.classes": 118,
    "schools.public.pupils": 2738,
    "inventory.known": 5,
    "advice.best": "leasing",
    "advice.gap.low_eur": 1.0,
    "advice.gap.central_eur": 2.5,
    "advice.gap.high_eur": 3.0,
    "plan.leasing.central.per_year_eur": 159776.5,
    "plan.leasing.central.per_pupil_per_year_eur": 58.36,
    "plan.achat.central.per_year_eur": 166653.73,
    "fibre.known": True,
    "commune.population": None,
}
FAILED = Attempt(
    code_insee="13028",
    on="2026-11-22",
    folder="13028-la-ciotat/2026-11-22",
    key="ab12",
    status="timeout",
    reason="Le carnet 20-cap.ipynb n'a pas fini en 60 secondes.",
    began="2026-11-22T08:00:00Z",
    seconds={},
    peak_bytes=0,
    outputs={},
)


def add(out: Path, folder: str = "13028-la-ciotat/2026-11-22", **changed: object) -> Path:
    """A report in a folder of reports, its figures changed; `situation` and `nom` under their short names."""
    report = out / folder
    report.mkdir(parents=True)
    figures = FIGURES | {
        {"nom": "commune.nom"}.get(name, name.replace("__", ".")): one for name, one in changed.items()
    }
    (report / "resultats.json").write_text(json.dumps(figures), encoding="utf-8")
    (report / "rapport.html").write_text("<p>", encoding="utf-8")
    return report


def soup(out: Path) -> BeautifulSoup:
    """The list, written and read."""
    write_portfolio(out)
    return BeautifulSoup((out / INDEX).read_text(encoding="utf-8"), "html.parser")


def rows(out: Path) -> list[dict[str, str]]:
    """The lines of the list, by column."""
    page = soup(out)
    header = [cell.get_text() for cell in page.select("#liste thead th")]
    return [
        dict(zip(header, (cell.get_text("\n") for cell in row.select("th, td")), strict=True))
        for row in page.select("#liste tbody tr")
    ]


def sheet(out: Path, title: str) -> list[dict[str, object]]:
    """The rows of a sheet of the book, by column."""
    write_portfolio(out)
    header, *lines = openpyxl.load_workbook(out / BOOK)[title].iter_rows(values_only=True)
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def summary(out: Path) -> str:
    """The sentence of the list, its spaces plain."""
    return soup(out).select_one(".lead").get_text().replace(NBSP, " ")  # type: ignore[union-attr]


def test_a_line_says_the_main_figures(tmp_path: Path) -> None:
    """Written in French; the cost is that of the plan of the advice."""
    add(tmp_path)

    assert rows(tmp_path) == [
        {
            "Commune": "La Ciotat",
            "Code INSEE": "13028",
            "Département": "Bouches-du-Rhône",
            "Date": f"22{NBSP}novembre{NBSP}2026",
            "État": "fait",
            "Situation": "écoles publiques",
            "Conseil": "location",
            "Écoles publiques": "22",
            "Classes": "118",
            "Élèves": f"2{THIN_NBSP}738",
            "Reste à charge par an": f"159{THIN_NBSP}777{NBSP}€",
            "Par élève et par an": f"58{NBSP}€",
        }
    ]


def test_a_book_says_the_same(tmp_path: Path) -> None:
    """As numbers, dates and texts."""
    add(tmp_path)

    assert sheet(tmp_path, "Communes") == [
        {
            "Commune": "La Ciotat",
            "Code INSEE": "13028",
            "Département": "Bouches-du-Rhône",
            "Date": datetime(2026, 11, 22),
            "État": "fait",
            "Situation": "écoles publiques",
            "Conseil": "location",
            "Écoles publiques": 22,
            "Classes": 118,
            "Élèves": 2738,
            "Reste à charge par an": 159776.5,
            "Par élève et par an": 58.36,
            "Motif": "",
        }
    ]


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({}, "location"),
        ({"advice__best": "byod_tripartite"}, "appareils des familles (BYOD)"),
        ({"inventory__known": None}, "l’inventaire d’abord, puis location"),
        ({"inventory__known": 0}, "l’inventaire d’abord, puis location"),
        ({"advice__gap__low_eur": -1.0}, "pas d’écart significatif"),
        ({"advice__gap__high_eur": 0.0, "inventory__known": 0}, "l’inventaire d’abord, puis pas d’écart significatif"),
        ({"situation": "schools_unknown", "advice__best": None}, "rassembler la liste des écoles"),
        ({"situation": "no_school", "advice__best": None}, "aucun programme"),
        ({"advice__best": "inconnu"}, "non connu"),
    ],
)
def test_the_advice_is_that_of_the_report(tmp_path: Path, changed: dict[str, object], advice: str) -> None:
    """The inventory first when there is none; no way to pay is said the cheapest unless it is in each case."""
    add(tmp_path, **changed)

    assert rows(tmp_path)[0]["Conseil"] == advice


def test_what_is_missing_is_not_known(tmp_path: Path) -> None:
    """Neither zero nor empty; what a commune without a school cannot have does not apply."""
    nothing = {"schools__public__classes": None, "schools__public__pupils": None, "advice__best": None}
    add(tmp_path, "13028-a/2026-11-22", nom="A", situation="schools_unknown", schools__public__count=0, **nothing)
    add(tmp_path, "13029-b/2026-11-22", nom="B", situation="no_school", schools__public__count=0, **nothing)
    add(tmp_path, "13030-c/2026-11-22", nom="C", schools__public__pupils="douze", schools__public__classes=True)
    columns = ("Écoles publiques", "Classes", "Élèves", "Reste à charge par an")

    assert [[line[column] for column in columns] for line in rows(tmp_path)] == [
        ["non connu"] * 4,
        ["0", "sans objet", "sans objet", "sans objet"],
        ["22", "non connu", "non connu", f"159{THIN_NBSP}777{NBSP}€"],
    ]
    assert [line["Élèves"] for line in sheet(tmp_path, "Communes")] == ["non connu", "sans objet", "non connu"]


def test_lines_go_by_name_never_by_figure(tmp_path: Path) -> None:
    """Accents and capitals do not count; two communes of one name go by code, one commune by date, the latest first."""
    for folder, nom in {
        "32258-x/2026-11-22": "Mirepoix",
        "09194-x/2026-11-22": "Mirepoix",
        "01004-x/2026-11-22": "Évry",
        "01005-x/2026-11-22": "eu",
        "01006-x/2026-11-22": "Flers",
        "09194-x/2027-01-01": "Mirepoix",
    }.items():
        add(tmp_path, folder, nom=nom)

    assert [(entry.cells["name"], entry.cells["code"], str(entry.cells["on"])) for entry in gather(tmp_path)] == [
        ("eu", "01005", "2026-11-22"),
        ("Évry", "01004", "2026-11-22"),
        ("Flers", "01006", "2026-11-22"),
        ("Mirepoix", "09194", "2027-01-01"),
        ("Mirepoix", "09194", "2026-11-22"),
        ("Mirepoix", "32258", "2026-11-22"),
    ]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("invalid_input", "données à corriger"),
        ("cell_error", "erreur de calcul"),
        ("timeout", "trop long"),
        ("killed", "interrompu"),
    ],
)
def test_a_failed_commune_says_why(tmp_path: Path, status: str, said: str) -> None:
    """In the list and in the book; its name is that of its folder."""
    append(tmp_path, replace(FAILED, status=status))  # type: ignore[arg-type]
    [line], [row] = rows(tmp_path), sheet(tmp_path, "Communes")

    assert line["État"].split("\n") == [said, "Le carnet 20-cap.ipynb n’a pas fini en 60 secondes."]
    assert (line["Commune"], line["Code INSEE"], line["Élèves"]) == ("la-ciotat", "13028", "non connu")
    assert (row["État"], row["Motif"], row["Élèves"]) == (said, FAILED.reason, "non connu")


def test_a_report_stays_when_the_last_attempt_failed(tmp_path: Path) -> None:
    """With its figures and its link, and what became of the attempt; a success afterwards erases it."""
    add(tmp_path)
    append(tmp_path, replace(FAILED, status="ok", reason=""))
    append(tmp_path, FAILED)
    [line] = rows(tmp_path)

    assert line["État"].split("\n")[0].replace(NBSP, " ") == "fait ; dernier essai : trop long"
    assert line["Élèves"] == f"2{THIN_NBSP}738"
    assert soup(tmp_path).select("tbody th a")
    append(tmp_path, replace(FAILED, status="ok", reason=""))
    assert rows(tmp_path)[0]["État"] == "fait"


def test_an_older_report_stands_beside_the_failure_of_a_later_date(tmp_path: Path) -> None:
    """Under the same name; a report that was taken away is not listed."""
    add(tmp_path, "13028-la-ciotat/2025-11-22")
    append(tmp_path, replace(FAILED, folder=""))
    append(tmp_path, replace(FAILED, on="2024-11-22", status="ok"))

    assert [(line["Commune"], line["État"].split("\n")[0]) for line in rows(tmp_path)] == [
        ("La Ciotat", "trop long"),
        ("La Ciotat", "fait"),
    ]


def test_a_code_that_no_commune_bears_is_listed(tmp_path: Path) -> None:
    """As it was asked, with its date and its reason, whatever they hold."""
    append(tmp_path, replace(FAILED, code_insee=HOSTILE, on="demain", folder="../../etc/x", status="invalid_input"))
    [line] = rows(tmp_path)

    assert (line["Commune"], line["Code INSEE"], line["Date"]) == ("non connu", HOSTILE.replace("'", "’"), "demain")
    assert [line["Date"] for line in sheet(tmp_path, "Communes")] == ["demain"]


@pytest.mark.parametrize(
    ("reports", "failures", "said"),
    [
        ([], [], "0 commune, 0 rapport."),
        (["01004-a/2026-11-22"], [], "1 commune, 1 rapport."),
        (["01004-a/2026-11-22", "01004-a/2025-11-22"], [], "1 commune, 2 rapports."),
        (["01004-a/2026-11-22"], ["2A004"], "2 communes, 1 rapport. 1 essai a échoué ; sa ligne dit pourquoi."),
        ([], ["2A004", "1"], "2 communes, 0 rapport. 2 essais ont échoué ; leurs lignes disent pourquoi."),
    ],
)
def test_a_sentence_counts(tmp_path: Path, reports: list[str], failures: list[str], said: str) -> None:
    """Communes, reports and failures, in agreement."""
    for folder in reports:
        add(tmp_path, folder)
    for code in failures:
        append(tmp_path, replace(FAILED, code_insee=code))

    assert summary(tmp_path) == said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"a": [1]}',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"[" * 100_000,
        b'{"a": 1' + b" " * 20_000_000 + b"}",
    ],
    ids=range(11),
)
def test_a_file_that_is_not_ours_stops_nothing(tmp_path: Path, content: bytes) -> None:
    """Its line says so and what to do, the others are whole."""
    add(tmp_path, "01004-bad/2026-11-22")
    (tmp_path / "01004-bad" / "2026-11-22" / "resultats.json").write_bytes(content)
    add(tmp_path)
    bad, good = rows(tmp_path)

    assert bad["État"].startswith("illisible\nresultats.json")
    assert (bad["Commune"], bad["Classes"]) == ("bad", "non connu")
    assert good["État"] == "fait"
    assert summary(tmp_path) == "2 communes, 1 rapport. 1 rapport est illisible."
    assert {row["Code INSEE"] for row in sheet(tmp_path, "Chiffres")} == {"13028"}


def test_what_is_not_a_report_is_passed_over(tmp_path: Path) -> None:
    """Hidden and other folders, files, links, even those that lead to a report; a foreign ledger too."""
    elsewhere = add(tmp_path / "elsewhere", "01004-a/2026-11-22")
    out = tmp_path / "out"
    add(out)
    for folder in (".13029-x/2026-11-22", "13029-x/.2026-11-22.tmp", "archives/2026-11-22", "13029-x/hier"):
        add(out, folder)
    (out / "13030-file").write_text("")
    (out / "01004-a").symlink_to(elsewhere.parent)
    (out / "13029-x" / "2026-11-22").symlink_to(elsewhere)
    (out / LEDGER).mkdir()

    assert [entry.cells["code"] for entry in gather(out)] == ["13028"]


@pytest.mark.parametrize("name", ["resultats.json", "rapport.html"])
def test_a_link_inside_a_report_is_not_followed(tmp_path: Path, name: str) -> None:
    """Neither read nor linked to."""
    report, secret = add(tmp_path / "out"), add(tmp_path / "elsewhere", nom="Secret")
    (report / name).unlink()
    (report / name).symlink_to(secret / name)
    page = soup(tmp_path / "out")

    assert "Secret" not in page.get_text()
    assert len(page.select("tbody a")) == (name == "resultats.json")


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    """Nothing would ever come out of it."""
    report = add(tmp_path)
    (report / "resultats.json").unlink()
    os.mkfifo(report / "resultats.json")

    assert rows(tmp_path)[0]["État"].startswith("illisible")


def test_nothing_read_becomes_markup_nor_formula(tmp_path: Path) -> None:
    """Names of communes, of folders and of figures, texts, reasons: all are shown as they are."""
    folder = add(tmp_path, f"01004-{HOSTILE.replace('/', '')}#?%&é\udcff/2026-11-22", nom=HOSTILE, **{HOSTILE: "=1+1"})
    add(tmp_path, "01005-b/2026-11-22", nom='=HYPERLINK("http://x")\x00\x0b\x1f\uffff', situation="{x}")
    append(tmp_path, replace(FAILED, code_insee="01006", reason=HOSTILE + "\x00\ud800{0.name}**x**"))
    page = soup(tmp_path)
    links = [str(link["href"]) for link in page.select("tbody a")]

    assert not page.select("script, tbody :not(tr, th, td, a, data, br)")
    assert HOSTILE.replace("'", "’") in [link.get_text() for link in page.select("tbody a")]
    assert links[1].startswith("01004-%3Cscript%3Ealert")
    assert all(char not in links[1] for char in "<>\"'#?& é=")
    assert links[1].endswith("%23%3F%25%26%C3%A9%FF/2026-11-22/rapport.html")
    assert (folder / "rapport.html").exists()
    with zipfile.ZipFile(tmp_path / BOOK) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if "sheet" in name)
    assert "<f>" not in text
    assert "hyperlink" not in text.lower().replace("=hyperlink(", "")
    assert next(line["Commune"] for line in sheet(tmp_path, "Communes")) == '=HYPERLINK("http://x") '
    assert {HOSTILE, "=1+1"} <= {line for row in sheet(tmp_path, "Chiffres") for line in row.values()}


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    """A cell holds 400 characters."""
    add(tmp_path, nom="x" * 100_000)

    assert rows(tmp_path)[0]["Commune"] == "x" * 399 + "…"


def test_a_link_leads_to_the_report(tmp_path: Path) -> None:
    """By its own folder; none where the page is missing."""
    add(tmp_path)
    (add(tmp_path, "01004-a/2026-11-22") / "rapport.html").unlink()

    assert [link["href"] for link in soup(tmp_path).select("tbody a")] == ["13028-la-ciotat/2026-11-22/rapport.html"]


def test_what_is_fictional_says_so(tmp_path: Path) -> None:
    """On its report and on the attempt that failed, once each."""
    add(tmp_path, "00001-bourg-exemple/2026-11-22", nom="Bourg-Exemple")
    append(tmp_path, replace(FAILED, code_insee="00001", on="2027-11-22"))

    assert [line["Commune"] for line in rows(tmp_path)] == ["Bourg-Exemple (exemple fictif)"] * 2
    assert {line["Commune"] for line in sheet(tmp_path, "Chiffres")} == {"Bourg-Exemple (exemple fictif)"}


def test_the_page_stands_alone(tmp_path: Path) -> None:
    """No script, nothing asked elsewhere, the same policy as the reports; read aloud, its table has names."""
    add(tmp_path)
    page = soup(tmp_path)
    policy = page.select_one("meta[http-equiv]")
    region = page.select_one(".table")

    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert len(page.select("h1")) == 1
    assert not page.select("script, link, img, [src], [style]")
    assert policy is not None
    assert str(policy["content"]) in (TEMPLATES / "mairie" / "index.html.j2").read_text(encoding="utf-8")
    assert isinstance(region, Tag)
    assert (region["tabindex"], region["role"]) == ("0", "region")
    assert region["aria-label"] == page.select_one("caption").get_text()  # type: ignore[union-attr]
    assert all(cell.get("scope") in ("row", "col") for cell in page.select("th"))
    assert [link["href"] for link in page.select("footer a")] == [BOOK]


def test_all_figures_are_gathered(tmp_path: Path) -> None:
    """A row each, of each report and date, with its type."""
    add(tmp_path)
    add(tmp_path, "13028-la-ciotat/2025-11-22", own=1)
    gathered = sheet(tmp_path, "Chiffres")

    assert len(gathered) == len(FIGURES) + len(FIGURES) + 1
    assert gathered[0] == {
        "Code INSEE": "13028",
        "Commune": "La Ciotat",
        "Date": datetime(2026, 11, 22),
        "Nom du chiffre": "on",
        "Valeur": "2026-11-22",
    }
    values = {(row["Date"].year, row["Nom du chiffre"]): row["Valeur"] for row in gathered}  # type: ignore[attr-defined]
    assert values[2026, "plan.leasing.central.per_year_eur"] == 159776.5
    assert values[2026, "fibre.known"] is True
    assert values[2026, "commune.population"] == "non connu"
    assert values[2025, "own"] == 1


def test_a_sheet_too_short_keeps_the_names_common_to_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so; those that do not fit go too, the last ones first."""
    add(tmp_path, own=1)
    add(tmp_path, "13028-la-ciotat/2025-11-22", other=1)
    common = len(FIGURES)
    for most, names in ((2 * common + 2, common + 1), (2 * common + 1, common), (2 * common - 1, common - 1)):
        monkeypatch.setattr(portfolio, "MOST_ROWS", most)
        gathered = sheet(tmp_path, "Chiffres")
        header = str([*gathered[0]][3])
        assert len(gathered) == min(2 * names, most)
        assert header.startswith("Nom du chiffre")
        assert (f"{names}{NBSP}noms communs" in header) == (names <= common)


def test_the_book_is_easy_to_read(tmp_path: Path) -> None:
    """Its header stays in sight and filters; numbers have formats, codes are texts that no flag marks."""
    add(tmp_path)
    write_portfolio(tmp_path)
    book = openpyxl.load_workbook(tmp_path / BOOK)

    assert book.sheetnames == ["Communes", "Chiffres"]
    assert [page.freeze_panes for page in book] == ["B2", "B2"]
    assert [page.auto_filter.ref for page in book] == ["A1:M2", f"A1:E{len(FIGURES) + 1}"]
    assert [book["Communes"][cell].number_format for cell in ("D2", "J2", "K2")] == ["dd/mm/yyyy", "0", '#,##0 "€"']
    assert book["Communes"]["B2"].data_type == "s"
    assert book["Communes"].column_dimensions["A"].width > 20


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    """Filled in another order, written again later; the book bears the latest date of its reports."""
    folders, made = ["13028-x/2026-11-22", "01004-y/2025-01-01"], []
    for out in (tmp_path / "a", tmp_path / "other"):
        for folder in folders:
            add(out, folder)
        append(out, replace(FAILED, code_insee="35047", on="demain"))
        write_portfolio(out)
        made.append([(out / name).read_bytes() for name in (INDEX, BOOK)])
        folders.reverse()
        time.sleep(2.1)  # a zip counts by two seconds
    write_portfolio(tmp_path / "a")

    assert made[0] == made[1] == [(tmp_path / "a" / name).read_bytes() for name in (INDEX, BOOK)]
    assert openpyxl.load_workbook(tmp_path / "a" / BOOK).properties.created == datetime(2026, 11, 22)


def test_an_empty_folder_has_a_list(tmp_path: Path) -> None:
    """Without a table; nothing else is left in the folder."""
    assert not soup(tmp_path).select("table")
    assert sorted(path.name for path in tmp_path.iterdir()) == [INDEX, BOOK]
    assert sheet(tmp_path, "Communes") == []


def test_a_full_disk_leaves_the_former_files(tmp_path: Path, root: Path) -> None:
    """As they were, and nothing beside them; the error is that of the system."""
    add(tmp_path)
    write_portfolio(tmp_path)
    former = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    add(tmp_path, "01004-a/2026-11-22", **{f"n{rank}": rank for rank in range(1000)})
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from pupitre.run.portfolio import write_portfolio\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))\n"
        "try:\n    write_portfolio(Path(sys.argv[1]))\n"
        "except OSError as error:\n    print('refused')\n"
    )
    for size in (1000, 20_000):  # the page does not hold, then the book
        command = [sys.executable, "-c", code, str(tmp_path), str(size)]
        found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        assert found.stdout == "refused\n"
        assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == former
        assert not list(tmp_path.glob(".*"))


def test_a_line_leads_to_the_other_pages_of_its_report(tmp_path: Path) -> None:
    """The inhabitants' edition and the PDF, when they stand there, each under a name of its own."""
    report = add(tmp_path)
    assert [link.get_text() for link in soup(tmp_path).select("#liste a")] == ["La Ciotat"]

    for name in ("public.html", "rapport.pdf"):
        (report / name).write_text("x", encoding="utf-8")
    links = {link.get_text(): link["href"] for link in soup(tmp_path).select("#liste a")}

    assert links == {
        "La Ciotat": "13028-la-ciotat/2026-11-22/rapport.html",
        "La Ciotat, pour les habitants": "13028-la-ciotat/2026-11-22/public.html",
        "La Ciotat, PDF": "13028-la-ciotat/2026-11-22/rapport.pdf",
    }


def add_many(out: Path, costs: list[float]) -> None:
    """A commune for each cost per pupil: 50 pupils in the first, 100 more in each next."""
    for rank, cost in enumerate(costs):
        changed = {"plan__leasing__central__per_pupil_per_year_eur": cost, "schools__public__pupils": 50 + 100 * rank}
        add(out, f"0100{rank + 1}-x/2026-11-22", nom=f"Commune {rank}", inventory__known=rank % 2, **changed)


def test_charts_set_situations_side_by_side(tmp_path: Path) -> None:
    """By number of pupils, with the quartiles in a table: of 10, 20, 30, 40 and 50 €, the middle half is 20 to 40."""
    add_many(tmp_path, [10.0, 20.0, 30.0, 40.0, 50.0])
    page = soup(tmp_path)
    first, second = page.select("figure")
    told = [[cell.get_text() for cell in row.select("th, td")] for row in first.select("tbody tr")]

    assert "de 20\u00a0€ à 40\u00a0€" in first.figcaption.get_text()  # type: ignore[union-attr]
    assert [row[:3] for row in told] == [
        ["Moins de 100 élèves", "1", "0"],
        ["De 100 à 299 élèves", "2", "1"],
        ["300 élèves et plus", "2", "1"],
    ]
    assert {row[4] for row in told} == {"non connu"}  # too few for a median
    assert [row.get_text(" ") for row in second.select("tbody tr")] == ["location 5"]
    assert all(len(str(image["alt"])) > 40 for image in page.select("figure img"))


def test_a_commune_counts_once_in_the_charts(tmp_path: Path) -> None:
    """By its latest report."""
    add_many(tmp_path, [10.0, 20.0, 30.0, 40.0])
    add(tmp_path, "01001-x/2025-11-22", plan__leasing__central__per_pupil_per_year_eur=9000.0)

    assert "sur 4\u00a0communes" in soup(tmp_path).select("figcaption")[1].get_text()
    assert "9\u202f000" not in soup(tmp_path).select("figure")[0].get_text()


def test_few_communes_have_no_chart(tmp_path: Path) -> None:
    """They are read in the list."""
    add_many(tmp_path, [10.0, 20.0, 30.0])

    assert not soup(tmp_path).select("figure")
    assert not soup(tmp_path).select("h2")
