"""What a report is made from: its order, and one key for all that goes into it.

Belongs: digests. Does not: reading what the files say. Two orders of the same key give the same report.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pupitre.data.notes import find_notes
from pupitre.data.project import find_workbook, load_consultant

LIBRARIES = ("pupitre", "papermill", "nbconvert", "pandas", "matplotlib", "numpy-financial", "babel")
PACKAGE = Path(__file__).parents[1]
OWN_FILES = ("*.xlsx", "*.csv")


@dataclass(frozen=True)
class Order:
    """One report to make. `store`, `out`, `root`, `workbook`: absolute paths; `workbook` empty: the one in its folder.

    `assumptions` as the consultant gave them, `engine` of papermill, `pdf`: whether its pages are written as PDF too,
    `key` of its inputs.
    """

    code_insee: str
    on: str
    store: str
    out: str
    root: str
    assumptions: Mapping[str, object] = field(default_factory=dict)
    workbook: str = ""
    engine: str = "warm"
    pdf: bool = False
    key: str = ""

    def into(self, folder: Path) -> Order:
        """The same report, written elsewhere."""
        return replace(self, out=str(folder))

    def keyed(self) -> Order:
        """The same report, with the key of what its inputs are now."""
        workbook = Path(self.workbook) if self.workbook else find_workbook(self.code_insee)
        inputs = {
            "parameters": [self.code_insee, self.on, {name: str(value) for name, value in self.assumptions.items()}],
            "own": digests(path for pattern in OWN_FILES for path in workbook.parent.glob(pattern)) if workbook else [],
            "consultant": _consultant(Path(self.root), self.code_insee),
            "store": digests([Path(self.store)]),
            "notebooks": digests(Path(self.root).glob("notebooks/*.ipynb")),
            "code": digests(path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"),
            "versions": versions(self.pdf),
        }
        content = json.dumps(inputs, sort_keys=True, ensure_ascii=False).encode()
        return replace(self, key=hashlib.sha256(content).hexdigest())


def versions(pdf: bool = False) -> dict[str, str]:
    """The versions of what computes, draws, and writes a PDF if one is."""
    libraries = (*LIBRARIES, *(["weasyprint"] if pdf else []))
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


def digests(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """The name and SHA-256 of files, read again only when they changed."""
    return [(path.name, _digest(path, path.stat().st_mtime_ns, path.stat().st_size)) for path in sorted(paths)]


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _consultant(root: Path, code_insee: str) -> list[object]:
    """What the consultant says of himself and of a commune."""
    notes = find_notes(root / "data" / "raw", code_insee)
    return [repr(load_consultant(root)), digests([notes] if notes else [])]


@cache
def _digest(path: Path, modified_ns: int, size: int) -> str:
    return digest(path)
