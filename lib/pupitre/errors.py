"""The exceptions of Pupitre. Each message is French and says what, where, and what to do.

PupitreError
├── UsageError            an option, a parameter or an assumption is wrong
├── UnknownCommune        a code or a name that no commune bears
├── RawDataError          a raw file is missing, altered, truncated or lacks a column
├── BaremeError
│   ├── UnknownBareme     a name that no figure bears
│   ├── BaremeNotInForce  a figure that has no value on that date
│   └── InvalidBareme     a TOML file that breaks the rules of `law/`
├── PlanError             a funding plan whose sums do not hold
└── ReportError           a notebook or the page failed
"""

import errno


class PupitreError(Exception):
    """Anything that stops Pupitre and that its user can understand."""


class UsageError(PupitreError):
    """An option, a parameter or an assumption is wrong."""


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


class PlanError(PupitreError):
    """The sums of a funding plan do not hold."""


class ReportError(PupitreError):
    """A notebook or the page failed."""


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
