from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, NamedTuple

import nbformat
import pytest

from pupitre import cli
from pupitre.run import batch
from pupitre.run.engine import NoFork, WarmParent
from pupitre.run.ledger import Attempt, append, read_ledger

THREE = FIRST, SECOND, THIRD = ["35900", "35901", "35902"]
COMPARED = ("rapport.html", "resultats.json")


class Told(NamedTuple):
    """What a batch said, and the attempts that it made, by commune."""

    status: int
    out: str
    err: str
    tried: dict[str, Attempt]


Batch = Callable[..., Told]


def add_cell(project: Path, source: str, name: str = "05-synthese") -> None:
    """Add a cell at the end of a notebook."""
    path = project / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)


def stamps(out: Path) -> dict[str, tuple[int, int]]:
    """Every file of the reports of a folder: the file itself, and its time."""
    files = [path for path in out.rglob("35*/**/*") if path.is_file()]
    return {str(path.relative_to(out)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def statuses(told: Told) -> dict[str, str]:
    """How each attempt ended."""
    return {code: attempt.status for code, attempt in told.tried.items()}


def page_and_results(project: Path, code: str) -> list[bytes]:
    """What the mayor reads, and every figure."""
    return [next((project / "sortie").glob(f"{code}-*/2026-11-22/{name}")).read_bytes() for name in COMPARED]


def cells(project: Path, code: str) -> list[list[tuple[object, ...]]]:
    """Of each notebook, what each cell asks, its number and its outputs."""
    paths = sorted((project / "sortie").glob(f"{code}-*/2026-11-22/*.ipynb"))
    notebooks = [nbformat.read(path, as_version=4) for path in paths]
    return [
        [(cell.source, cell.get("execution_count"), cell.get("outputs")) for cell in one.cells] for one in notebooks
    ]


def hidden(out: Path) -> list[str]:
    """What lies beside the reports."""
    return [path.name for path in out.glob("*/.*")]


@pytest.fixture(scope="module")
def warm_parent() -> Iterator[WarmParent]:
    """One warm process for the batches of this file: to start it is what takes long."""
    parent = WarmParent()
    close, parent.close = parent.close, lambda: None  # type: ignore[method-assign]
    yield parent
    close()


@pytest.fixture
def run_batch(
    project: Path, warm_parent: WarmParent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Batch:
    """Run a batch in the project: lines of a table, options."""
    monkeypatch.chdir(project)
    monkeypatch.setattr(batch, "WarmParent", lambda: warm_parent)

    def _run(lines: Sequence[str], *options: str, header: str = "code_insee") -> Told:
        (project / "lot.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
        before = len(read_ledger(project / "sortie"))
        common = ("--on", "2026-11-22", "--data", "base.sqlite", "--out", "sortie", "--jobs", "2")
        monkeypatch.setattr(sys, "argv", ["pupitre", "batch", "lot.csv", *common, *options])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        tried = {attempt.code_insee: attempt for attempt in read_ledger(project / "sortie")[before:]}
        return Told(int(stop.value.code or 0), *capsys.readouterr(), tried)

    return _run


@pytest.fixture
def made(run_batch: Batch) -> Told:
    """A batch of three that went well."""
    told = run_batch(THREE)
    assert (told.status, statuses(told)) == (0, dict.fromkeys(THREE, "ok"))
    return told


def test_a_second_run_does_nothing_when_nothing_changed(made: Told, run_batch: Batch, project: Path) -> None:
    """No attempt, no file touched, and the same pages are told."""
    before = stamps(project / "sortie")
    again = run_batch(THREE)

    assert (again.status, again.tried, sorted(again.out)) == (0, {}, sorted(made.out))
    assert stamps(project / "sortie") == before
    assert again.err == "3 rapports à jour, 0 en échec.\n"


def test_a_second_run_redoes_the_row_that_changed(made: Told, run_batch: Batch, project: Path) -> None:
    """An assumption of its own, a file of its report spoilt or taken away: those rows and no other."""
    reports = {code: next((project / "sortie").glob(f"{code}-*/2026-11-22")) for code in THREE}
    first = page_and_results(project, FIRST)
    (reports[FIRST] / "rapport.html").write_text("spoilt", encoding="utf-8")
    spoilt = run_batch(THREE)
    (reports[SECOND] / "05-synthese.ipynb").unlink()
    lacking = run_batch(THREE)
    assumed = run_batch([f"{FIRST};", f"{SECOND};", f"{THIRD};0.5"], header="code_insee;loan_share")

    assert [statuses(told) for told in (spoilt, lacking, assumed)] == [{FIRST: "ok"}, {SECOND: "ok"}, {THIRD: "ok"}]
    assert page_and_results(project, FIRST) == first
    assert (reports[SECOND] / "05-synthese.ipynb").exists()
    assert [told.tried[code].key == made.tried[code].key for told, code in ((spoilt, FIRST), (assumed, THIRD))] == [
        True,
        False,
    ]
    assert json.loads((reports[THIRD] / "run.json").read_bytes())["assumptions"] == {"loan_share": "0.5"}


def test_a_second_run_makes_good_what_a_crash_cut_short(made: Told, run_batch: Batch, project: Path) -> None:
    """A report stood already when its batch was killed: it is not made again, the ledger has it, nothing is beside."""
    before, ledger = stamps(project / "sortie"), project / "sortie" / "journal.jsonl"
    ledger.write_bytes(b"\n".join(line for line in ledger.read_bytes().splitlines() if SECOND.encode() not in line))
    for code in (SECOND, THIRD):
        next((project / "sortie").glob(f"{code}-*")).joinpath(".2026-11-22.ancien").mkdir()
    again = run_batch(THREE)

    assert hidden(project / "sortie") == []
    assert (again.status, statuses(again)) == (0, {SECOND: "ok"})
    assert again.tried[SECOND].outputs == made.tried[SECOND].outputs
    assert stamps(project / "sortie") == before
    assert run_batch(THREE).tried == {}


def test_a_second_run_tries_the_row_whose_workbook_came(made: Told, run_batch: Batch, project: Path) -> None:
    """A wrong one fails that row, whose former report stays; once it is gone the ledger says that the report stands."""
    before, own = stamps(project / "sortie"), project / "data" / "raw" / "communes" / SECOND
    own.mkdir(parents=True)
    (own / "classeur.xlsx").write_text("no workbook")
    wrong = run_batch(THREE)
    shutil.rmtree(own)
    gone = run_batch(THREE)

    assert (wrong.status, statuses(wrong)) == (1, {SECOND: "invalid_input"})
    assert "le classeur n'a pas d'objet" in wrong.tried[SECOND].reason  # no school is known there
    assert (gone.status, statuses(gone), gone.tried[SECOND].key) == (0, {SECOND: "ok"}, made.tried[SECOND].key)
    assert stamps(project / "sortie") == before


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a notebook": (lambda project: add_cell(project, "pass", "10-diagnostic"), []),
    "the store": (lambda project: os.truncate(project / "base.sqlite", 2**20), []),
    "nothing, but one says so": (lambda project: None, ["--force"]),
}


@pytest.mark.parametrize(("change", "options"), CHANGES.values(), ids=CHANGES)
def test_a_second_run_redoes_all_when_what_all_rest_on_changed(
    change: Callable[[Path], object], options: list[str], run_batch: Batch, project: Path
) -> None:
    """And with --force."""
    run_batch([FIRST, SECOND])
    before = stamps(project / "sortie")
    change(project)
    again = run_batch([FIRST, SECOND], *options)

    assert (again.status, statuses(again)) == (0, {FIRST: "ok", SECOND: "ok"})
    assert stamps(project / "sortie").keys() == before.keys()
    assert not stamps(project / "sortie").items() & before.items()


def test_wrong_rows_are_told_before_anything_runs_and_the_others_are_made(run_batch: Batch, project: Path) -> None:
    """Each with its line; they stand in the ledger with their reason, before what was made."""
    told = run_batch([f"{FIRST};", "1004;", f"{SECOND};2", "99999;", f"{THIRD};0.5"], header="code_insee;loan_share")
    attempts = read_ledger(project / "sortie")

    assert told.status == 1
    for named in ("ligne 3, colonne code_insee, « 1004 »", "ligne 4, colonne loan_share, « 2 »", "ligne 5", "99999"):
        assert named in told.err
    assert told.err.endswith("2 rapports à jour, 3 en échec.\n")
    assert statuses(told) == {"1004": "invalid_input", SECOND: "invalid_input", "99999": "invalid_input"} | {
        FIRST: "ok",
        THIRD: "ok",
    }
    assert [attempt.status for attempt in attempts] == ["invalid_input"] * 3 + ["ok"] * 2
    assert "loan_share" in told.tried[SECOND].reason
    assert not [*(project / "sortie").glob(f"{SECOND}*")]


def test_a_warm_process_that_has_aged_is_replaced_and_no_row_suffers(
    run_batch: Batch, warm_parent: WarmParent, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that it rests on changes once a report is made: another is started, which makes the rest."""
    started = []

    def touch_then_append(folder: Path, attempt: Attempt) -> None:
        with (project / "requirements.lock").open("a") as file:
            file.write("\n" if attempt.code_insee == FIRST else "")
        append(folder, attempt)

    monkeypatch.setattr(batch, "append", touch_then_append)
    monkeypatch.setattr(batch, "WarmParent", lambda: started.append(warm_parent) or warm_parent)
    told = run_batch([*THREE, "35903"], "--jobs", "1")

    assert (told.status, set(statuses(told).values())) == (0, {"ok"})
    assert len(started) == 2
    assert "Moteur rapide" not in told.err


def test_a_notebook_that_stopped_is_kept_until_its_report_is_made(run_batch: Batch, project: Path) -> None:
    """With its error, for who must mend it; the report of a commune that went well has none."""
    path = project / "notebooks" / "05-synthese.ipynb"
    right = path.read_bytes()
    add_cell(project, f"assert code_insee != {SECOND!r}")
    broken = run_batch(THREE)
    kept = [*project.glob("sortie/echecs/*")]
    source = kept[0].read_text(encoding="utf-8")
    path.write_bytes(right)
    mended = run_batch(THREE)

    assert (broken.status, mended.status) == (1, 0)
    assert statuses(broken) == {FIRST: "ok", SECOND: "cell_error", THIRD: "ok"}
    assert [path.name for path in kept] == [f"{SECOND}-rapide-{SECOND}-2026-11-22.ipynb"]
    assert "AssertionError" in source
    assert [*project.glob("sortie/echecs/*")] == []


def test_a_notebook_that_stopped_goes_too_when_the_former_report_is_still_right(
    made: Told, run_batch: Batch, project: Path
) -> None:
    """What stopped it was not among its inputs: a kernel killed while the report was made again."""
    kept = project / "sortie" / "echecs" / f"{SECOND}-rapide-{SECOND}-2026-11-22.ipynb"
    kept.parent.mkdir()
    kept.touch()
    append(project / "sortie", replace(made.tried[SECOND], status="killed", reason="x", folder=""))
    again = run_batch(THREE)

    assert (again.status, statuses(again)) == (0, {SECOND: "ok"})
    assert not kept.exists()


@pytest.fixture
def small_disk(project: Path) -> Iterator[Path]:
    """The folder of reports on a disk of 300 ko. Only an administrator may mount one."""
    (project / "sortie").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", project / "sortie"]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is refused here")
    yield project / "sortie"
    subprocess.run(["umount", project / "sortie"], check=True)


def test_a_full_disk_stops_the_batch_and_spoils_nothing(small_disk: Path, run_batch: Batch, project: Path) -> None:
    """One message that says so; former reports and ledger stay as they were; with room again, the rest is made."""
    run_batch([FIRST])
    before, ledger = stamps(small_disk), (small_disk / "journal.jsonl").read_bytes()
    with suppress(OSError), (small_disk / "plein").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**12))
    full = run_batch([FIRST, SECOND], "--force", "--jobs", "1")
    during = stamps(small_disk), (small_disk / "journal.jsonl").read_bytes(), hidden(small_disk)
    (small_disk / "plein").unlink()
    again = run_batch([FIRST, SECOND])

    assert (full.status, full.tried) == (1, {})
    assert "le disque est plein. Le lot s'arrête ; ce qui était terminé reste.\n" in full.err
    assert during == (before, ledger, [])
    assert (again.status, statuses(again)) == (0, {SECOND: "ok"})


def test_both_engines_give_the_same(made: Told, run_batch: Batch, project: Path) -> None:
    """Page and results to the byte; sources, counts and outputs of every notebook."""
    ours, notebooks = page_and_results(project, FIRST), cells(project, FIRST)
    told = run_batch([FIRST], "--engine", "nbclient", "--force")

    assert (told.status, statuses(told)) == (0, {FIRST: "ok"})
    assert "Moteur rapide" not in told.err
    assert page_and_results(project, FIRST) == ours
    assert cells(project, FIRST) == notebooks


def test_where_nothing_can_be_forked_the_same_is_made_and_it_says_so(
    made: Told, run_batch: Batch, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each report by a process of its own, and papermill's own engine. A row that fails harms no other."""
    ours, notebooks = page_and_results(project, FIRST), cells(project, FIRST)
    monkeypatch.setattr(batch, "WarmParent", Refusing)
    add_cell(project, f"import os; code_insee == {SECOND!r} and os._exit(3)")
    told = run_batch([FIRST, SECOND])

    assert (told.status, statuses(told)) == (1, {FIRST: "ok", SECOND: "killed"})
    assert "Moteur rapide indisponible (pas ici) : les carnets sont exécutés par nbclient.\n" in told.err
    assert "05-synthese" in told.tried[SECOND].reason
    assert page_and_results(project, FIRST) == ours
    assert [one[:-1] if "_exit" in str(one) else one for one in cells(project, FIRST)] == notebooks
    assert not hidden(project / "sortie")


class Refusing(WarmParent):
    """A machine where nothing can be forked."""

    def __init__(self) -> None:
        """It says why."""
        raise NoFork("pas ici")


class Pretending(WarmParent):
    """A warm process whose children say what they are told to say, each in turn, then are gone."""

    said: ClassVar[list[bytes]] = []

    def __init__(self) -> None:
        """Nothing is started."""

    def ask(self, request: Mapping[str, object], *ends: socket.socket) -> dict[str, object]:
        """The child has ended already."""
        for end in ends:
            end.sendall(self.said.pop(0))
        return {}

    def close(self) -> None:
        """Nothing was started."""


def test_a_report_lost_with_the_warm_process_is_tried_once_more(
    run_batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice lost, it is killed: what brings the warm process down must not run for ever."""
    monkeypatch.setattr(batch, "WarmParent", Pretending)
    monkeypatch.setattr(Pretending, "said", [b"", b'{"status": "cell_error", "reason": "x"}\n{"exit": 0}', b"", b""])
    told = run_batch([FIRST, SECOND], "--jobs", "1")

    assert statuses(told) == {FIRST: "cell_error", SECOND: "killed"}
    assert told.tried[SECOND].reason == "Interrompu deux fois avec le processus qui le faisait."
    assert Pretending.said == []


def test_a_warm_process_that_is_killed_at_once_is_replaced(
    run_batch: Batch, warm_parent: WarmParent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it prepared itself: one accident does not make the whole batch slow."""

    class Dead(Pretending):
        def ask(self, request: Mapping[str, object], *ends: socket.socket) -> dict[str, object]:
            raise NoFork("le processus qui les prépare s'est arrêté")

    parents = [warm_parent, Dead()]
    monkeypatch.setattr(batch, "WarmParent", parents.pop)
    told = run_batch([FIRST])

    assert (told.status, statuses(told), parents) == (0, {FIRST: "ok"}, [])
    assert "Moteur rapide" not in told.err


@pytest.mark.parametrize(
    ("ended", "reason"),
    [(-9, "Interrompu par le système (signal 9)."), (1, "Interrompu : son processus s'est arrêté de lui-même.")],
)
def test_what_a_killed_report_had_begun_to_say_is_not_heard(
    ended: int, reason: str, run_batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A torn line, then the word of who watched over it."""
    said = b'{"status": "o\n{"exit": %d, "why": "", "peak": 5}' % ended
    monkeypatch.setattr(batch, "WarmParent", Pretending)
    monkeypatch.setattr(Pretending, "said", [said])
    told = run_batch([FIRST])

    assert statuses(told) == {FIRST: "killed"}
    assert (told.tried[FIRST].reason, told.tried[FIRST].peak_bytes) == (reason, 5)


def test_a_machine_that_refuses_stops_the_batch(run_batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row can be made: the message says where and why, and what was finished stays."""
    monkeypatch.setattr(batch, "WarmParent", Pretending)
    monkeypatch.setattr(Pretending, "said", [b'{"fault": "\xc2\xab /x \xc2\xbb : le disque est plein."}\n{"exit": 0}'])
    told = run_batch(THREE, "--jobs", "1")

    assert (told.status, told.tried) == (1, {})
    assert told.err == "« /x » : le disque est plein. Le lot s'arrête ; ce qui était terminé reste.\n"


def test_a_ledger_that_cannot_be_written_stops_the_batch(run_batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room for a report, and for no more."""

    def full(folder: Path, attempt: Attempt) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "journal.jsonl"))

    monkeypatch.setattr(batch, "WarmParent", Pretending)
    monkeypatch.setattr(Pretending, "said", [b'{"status": "ok", "reason": ""}\n{"exit": 0}'])
    monkeypatch.setattr(batch, "append", full)
    told = run_batch([FIRST])

    assert told.status == 1
    assert "journal.jsonl » : le disque est plein. Le lot s'arrête" in told.err
