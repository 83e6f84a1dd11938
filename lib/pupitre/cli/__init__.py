"""The command line. Each command imports its room when it runs, so that `--help` stays light.

Exit status: 0 all done, 1 some reports failed, 2 wrong usage or invalid input, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import sys
import traceback
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, Exit, TyperException

from pupitre.cli import console, mail, options, reports
from pupitre.cli.options import FILE, FOLDER, Data, On
from pupitre.errors import PupitreError, ReportError, UsageError, WorkbookError, refusal, usage
from pupitre.formats import as_it_is

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Le numérique dans les écoles d'une commune : diagnostic, programme, financement, rapport au maire.",
)
INTERRUPTED = "Interrompu. Ce qui était terminé reste."
CONFIDENCE = {"official": "officiel", "secondary": "à vérifier", "unverified": "à vérifier"}


@app.callback()
def common(
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
    with console.progress() as advance:
        report = build_store(raw or raw_dir(), target, advance)
    for warning in report.warnings:
        console.say(f"Attention : {warning}")
    for name in report.ignored:
        console.say(f"Fichier non reconnu, ignoré : {name}")
    communes, schools = report.counts["communes"], report.counts["schools"]
    print(f"{console.shown(target)} : {communes} communes et parties de communes, {schools} écoles.")


app.command()(reports.report)
app.command()(reports.batch)
app.command()(mail.mail)


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

    day = options.day_of(on)
    dossier = load_dossier(code, day, data or store_path())
    out = out or Path(f"{dossier.commune.slug}.xlsx")
    build_workbook(dossier, assumption_rows(law.on(day)), day, out)
    print(console.shown(out))


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

    day = options.day_of(on)
    dossier = load_dossier(workbook_code(file), day, data or store_path())
    answers, issues = read_workbook(file, dossier.commune.code_insee, known_schools(dossier.schools), day)
    issues = issues_of(answers, issues, law.on(day))
    for notice in (*answers.notices, *maturity_notices(answers)):
        console.say(f"Attention : {notice}")
    if issues:
        raise WorkbookError(file.name, issues)
    counts = (f"{sheet(key).title} {len(table)}" for key, table in answers.tables.items())
    print(console.plain(f"{file.name} : aucune erreur. Lignes lues : {', '.join(counts)}."))


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
    console.table(["Code", "Commune", "Département", "Écoles", "Non connu"], rows)


@app.command()
def baremes(on: On = "") -> None:
    """Montre les barèmes datés : les périmés d'abord, puis ceux à vérifier."""
    from pupitre.law import baremes as law

    day = options.day_of(on)
    law.on(day).require_any()
    rows = []
    for figure in law.on(day).all():
        state = CONFIDENCE[figure.confidence] + (", périmé" if figure.is_stale(day) else "")
        rows.append([figure.name, as_it_is(figure.value), figure.unit, figure.checked_on.isoformat(), state])
    console.table(["Barème", "Valeur", "Unité", "Relu le", "État"], rows)


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
            console.say(str(issue))
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


def _refuse_to_overwrite(target: Path) -> None:
    """Only a database may be replaced by a database."""
    if target.is_dir() or (target.is_file() and target.read_bytes()[:15] not in (b"SQLite format 3", b"")):
        raise UsageError(f"« {target} » existe et n'est pas une base de données : donnez un autre nom à --out.")


def _stop(number: int, frame: object) -> None:
    sys.exit(128 + number)


def _fail(message: str, status: int) -> None:
    if "--debug" in sys.argv and sys.exception():
        traceback.print_exc()
    console.say(message)
    sys.exit(status)
