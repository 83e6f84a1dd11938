from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pupitre.run import inputs
from pupitre.run.inputs import Order


@pytest.fixture
def order(root: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    """A report of a copy of the project, whose every input may be changed."""
    shutil.copytree(root / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(root / "lib" / "pupitre" / "law", tmp_path / "package" / "law")
    own = tmp_path / "data" / "raw" / "communes" / "09194"
    own.mkdir(parents=True)
    (tmp_path / "lib").mkdir()
    for name in ("classeur.xlsx", "enquetes.csv", "notes.md"):
        (own / name).write_text(name)
    shutil.copy(store, tmp_path / "base.sqlite")
    monkeypatch.setattr(inputs, "PACKAGE", tmp_path / "package")
    monkeypatch.chdir(tmp_path)
    return Order("09194", "2026-11-22", str(tmp_path / "base.sqlite"), str(tmp_path / "out"), str(tmp_path))


def touch(*names: str) -> Callable[[Path], None]:
    """Add a byte to a file of the project."""

    def change(folder: Path) -> None:
        path = folder.joinpath(*names)
        path.write_bytes(path.read_bytes() + b" ")

    return change


def sign(folder: Path) -> None:
    """Say who establishes the reports."""
    (folder / "pupitre.toml").write_text('[consultant]\nnom = "Zoé"', encoding="utf-8")


CHANGES = {
    "consultant": sign,
    "workbook": touch("data", "raw", "communes", "09194", "classeur.xlsx"),
    "answers": touch("data", "raw", "communes", "09194", "enquetes.csv"),
    "notes": touch("data", "raw", "communes", "09194", "notes.md"),
    "store": touch("base.sqlite"),
    "notebook": touch("notebooks", "05-synthese.ipynb"),
    "law": touch("package", "law", "aides.toml"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_input_changes_the_key(change: Callable[[Path], None], order: Order, tmp_path: Path) -> None:
    """What a report rests on: workbook, answers, notes, data, notebooks, law and code."""
    before = order.keyed().key
    change(tmp_path)

    assert order.keyed().key != before


@pytest.mark.parametrize(
    "change", [{"on": "2026-11-21"}, {"assumptions": {"loan_share": "0.5"}}, {"code_insee": "09122"}]
)
def test_each_parameter_changes_the_key(change: dict[str, object], order: Order) -> None:
    """Date, assumptions, commune."""
    assert replace(order, **change).keyed().key != order.keyed().key  # type: ignore[arg-type]


def test_versions_change_the_key(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that was upgraded may draw otherwise."""
    before = order.keyed().key
    monkeypatch.setattr(inputs, "version", lambda name: "0")

    assert order.keyed().key != before


def test_nothing_else_changes_the_key(order: Order, tmp_path: Path) -> None:
    """Neither where the report goes, nor which engine runs it, nor the time of a file, nor how a number is typed."""
    told = replace(order, assumptions={"loan_share": "0.5"}).keyed().key
    os.utime(tmp_path / "base.sqlite", (0, 0))

    assert (
        replace(order, engine="nbclient", assumptions={"loan_share": 0.5}).into(tmp_path / "else").keyed().key == told
    )
