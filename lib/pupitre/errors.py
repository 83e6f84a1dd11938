"""The exceptions of Pupitre. Each message is French and says what, where, and what to do.

PupitreError
├── UsageError            an option, a parameter or an assumption is wrong
│   └── Contradiction     two assumptions cannot hold together
├── UnknownCommune        a code or a name that no commune bears
├── RawDataError          a raw file is missing, altered, truncated or lacks a column
├── BaremeError
│   ├── UnknownBareme     a name that no figure bears
│   ├── BaremeNotInForce  a figure that has no value on that date
│   └── InvalidBareme     a TOML file that breaks the rules of `law/`
├── WorkbookError         a workbook is refused, whole or by its cells
├── PlanError             a funding plan whose sums do not hold
└── ReportError           a notebook or the page failed
    └── KernelDied        the process of a notebook died
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable
from dataclasses import dataclass


class PupitreError(Exception):
    """Anything that stops Pupitre and that its user can understand."""


class UsageError(PupitreError):
    """An option, a parameter or an assumption is wrong."""


class Contradiction(UsageError):
    """Two assumptions cannot hold together."""


class UnknownCommune(PupitreError):
    """No commune bears this code or this name."""


class RawDataError(PupitreError):
    """A raw file is missing, altered, truncated or lacks a column."""


class BaremeError(PupitreError):
    """A dated figure cannot be read."""


class UnknownBareme(BaremeError):
    """No figure bears this name."""


class BaremeNotInForce(BaremeError):
    """The figure has no value on that date."""


class InvalidBareme(BaremeError):
    """A TOML file breaks the rules of `law/`."""


@dataclass(frozen=True)
class CellIssue:
    """One thing to correct in a workbook: its sheet, its cell, what was read (or nothing), what to write instead."""

    sheet: str
    cell: str
    found: str
    expected: str

    def __str__(self) -> str:
        """The message."""
        cell = f", cellule {self.cell}" if self.cell else ""
        found = f"« {self.found} »" if self.found else "vide"
        return f"feuille {self.sheet}{cell}, {found} : {self.expected.rstrip('.')}."


class WorkbookError(PupitreError):
    """A workbook is refused: `problem` says why the whole is, `issues` which cells are."""

    def __init__(self, file: str, issues: Iterable[CellIssue] = (), problem: str = "") -> None:
        """One line, then one line per issue."""
        self.issues = tuple(issues)
        count = f"{len(self.issues)} erreurs" if len(self.issues) > 1 else "une erreur"
        self.summary = f"{file} : {problem or f'{count} à corriger.'}"
        super().__init__("\n".join([self.summary, *map(str, self.issues)]))


class PlanError(PupitreError):
    """The sums of a funding plan do not hold."""


class ReportError(PupitreError):
    """A notebook or the page failed."""


class KernelDied(ReportError):
    """The process of a notebook died."""


SEE_USAGE = "`pupitre --help` montre l'usage."
REFUSALS = {
    errno.ENOENT: "ce chemin n'existe pas",
    errno.EEXIST: "un fichier porte déjà ce nom",
    errno.ENOTDIR: "une partie de ce chemin n'est pas un dossier",
    errno.EISDIR: "c'est un dossier, pas un fichier",
    errno.EACCES: "l'accès est refusé",
    errno.EPERM: "l'accès est refusé",
    errno.EROFS: "on ne peut pas y écrire",
    errno.ENOSPC: "le disque est plein",
}


def refusal(error: OSError) -> str:
    """Why the system refused a file, in French.

    >>> refusal(FileNotFoundError(errno.ENOENT, "No such file or directory"))
    "ce chemin n'existe pas"
    """
    return REFUSALS.get(error.errno or 0, "le système refuse d'y lire ou d'y écrire")


def usage(error: Exception) -> str:
    """The refusals of the command-line framework, in French."""
    kind, message = type(error).__name__, str(getattr(error, "message", error))
    option, close = getattr(error, "option_name", ""), getattr(error, "possibilities", None)
    hint = f"Vouliez-vous dire {' ou '.join(close)} ?" if close else "`pupitre --help` montre ce qui existe."
    if kind == "NoSuchOption":
        return f"L'option {option} n'existe pas. {hint}"
    if kind == "BadOptionUsage":
        return f"L'option {option} attend une valeur. {SEE_USAGE}"
    if message.startswith("Got unexpected extra"):
        return f"La commande ne prend pas cet argument : {message.partition('(s) ')[2].strip('()')}. {SEE_USAGE}"
    if kind == "MissingParameter":
        param = getattr(error, "param", None)
        name = str(getattr(param, "metavar", None) or getattr(param, "name", ""))
        return f"Il manque l'argument {name.rstrip('.')}. {SEE_USAGE}"
    if message.startswith("No such command"):
        asked, *near = re.findall(r"'(.+?)'", message)
        return f"La commande « {asked} » n'existe pas. " + (f"Vouliez-vous dire {near[0]} ?" if near else hint)
    return f"La commande n'est pas comprise : {message} {SEE_USAGE}"
