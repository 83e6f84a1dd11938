"""The command that writes a draft of an e-mail."""

from __future__ import annotations

from typing import Annotated

import typer

from pupitre.cli import console
from pupitre.cli.options import Out

TO = typer.Option("--to", metavar="ADRESSE", help="Adresse du destinataire, par exemple mairie@exemple.fr.")
CC = typer.Option("--cc", metavar="ADRESSE", help="Adresse en copie ; une par --cc.")
REPORT_DAY = typer.Option("--on", metavar="DATE", help="Date du rapport, AAAA-MM-JJ ; le dernier sinon.")


def mail(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code INSEE, par exemple 09194.")],
    to: Annotated[str, TO],
    cc: Annotated[list[str] | None, CC] = None,
    on: Annotated[str, REPORT_DAY] = "",
    out: Out = None,
) -> None:
    """Écrit le brouillon d'un courriel, rapport joint ; rien n'est envoyé."""
    from pupitre.data.codes import parse_code_insee
    from pupitre.data.project import load_consultant, project_root
    from pupitre.formats import parse_day
    from pupitre.run.mail import megabytes, parse_address, write_mail

    root, known = project_root(), parse_code_insee(code)
    receivers, day = [parse_address(one) for one in (to, *(cc or []))], parse_day(on) if on else None
    draft = write_mail(out or root / "reports", known, day, receivers[0], receivers[1:], load_consultant(root))
    print(console.plain(f"{console.shown(draft)} ({megabytes(draft.stat().st_size)})"))
    console.say("Rien n'est envoyé : ouvrez ce brouillon dans votre messagerie, relisez-le, envoyez-le.")
