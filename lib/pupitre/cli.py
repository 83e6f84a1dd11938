"""The command line. Each command imports its room when it runs, so that `--help` stays light.

Exit status: 0 all done, 1 some reports failed, 2 wrong usage or invalid input, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import re
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from typer.exceptions import Abort, Exit, TyperException

from pupitre.errors import PupitreError, ReportError, UsageError, WorkbookError, refusal, usage
from pupitre.formats import as_it_is

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Le numérique dans les écoles d'une commune : diagnostic, programme, financement, rapport au maire.",
)
INTERRUPTED = "Interrompu. Ce qui était terminé reste."
CONFIDENCE = {"official": "officiel", "secondary": "à vérifier", "unverified": "à vérifier"}

FILE, FOLDER = partial(typer.Option, metavar="FILE"), partial(typer.Option, metavar="DIR")
DAY = typer.Option("--on", metavar="DATE", help="Date des barèmes et des données, AAAA-MM-JJ ; aujourd'hui sinon.")
SET = typer.Option("--set", metavar="NOM=VALEUR", help="Change une hypothèse, par exemple --set fctva_delay_years=1.")
On = Annotated[str, DAY]
Data = Annotated[Path | None, FILE("--data", help="Base de données, à la place de celle du projet.")]


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Montre la trace complète d'une erreur.")] = False,
) -> None:
    """Options of every command; `main` reads --debug itself."""


@app.command()
def build(
    raw: Annotated[Path | None, FOLDER("--raw", help="Dossier des fichiers bruts ; data/raw sinon.")] = None,
    out: Annotated[Path | None, FILE("--out", help="Base à écrire ; celle du projet sinon.")] = None,
) -> None:
    """Construit la base de données à partir des fichiers bruts."""
    from pupitre.data.project import raw_dir, store_path
    from pupitre.data.store import build_store

    target = out or store_path()
    _refuse_to_overwrite(target)
    with _progress() as advance:
        report = build_store(raw or raw_dir(), target, advance)
    for warning in report.warnings:
        _say(f"Attention : {warning}")
    for name in report.ignored:
        _say(f"Fichier non reconnu, ignoré : {name}")
    communes, schools = report.counts["communes"], report.counts["schools"]
    print(f"{_shown(target)} : {communes} communes et parties de communes, {schools} écoles.")


@app.command()
def report(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="Codes INSEE, par exemple 09194 13028.")],
    on: On = "",
    data: Data = None,
    out: Annotated[Path | None, FOLDER("--out", help="Dossier des rapports ; reports sinon.")] = None,
    settings: Annotated[list[str] | None, SET] = None,
    settings_file: Annotated[
        Path | None, FILE("--set-file", help="Fichier TOML d'hypothèses ; --set l'emporte.")
    ] = None,
    workbook: Annotated[Path | None, FILE("--workbook", help="Classeur rempli ; celui de son dossier sinon.")] = None,
) -> None:
    """Écrit le rapport d'une ou de quelques communes."""
    from pupitre.data.project import project_root, store_path
    from pupitre.diagnostic.settings import parse_settings, read_settings
    from pupitre.run.report import build_report
    from pupitre.study import load_study

    root, store, day = project_root(), (data or store_path()).resolve(), _day(on).isoformat()
    if workbook and len(codes) > 1:
        raise UsageError("--workbook est le classeur d'une seule commune : donnez un seul code INSEE.")
    answers = workbook.resolve() if workbook else None
    assumptions = (read_settings(settings_file) if settings_file else {}) | parse_settings(settings or [])
    for code in codes:  # every refusal comes before anything is written
        study = load_study(code, day, str(store), assumptions, workbook=str(answers or ""))
        for notice in study.notices:
            _say(f"Attention : {notice}")
    failed, made = [], (out or root / "reports").resolve()
    make = partial(build_report, on=day, store=store, out=made, root=root, assumptions=assumptions, workbook=answers)
    with _progress() as advance:
        for done, code in enumerate(codes):
            try:
                folder = make(code.strip(), progress=partial(advance, code, done, len(codes)))
            except ReportError as error:
                failed.append(code)
                _say(f"{code} : {error}")
            else:
                print(_plain(_shown(folder / "rapport.html")))
    if failed:
        _say(f"Rapports en échec : {', '.join(failed)}.")
        raise Exit(1)


@app.command()
def workbook(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code INSEE, par exemple 09194.")],
    on: On = "",
    data: Data = None,
    out: Annotated[Path | None, FILE("-o", "--out", help="Classeur à écrire ; sinon ici, à son nom.")] = None,
) -> None:
    """Écrit le classeur à envoyer à la mairie, prérempli avec ses écoles."""
    from pupitre.data.dossier import load_dossier
    from pupitre.data.project import store_path
    from pupitre.data.workbook_writer import build_workbook
    from pupitre.diagnostic.assumptions import assumption_rows
    from pupitre.law import baremes as law

    day = _day(on)
    dossier = load_dossier(code, day, data or store_path())
    out = out or Path(f"{dossier.commune.slug}.xlsx")
    build_workbook(dossier, assumption_rows(law.on(day)), day, out)
    print(_shown(out))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="Classeur rempli par la commune.")],
    on: On = "",
    data: Data = None,
) -> None:
    """Vérifie un classeur rempli : chaque erreur avec sa feuille, sa cellule et ce qui est attendu."""
    from pupitre.cap.answers import issues_of
    from pupitre.data.dossier import known_schools, load_dossier
    from pupitre.data.project import store_path
    from pupitre.data.sheets import sheet
    from pupitre.data.workbook import read_workbook, workbook_code
    from pupitre.diagnostic.maturity import maturity_notices
    from pupitre.law import baremes as law

    day = _day(on)
    dossier = load_dossier(workbook_code(file), day, data or store_path())
    answers, issues = read_workbook(file, dossier.commune.code_insee, known_schools(dossier.schools), day)
    issues = issues_of(answers, issues, law.on(day))
    for notice in (*answers.notices, *maturity_notices(answers)):
        _say(f"Attention : {notice}")
    if issues:
        raise WorkbookError(file.name, issues)
    counts = (f"{sheet(key).title} {len(table)}" for key, table in answers.tables.items())
    print(_plain(f"{file.name} : aucune erreur. Lignes lues : {', '.join(counts)}."))


@app.command()
def communes(
    text: Annotated[
        str, typer.Argument(metavar="[TEXTE]", help="Nom ou code, même partiel ; vide : celles aux écoles connues.")
    ] = "",
    data: Data = None,
) -> None:
    """Liste les communes connues, leurs écoles et ce qui manque."""
    from pupitre.data.communes import list_communes
    from pupitre.data.project import store_path
    from pupitre.data.store import connect

    with closing(connect(data or store_path())) as connection:
        found = list_communes(connection, text)
    if found.empty:
        raise UsageError(f"Aucune commune ne correspond à « {text} ». Essayez une partie de son nom.")
    rows = found.astype({"schools": object}).fillna({"schools": "?"}).astype(str).to_numpy().tolist()
    _table(["Code", "Commune", "Département", "Écoles", "Non connu"], rows)


@app.command()
def baremes(on: On = "") -> None:
    """Montre les barèmes datés : les périmés d'abord, puis ceux à vérifier."""
    from pupitre.law import baremes as law

    day = _day(on)
    law.on(day).require_any()
    rows = []
    for figure in law.on(day).all():
        state = CONFIDENCE[figure.confidence] + (", périmé" if figure.is_stale(day) else "")
        rows.append([figure.name, as_it_is(figure.value), figure.unit, figure.checked_on.isoformat(), state])
    _table(["Barème", "Valeur", "Unité", "Relu le", "État"], rows)


def main() -> None:
    """Run a command, and turn every error into one French message and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a letter shows « ? » rather than fails
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)  # so that what was begun is cleaned up
    try:
        status = app([word for word in sys.argv[1:] if word != "--debug"], standalone_mode=False) or 0
        _fail(INTERRUPTED, status) if status == 130 else sys.exit(status)
    except Exit as stop:
        sys.exit(stop.exit_code)
    except (KeyboardInterrupt, Abort):
        _fail(INTERRUPTED, 130)
    except TyperException as error:
        empty = type(error).__name__ == "NoArgsIsHelpError"  # its message is the help itself
        _fail(error.format_message() if empty else usage(error), 2)
    except WorkbookError as error:
        for issue in error.issues:
            _say(str(issue))
        _fail(error.summary, 2)
    except PupitreError as error:
        _fail(str(error), 1 if isinstance(error, ReportError) else 2)
    except sqlite3.DatabaseError:
        _fail("La base de données est illisible ou occupée. Relancez `pupitre build`.", 2)
    except BrokenPipeError:  # the reader of a pipe (`| head`) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(f"« {error.filename or 'fichier'} » : {refusal(error)}. Vérifiez le chemin et les droits.", 2)
    except Exception as error:
        kind = type(error).__name__
        _fail(f"Erreur interne ({kind} : {error}). Relancez avec `pupitre --debug …` et signalez-la.", 1)


def _day(on: str) -> date:
    """The date of a command: the only place where today's is asked for."""
    from pupitre.formats import parse_day

    return parse_day(on) if on else date.today()


@contextmanager
def _progress() -> Iterator[Callable[..., None]]:
    """A bar on a terminal, nothing elsewhere; yields `advance(what, done, total, step)`, `step` if need be."""
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *told: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total, *step: bar.update(
            task, description=" : ".join([what, *step]), completed=done, total=total
        )


def _table(header: list[str], rows: list[list[str]]) -> None:
    table = Table(*header, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    if console.is_terminal:
        console.print(table)
    else:
        print("\n".join("\t".join(row) for row in [header, *rows]))


def _refuse_to_overwrite(target: Path) -> None:
    """Only a database may be replaced by a database."""
    if target.is_dir() or (target.is_file() and target.read_bytes()[:15] not in (b"SQLite format 3", b"")):
        raise UsageError(f"« {target} » existe et n'est pas une base de données : donnez un autre nom à --out.")


def _shown(path: Path) -> Path:
    """A path as its reader would type it: from here when it is below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _say(message: str) -> None:
    """One line on the error output; a control or direction character of a file never reaches the terminal."""
    print(_plain(message), file=sys.stderr)


def _plain(text: object) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "?", str(text))


def _stop(number: int, frame: object) -> None:
    sys.exit(128 + number)


def _fail(message: str, status: int) -> None:
    if "--debug" in sys.argv and sys.exception():
        traceback.print_exc()
    _say(message)
    sys.exit(status)
