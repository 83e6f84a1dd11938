"""The commands that make reports: a few, or the rows of a table."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import Exit

from pupitre.cli import console
from pupitre.cli.options import FILE, Data, Engine, Force, Jobs, On, Out, Pdf, Settings, SettingsFile, day_of
from pupitre.errors import PupitreError, UsageError, refusal

PROCESSORS = os.cpu_count() or 1
MANY = 12

if TYPE_CHECKING:
    from pupitre.run.inputs import Order
    from pupitre.run.ledger import Attempt


def report(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="Codes INSEE, par exemple 09194 13028.")],
    on: On = "",
    data: Data = None,
    out: Out = None,
    settings: Settings = None,
    settings_file: SettingsFile = None,
    workbook: Annotated[Path | None, FILE("--workbook", help="Classeur rempli ; celui de son dossier sinon.")] = None,
    engine: Engine = "warm",
    pdf: Pdf = False,
    force: Force = False,
) -> None:
    """Écrit le rapport d'une ou de quelques communes."""
    from pupitre.data.project import project_root, store_path
    from pupitre.run.inputs import Order
    from pupitre.study import load_study

    _require_pdf(pdf)
    root, store, day = project_root(), str((data or store_path()).resolve()), day_of(on).isoformat()
    if workbook and len(codes) > 1:
        raise UsageError("--workbook est le classeur d'une seule commune : donnez un seul code INSEE.")
    answers = str(workbook.resolve()) if workbook else ""
    assumptions, made = _assumptions(settings, settings_file), str((out or root / "reports").resolve())
    orders = {}
    for code in codes:  # every refusal comes before anything is written
        study = load_study(code, day, store, assumptions, workbook=answers)
        for notice in study.notices:
            console.say(f"Attention : {notice}")
        known = study.dossier.commune.code_insee
        orders[known] = Order(known, day, store, made, str(root), assumptions, answers, engine, pdf).keyed()
    Path(made).mkdir(parents=True, exist_ok=True)
    failed = [attempt.code_insee for attempt in _make([*orders.values()], 1, force) if attempt.status != "ok"]
    if failed:
        console.say(f"Rapports en échec : {', '.join(failed)}.")
        raise Exit(1)


def batch(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Tableau CSV ou Excel : une ligne par rapport.")],
    jobs: Jobs = PROCESSORS,
    on: On = "",
    data: Data = None,
    out: Out = None,
    settings: Settings = None,
    settings_file: SettingsFile = None,
    engine: Engine = "warm",
    pdf: Pdf = False,
    force: Force = False,
) -> None:
    """Écrit les rapports d'un tableau de communes : ceux qui manquent, ou dont les données ont changé."""
    from pupitre.data.communes import load_commune
    from pupitre.data.project import project_root, store_path
    from pupitre.data.store import connect
    from pupitre.run.batch import refused
    from pupitre.run.inputs import Order
    from pupitre.run.ledger import append, locked
    from pupitre.run.portfolio import write_portfolio
    from pupitre.run.table import read_table

    _require_pdf(pdf)
    root, store, day = project_root(), (data or store_path()).resolve(), day_of(on)
    made, orders = (out or root / "reports").resolve(), []
    wrong: dict[tuple[int, str, str], list[str]] = {}
    rows, issues = read_table(table, day, _assumptions(settings, settings_file))
    for issue in issues:
        console.say(f"{table.name}, {issue}")
        wrong.setdefault((issue.number, issue.code_insee, issue.on), []).append(str(issue))
    with closing(connect(store)) as connection:
        for row in rows:
            try:
                load_commune(connection, row.code_insee)
                known = (row.code_insee, row.on, str(store), str(made), str(root))
                orders.append(Order(*known, row.assumptions, row.workbook, engine, pdf).keyed())
            except PupitreError as error:
                console.say(f"{table.name}, ligne {row.number} : {error}")
                wrong[row.number, row.code_insee, row.on] = [str(error)]
    asked = {(order.code_insee, order.on) for order in orders}
    with locked(made):
        for (_, code, date), reasons in wrong.items():
            if (code, date) not in asked:  # else the row is there twice, and the first is right
                append(made, refused(code, date, " ".join(reasons)))
        try:
            attempts = _make(orders, jobs, force)
        finally:
            gathered = _written(write_portfolio, made)
    failed = sum(attempt.status != "ok" for attempt in attempts) + len(wrong)
    done = len(orders) + len(wrong) - failed
    console.say(f"{done} {'rapports' if done > 1 else 'rapport'} à jour, {failed} en échec.")
    if gathered:
        print(console.plain(console.shown(made / "index.html")))
    if failed or not gathered:
        raise Exit(1)


def _require_pdf(pdf: bool) -> None:
    """Refuse before anything runs."""
    if pdf:
        from pupitre.run.pdf import require_pdf

        require_pdf()


def _written(write: Callable[[Path], None], folder: Path) -> bool:
    """Write in the folder of reports; else say why the disk refuses."""
    try:
        write(folder)
    except OSError as error:
        console.say(f"« {error.filename or folder} » : {refusal(error)}. Le portefeuille n'est pas à jour.")
        return False
    return True


def _assumptions(settings: list[str] | None, file: Path | None) -> dict[str, str]:
    """What --set-file says, then --set, which wins."""
    from pupitre.diagnostic.settings import parse_settings, read_settings

    return (read_settings(file) if file else {}) | parse_settings(settings or [])


def _make(orders: Sequence[Order], jobs: int, force: bool) -> list[Attempt]:
    """Make what is not already made, and tell of each; what became of those that were tried.

    On a terminal, many are told by the bar alone.
    """
    from pupitre.run.batch import already_made, make_reports

    def tell(folder: Path) -> None:
        if len(orders) < MANY or not sys.stderr.isatty():
            print(console.plain(console.shown(folder / "rapport.html")))

    attempts, late = [], []
    for order in orders:
        standing = None if force else already_made(order)
        if standing:
            tell(standing)
        else:
            late.append(order)
    if not late:
        return []
    with console.report_progress(len(late)) as ended, closing(make_reports(late, jobs, console.say)) as made:
        for attempt in made:
            if attempt.status == "ok":
                tell(Path(late[0].out, attempt.folder))
            else:
                console.say(f"{attempt.code_insee} : {attempt.reason}")
            ended(attempt.status == "ok")
            attempts.append(attempt)
    return attempts
