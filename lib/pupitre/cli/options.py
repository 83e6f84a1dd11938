"""The options that several commands share."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

FILE, FOLDER = partial(typer.Option, metavar="FILE"), partial(typer.Option, metavar="DIR")
DAY = typer.Option("--on", metavar="DATE", help="Date des barèmes et des données, AAAA-MM-JJ ; aujourd'hui sinon.")
SET = typer.Option("--set", metavar="NOM=VALEUR", help="Change une hypothèse, par exemple --set fctva_delay_years=1.")
On = Annotated[str, DAY]
Data = Annotated[Path | None, FILE("--data", help="Base de données, à la place de celle du projet.")]
Out = Annotated[Path | None, FOLDER("--out", help="Dossier des rapports ; reports sinon.")]
Settings = Annotated[list[str] | None, SET]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", min=1, max=64, help="Rapports menés de front.")]
Force = Annotated[bool, typer.Option("--force", help="Refait ce qui est déjà à jour.")]
Engine = Annotated[
    Literal["warm", "nbclient"], typer.Option("--engine", help="Moteur des carnets ; les deux donnent les mêmes.")
]
Pdf = Annotated[bool, typer.Option("--pdf", help="Écrit aussi les pages en PDF (extension pupitre[pdf]).")]
SettingsFile = Annotated[Path | None, FILE("--set-file", help="Fichier TOML d'hypothèses ; --set l'emporte.")]


def day_of(on: str) -> date:
    """The date of a command: the only place where today's is asked for."""
    from pupitre.formats import parse_day

    return parse_day(on) if on else date.today()
