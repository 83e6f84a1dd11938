from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import nbformat
import openpyxl
import pytest

from pupitre import cli
from pupitre.data.store import connect

ON = ("--on", "2026-11-22")


class Told(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str


Pupitre = Callable[..., Told]


@pytest.fixture
def pupitre(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pupitre:
    """Run a command in the project, and give its status and what it printed."""
    monkeypatch.chdir(root)

    def _pupitre(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["pupitre", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return Told(int(stop.value.code or 0), *capsys.readouterr())

    return _pupitre


@pytest.fixture
def raw(root: Path, tmp_path: Path) -> Path:
    """A copy of the committed raw files, to alter."""
    return Path(shutil.copytree(root / "data" / "raw", tmp_path / "raw"))


WRONG = {
    "an unknown code, near a real one": (["report", "09914"], ["09914", "Vouliez-vous dire", "09194 Mirepoix"]),
    "a code near none": (["report", "99999"], ["99999", "pupitre communes"]),
    "a name that two communes bear": (
        ["report", "Mirepoix"],
        ["donnez un code INSEE", "09194 Mirepoix (Ariège)", "32258 Mirepoix (Gers)"],
    ),
    "a name that no commune bears": (["report", "Mirepoi"], ["« Mirepoi »", "Vouliez-vous dire", "09194 Mirepoix"]),
    "an arrondissement": (["report", "13201"], ["arrondissement", "13055 Marseille", "utilisez le code 13055"]),
    "a commune déléguée": (["report", "35112"], ["35062 La Chapelle-Fleurigné", "utilisez le code 35062"]),
    "a code that lost its zero": (["report", "1004"], ["il manque un zéro", "01004"]),
    "a code of another shape": (["report", "091945"], ["cinq caractères"]),
    "a date before any barème": (["report", "09194", "--on", "1990-01-01"], ["1990-01-01", "2003-01-01", "--on"]),
    "a date of another shape": (["report", "09194", "--on", "22/11/2026"], ["22/11/2026", "AAAA-MM-JJ"]),
    "a day that does not exist": (["report", "09194", "--on", "2026-02-30"], ["2026-02-30"]),
    "an unknown option": (["report", "09194", "--outt", "x"], ["--outt", "Vouliez-vous dire", "--out"]),
    "an option without its value": (["report", "09194", "--data"], ["--data"]),
    "an unknown command": (["raport", "09194"], ["« raport »", "Vouliez-vous dire report"]),
    "no code": (["report"], ["CODE"]),
    "an argument too many": (["build", "09194"], ["09194"]),
    "an unknown assumption": (
        ["report", "09194", "--set", "fctva_delai_years=1"],
        ["« fctva_delai_years »", "Vouliez-vous dire « fctva_delay_years »"],
    ),
    "an unknown price": (["report", "09194", "--set", "prix_afichage=1"], ["prix_affichage"]),
    "a rate as a percentage": (["report", "09194", "--set", "loan_rate=3,5"], ["loan_rate", "ratio", "0.035"]),
    "a negative price": (["report", "09194", "--set", "prix_affichage=-3"], ["prix_affichage", "-3"]),
    "an assumption without value": (["report", "09194", "--set", "loan_share"], ["NOM=VALEUR"]),
    "a closed aid": (
        ["report", "09194", "--set", "aide_socle_2021=0,7"],
        ["aide_socle_2021", "31\u00a0mars\u00a02021"],
    ),
    "a file of assumptions that is not there": (["report", "09194", "--set-file", "absent.toml"], ["absent.toml"]),
    "a folder of assumptions": (["report", "09194", "--set-file", "notebooks"], ["notebooks"]),
    "a file of assumptions that is a text": (
        ["report", "09194", "--set-file", "README.md"],
        ["README.md", "une ligne par hypothèse", "loan_share = 0.5"],
    ),
    "a file of assumptions with tables": (["report", "09194", "--set-file", "pyproject.toml"], ["une seule valeur"]),
    "a file of assumptions that is too large": (
        ["report", "09194", "--set-file", "requirements-dev.lock"],
        ["12 ko au plus"],
    ),
    "a store that is not there": (["report", "09194", "--data", "absent.sqlite"], ["absent.sqlite", "pupitre build"]),
    "a store that is not one": (["report", "09194", "--data", "Makefile"], ["Makefile", "pupitre build"]),
    "raw files that are not there": (["build", "--raw", "absent"], ["absent", "--raw"]),
    "a text that no commune has": (["communes", "zzzzzz"], ["« zzzzzz »"]),
    "one workbook for two communes": (["report", "09194", "13028", "--workbook", "w.xlsx"], ["--workbook", "un seul"]),
    "a workbook that is not there": (["report", "09194", "--workbook", "absent.xlsx"], ["absent.xlsx", "n'existe pas"]),
    "a workbook that is not one": (["report", "09194", "--workbook", "README.md"], ["README.md", "classeur Excel"]),
    "no workbook to check": (["check"], ["FILE.xlsx"]),
    "a workbook to check that is not one": (["check", "Makefile"], ["Makefile", "classeur Excel"]),
    "a workbook of a commune unknown": (["workbook", "99999"], ["99999", "pupitre communes"]),
    "a workbook where schools are unknown": (["workbook", "32258"], ["Aucune école"]),
    "barèmes of another age": (["baremes", "--on", "1990-01-01"], ["1990-01-01", "2003-01-01"]),
}
BROUILLON = "Attention : La feuille « Brouillon » n'est pas de ce classeur : elle n'est pas lue.\n"
ENGLISH = re.compile(
    r"\b(such|requires|unexpected|missing|Option|arguments?\(s\)|directory|exists|denied|error|invalid)\b"
)


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_gets_one_french_line_and_status_2(
    arguments: list[str], words: list[str], pupitre: Pupitre, store: Path, tmp_path: Path
) -> None:
    """It names what is wrong and what to do; nothing is written, nothing printed on the output."""
    wanted = {
        "report": {"--data": store, "--out": tmp_path / "out"},
        "build": {"--out": tmp_path / "out"},
        "communes": {"--data": store},
        "workbook": {"--data": store, "-o": tmp_path / "out.xlsx"},
        "check": {"--data": store},
    }.get(arguments[0], {})
    added = [part for name, value in wanted.items() if name not in arguments for part in (name, value)]
    told = pupitre(arguments[0], *added, *arguments[1:])

    assert told.status == 2
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    for word in words:
        assert word in told.err
    assert not ENGLISH.search(told.err), told.err
    assert list(tmp_path.glob("out*")) == []


def test_every_code_is_checked_before_any_report_is_written(pupitre: Pupitre, store: Path, tmp_path: Path) -> None:
    """The wrong one is the last."""
    told = pupitre("report", "09194", "13028", "99999", *ON, "--data", store, "--out", tmp_path / "out")

    assert told.status == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["report", "build"])
def test_a_place_where_nothing_can_be_written(command: str, pupitre: Pupitre, store: Path, tmp_path: Path) -> None:
    """A file stands where the folder should be: its path, in French, and what to do."""
    (tmp_path / "busy").write_text("a file")
    out = ("--out", tmp_path / "busy" / "under")
    told = pupitre("report", "09194", "--data", store, *out) if command == "report" else pupitre("build", *out)

    assert told.status == 2
    assert told.err.count("\n") == 1
    assert str(tmp_path / "busy") in told.err
    assert not ENGLISH.search(told.err), told.err
    assert (tmp_path / "busy").read_text() == "a file"


@pytest.mark.parametrize("keep", [1.0, 0.5], ids=["altered", "truncated"])
def test_an_altered_raw_file_is_refused(keep: float, pupitre: Pupitre, raw: Path, tmp_path: Path) -> None:
    """One digit changed, or the end missing: the file and its digest are named, no store is written."""
    path = raw / "ecoles_rentree2024.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: int(len(text) * keep)].replace("09194", "09195", 1), encoding="utf-8")
    told = pupitre("build", "--raw", raw, "--out", tmp_path / "store" / "s.sqlite")

    assert told.status == 2
    assert told.err.count("\n") == 1
    assert "ecoles_rentree2024.csv" in told.err
    assert "sha256" in told.err
    assert not list(tmp_path.rglob("*.sqlite"))


@pytest.mark.parametrize(("column", "value"), [("pupils", "-5"), ("classes", "4000")])
def test_an_absurd_count_is_refused(column: str, value: str, pupitre: Pupitre, raw: Path, tmp_path: Path) -> None:
    """Its file, its line and its column are named."""
    path = raw / "ecoles_rentree2024.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    index = next(rank for rank, name in enumerate(names) if name == column)
    cells = first.split(",")
    cells[index] = value
    path.write_text("\n".join([header, ",".join(cells), *rest]) + "\n", encoding="utf-8")
    path.with_name(f"{path.name}.source.toml").unlink()
    told = pupitre("build", "--raw", raw, "--out", tmp_path / "store" / "s.sqlite")

    assert told.status == 2
    assert told.err.count("\n") == 1
    assert path.name in told.err
    assert names[index] in told.err
    assert value in told.err
    assert not list(tmp_path.rglob("*.sqlite"))


def test_a_missing_column_is_named(pupitre: Pupitre, raw: Path, tmp_path: Path) -> None:
    """With the file that lacks it."""
    path = raw / "ecoles_rentree2024.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("uai", "xyz", 1), encoding="utf-8")
    path.with_name(f"{path.name}.source.toml").unlink()
    told = pupitre("build", "--raw", raw, "--out", tmp_path / "s.sqlite")

    assert told.status == 2
    assert path.name in told.err
    assert "uai" in told.err.lower()


def test_build_writes_a_store_and_says_what_it_holds(pupitre: Pupitre, raw: Path, tmp_path: Path) -> None:
    """What it does not know is said and left out."""
    (raw / "inconnu.xyz").write_text("?")
    out = tmp_path / "un dossier" / "base.sqlite"
    told = pupitre("build", "--raw", raw, "--out", out)

    assert told.status == 0
    assert told.out.startswith(f"{out} : ")
    assert "écoles" in told.out
    assert "inconnu.xyz" in told.err
    connect(out).close()


def test_report_says_where_it_wrote_and_goes_on_after_a_failure(
    pupitre: Pupitre, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """01004 fails in its second notebook, 35999 has only the first: status 1, one page, the failure named."""
    samples, project = root / "tests" / "data" / "samples", tmp_path / "project"
    shutil.copytree(root / "notebooks", project / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (project / "lib").mkdir()
    path = project / "notebooks" / "10-diagnostic.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, path)
    assert pupitre("build", "--raw", samples, "--out", tmp_path / "s.sqlite").status == 0
    monkeypatch.chdir(project)

    told = pupitre("report", "01004", "35999", *ON, "--data", tmp_path / "s.sqlite", "--out", tmp_path / "out")

    assert told.status == 1
    assert told.out == f"{tmp_path / 'out' / '35999-sans-ecole' / '2026-11-22' / 'rapport.html'}\n"
    assert "01004 : " in told.err
    assert "10-diagnostic.ipynb" in told.err
    assert "Rapports en échec : 01004." in told.err
    assert sorted(path.parent.parent.name for path in (tmp_path / "out").rglob("run.json")) == ["35999-sans-ecole"]


def test_an_assumption_reaches_the_report(pupitre: Pupitre, store: Path, tmp_path: Path) -> None:
    """A quote in euros, with a decimal comma; `--set` wins over the file; spaces of a code are forgiven."""
    (tmp_path / "devis.toml").write_text('fctva_delay_years = 2\naide_detr = "0,35"\nwifi = false\n', encoding="utf-8")
    told = pupitre(
        "report", " 32258 ", *ON, "--data", store, "--out", tmp_path, "--set", "prix_affichage=1999,5",
        "--set", "fctva_delay_years=1", "--set-file", tmp_path / "devis.toml",
    )  # fmt: skip
    folder = tmp_path / "32258-mirepoix" / "2026-11-22"
    results = json.loads((folder / "resultats.json").read_text(encoding="utf-8"))

    assert (told.status, told.out) == (0, f"{folder / 'rapport.html'}\n")
    assert results["assumption.prix_affichage"] == 1999.5
    assert results["assumption.fctva_delay_years"] == 1
    assert results["assumption.aide_detr"] == 0.35
    assert results["assumption.wifi"] is False


def test_a_workbook_is_written_filled_checked_and_changes_the_report(
    pupitre: Pupitre, store: Path, tmp_path: Path
) -> None:
    """The whole way: sent, filled, checked, reported; the assumptions and the answers of the town hall are in it."""
    path, common = tmp_path / "classeurs" / "mirepoix.xlsx", (*ON, "--data", store)
    written = pupitre("workbook", "09194", *common, "-o", path)
    again = pupitre("workbook", "09194", *common, "-o", path)
    book = openpyxl.load_workbook(path)
    names = {row[0].value: row[0].row for row in book["Hypothèses"].iter_rows(min_row=5)}
    book["Écoles"]["C5"] = 6
    book["Hypothèses"][f"C{names['prix_affichage']}"] = "1999,5"
    book.create_sheet("Brouillon")
    book.save(path)
    checked = pupitre("check", path, *common)
    plain = pupitre("report", "09194", *common, "--out", tmp_path / "plain")
    told = pupitre("report", "09194", *common, "--out", tmp_path / "told", "--workbook", path)
    results = [
        json.loads((tmp_path / out / "09194-mirepoix" / "2026-11-22" / "resultats.json").read_text(encoding="utf-8"))
        for out in ("plain", "told")
    ]

    assert (written.status, written.out) == (0, f"{path}\n")
    assert (again.status, "existe déjà" in again.err) == (2, True)
    assert (checked.status, checked.err) == (0, BROUILLON)
    assert checked.out.startswith("mirepoix.xlsx : aucune erreur. Lignes lues : Contacts et rôles 0, Écoles 1, ")
    assert (plain.status, told.status) == (0, 0)
    assert "assumption.prix_affichage" not in results[0]
    assert results[1]["assumption.prix_affichage"] == 1999.5


def test_check_tells_every_error_at_once(pupitre: Pupitre, store: Path, tmp_path: Path) -> None:
    """Those of the cells and those of the assumptions, one a line, then their number; a report says the same."""
    path, common = tmp_path / "mirepoix.xlsx", (*ON, "--data", store)
    pupitre("workbook", "09194", *common, "-o", path)
    book = openpyxl.load_workbook(path)
    names = {row[0].value: row[0].row for row in book["Hypothèses"].iter_rows(min_row=5)}
    book["Écoles"]["C5"] = "six"
    book["Contacts et rôles"]["E5"] = -1
    book["Hypothèses"][f"C{names['loan_rate']}"] = "35"
    book.save(path)
    told = pupitre("check", path, *common)
    *lines, count = told.err.splitlines()

    assert (told.status, told.out) == (2, "")
    assert count == "mirepoix.xlsx : 3 erreurs à corriger."
    assert [line.partition(" : ")[0] for line in lines] == [
        "feuille Contacts et rôles, cellule E5, « -1 »",
        "feuille Écoles, cellule C5, « six »",
        f"feuille Hypothèses, cellule C{names['loan_rate']}, « 35 »",
    ]
    assert "Écrivez 6." in lines[1]
    assert "« loan_rate »" in lines[2]
    assert pupitre("report", "09194", *common, "--workbook", path, "--out", tmp_path / "out").status == 2
    assert not (tmp_path / "out").exists()


CAP_FAULTS: list[tuple[str, str, object, str]] = [
    ("Maturité", "G9", 7, "on attend un choix de la liste : « 1 », « 2 »"),
    ("Plan d'orientation", "B14", dt.datetime(2026, 9, 15), ""),  # the start, which makes the next one early
    ("Calendrier", "C5", dt.datetime(2026, 9, 1), "on attend une date à partir du 15/09/2026 (feuille Plan d'orientat"),
    ("Calendrier", "E6", "plan d'orientation VALIDÉ", "on attend un jalon qui n'attend pas lui-même"),
    ("Indicateurs", "M6", None, "on attend un nombre"),
    (
        "Indicateurs",
        "N8",
        dt.datetime(2025, 5, 20),
        "on attend une date après le 20/05/2025, jour de la valeur de dépar",
    ),
    *(("Priorités", f"B{row}", 0, "") for row in range(6, 11)),
    ("Priorités", "B5", 0, "on attend au moins un poids supérieur à zéro"),
]


def test_check_tells_what_cannot_hold_together(pupitre: Pupitre, root: Path, store: Path, tmp_path: Path) -> None:
    """A step outside 1 to 5, a target missing or too early, a milestone before the start, a loop, no weight."""
    path, common = tmp_path / "bourg.xlsx", (*ON, "--data", store)
    book = openpyxl.load_workbook(root / "data" / "raw" / "communes" / "00001" / "bourg-exemple.xlsx")
    for sheet, cell, value, _ in CAP_FAULTS:
        book[sheet][cell] = value
    book.save(path)
    told, refused = pupitre("check", path, *common), pupitre("report", "00001", *common, "--workbook", path)
    lines = [line for line in told.err.splitlines() if line.startswith("feuille")]

    expected = [(f"feuille {sheet}, cellule {cell}, ", rule) for sheet, cell, _, rule in CAP_FAULTS if rule]
    assert (told.status, refused.status) == (2, 2)
    assert len(lines) == len(expected)
    for start, rule in expected:
        assert [line for line in lines if line.startswith(start) and rule in line], (start, lines)


def test_debug_shows_the_traceback_and_the_message(pupitre: Pupitre, store: Path, tmp_path: Path) -> None:
    """The message stays the last line, the status the same."""
    arguments = ("report", "99999", "--data", store, "--out", tmp_path / "out")
    quiet, loud = pupitre(*arguments), pupitre("--debug", *arguments)

    assert "Traceback" not in quiet.err
    assert "Traceback" in loud.err
    assert loud.err.endswith(quiet.err)
    assert loud.status == quiet.status == 2


def test_communes_lists_those_whose_schools_are_known(pupitre: Pupitre, store: Path) -> None:
    """Code, name, département, schools, what is missing; tabs when no one looks."""
    told = pupitre("communes", "--data", store)
    rows = [line.split("\t") for line in told.out.splitlines()]

    assert told.status == 0
    assert rows[0] == ["Code", "Commune", "Département", "Écoles", "Non connu"]
    assert [row[0] for row in rows[1:]] == ["00001", "09032", "09122", "09194", "09220", "09225", "13028", "92062"]
    assert rows[4] == ["09194", "Mirepoix", "09", "3", ""]
    assert rows[5] == ["09220", "Orlu", "09", "1", "IPS"]


def test_communes_finds_by_name_or_code(pupitre: Pupitre, store: Path) -> None:
    """Where no file covers the schools, their number is « ? », never 0."""
    by_name = pupitre("communes", "MIREPOIX", "--data", store).out
    by_code = pupitre("communes", "322", "--data", store).out

    assert [line.split("\t")[0] for line in by_name.splitlines()[1:]] == ["09194", "31346", "32258"]
    assert "32258\tMirepoix\t32\t?\técoles" in by_name
    assert all(line.startswith("322") for line in by_code.splitlines()[1:])


def states(told: Told) -> list[str]:
    """The last column of the barèmes."""
    return [line.split("\t")[-1] for line in told.out.splitlines()[1:]]


def test_baremes_show_what_must_be_checked_first(pupitre: Pupitre) -> None:
    """On the day of the tests nothing is stale: those to be checked, then the official ones."""
    told = pupitre("baremes", *ON)

    assert told.status == 0
    assert "fctva_taux\t0,16404\tratio\t2026-03-31\tofficiel" in told.out.splitlines()
    assert states(told) == sorted(states(told), key=["à vérifier", "officiel"].index)
    assert set(states(told)) == {"à vérifier", "officiel"}


def test_baremes_grow_stale_after_a_year(pupitre: Pupitre) -> None:
    """Read again on 31 March 2026: fresh on the same day of 2027, stale the year after, and first in the list."""
    assert not [state for state in states(pupitre("baremes", "--on", "2027-03-31")) if "périmé" in state]
    assert all("périmé" in state for state in states(pupitre("baremes", "--on", "2028-01-01")))


def test_help_is_french_and_names_every_command(pupitre: Pupitre) -> None:
    """With a sentence for each."""
    told = pupitre("--help")

    assert told.status == 0
    for command, sentence in {
        "build": "Construit la base", "report": "Écrit le rapport", "communes": "Liste les communes",
        "baremes": "Montre les barèmes", "workbook": "Écrit le classeur", "check": "Vérifie un classeur",
    }.items():  # fmt: skip
        assert command in told.out
        assert sentence in told.out


@pytest.mark.parametrize(("error", "status", "words"), [
    (KeyboardInterrupt(), 130, "Interrompu"),
    (ZeroDivisionError("x"), 1, "--debug"),
    (PermissionError(13, "Permission denied", "/ailleurs"), 2, "/ailleurs"),
])  # fmt: skip
def test_what_stops_a_command_gives_its_status(
    error: BaseException, status: int, words: str, pupitre: Pupitre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption, a mistake of ours, a right that is lacking: one line each, in French."""

    def stop(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pupitre.law.baremes.on", stop)
    told = pupitre("baremes", *ON)

    assert told.status == status
    assert words in told.err
    assert told.err.count("\n") == 1
    assert not ENGLISH.search(told.err), told.err


@pytest.mark.parametrize("arguments", [["--help"], ["communes", "mirepoix"], ["baremes", "--on", "2026-11-22"]])
def test_light_commands_load_nothing_heavy(arguments: list[str], root: Path, store: Path) -> None:
    """The installed command, as a process: neither papermill, nbconvert, scipy nor matplotlib."""
    data = ["--data", str(store)] if arguments[0] == "communes" else []
    program = (
        "import atexit, sys\n"
        "heavy = {'papermill', 'nbconvert', 'nbclient', 'scipy', 'matplotlib', 'IPython'}\n"
        "atexit.register(lambda: print('loaded:', sorted(heavy & set(sys.modules))))\n"
        f"sys.argv = ['pupitre', *{[*arguments, *data]!r}]\n"
        "from pupitre.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("loaded: []")


def test_the_installed_command_ends_quietly_when_its_reader_leaves(root: Path, store: Path) -> None:
    """`pupitre communes | head -1`: no traceback."""
    pupitre = Path(sys.executable).with_name("pupitre")
    command = f"{pupitre} communes a --data {store} | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, capture_output=True, text=True, timeout=120, env={**os.environ, "LANG": "C"}
    )

    assert done.stdout == "Code\tCommune\tDépartement\tÉcoles\tNon connu\n"
    assert done.stderr == ""


def test_a_database_replaces_only_a_database(pupitre: Pupitre, tmp_path: Path) -> None:
    """`--out` aimed at a text by mistake leaves it whole."""
    target = tmp_path / "notes.md"
    target.write_text("précieux", encoding="utf-8")
    told = pupitre("build", "--out", target)

    assert told.status == 2
    assert "n'est pas une base de données" in told.err
    assert target.read_text(encoding="utf-8") == "précieux"


def test_a_store_of_another_shape_is_told_so(pupitre: Pupitre, store: Path, tmp_path: Path) -> None:
    """The right version, and none of its tables."""
    with closing(sqlite3.connect(store)) as good:
        version = good.execute("PRAGMA user_version").fetchone()[0]
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {version}")
        other.execute("CREATE TABLE t (x)")
        other.commit()

    for command in (["communes", "--data", path], ["report", "09194", "--data", path, *ON]):
        told = pupitre(*command)
        assert told.status == 2, told.err
        assert "illisible" in told.err


def test_a_command_told_to_stop_leaves_nothing(root: Path, store: Path, tmp_path: Path) -> None:
    """SIGTERM, as a scheduler sends it: status 143, no temporary folder, no half report."""
    script = "from pupitre.cli import main; main()"
    report = ["report", "09194", *ON, "--data", str(store), "--out", str(tmp_path / "out")]
    running = subprocess.Popen([sys.executable, "-c", script, *report], cwd=root)
    while not list(tmp_path.glob("out/*/.*")):
        assert running.poll() is None
    running.terminate()

    assert running.wait(timeout=60) == 143
    assert list(tmp_path.rglob("*")) == [tmp_path / "out"]


def test_debug_may_stand_after_the_command(pupitre: Pupitre) -> None:
    """Where one types it after a failure."""
    told = pupitre("report", "09194", "--on", "demain", "--debug")

    assert told.status == 2
    assert "Traceback" in told.err
    assert "n'est pas une date" in told.err
