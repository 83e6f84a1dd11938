from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pupitre.errors import ReportError
from pupitre.run.place import sweep, whole_directory


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones too, with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_writing_again_replaces_the_whole_directory(tmp_path: Path) -> None:
    """A file of the former report that the new one has not is gone."""
    target = tmp_path / "2026-11-22"
    for name in ("former.txt", "new.txt"):
        with whole_directory(target) as folder:
            (folder / name).write_text(name)

    assert files(tmp_path) == {"2026-11-22/new.txt": b"new.txt"}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_directory_appears_whole_or_not_at_all(error: type[BaseException], tmp_path: Path) -> None:
    """While it is filled nothing stands at its place, and an interruption leaves no trace."""
    target = tmp_path / "2026-11-22"

    def fill() -> None:
        with whole_directory(target) as folder:
            (folder / "half.txt").write_text("half")
            assert not target.exists()
            raise error

    with pytest.raises(error):
        fill()

    assert list(tmp_path.iterdir()) == []


def test_a_former_report_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last rename fails, as when another run has just put its own there."""
    target = tmp_path / "2026-11-22"
    target.mkdir()
    (target / "former.txt").write_text("former")
    rename, asked = os.replace, []

    def replace(source: Path, destination: Path) -> None:
        asked.append(destination)
        if asked.count(target) == 1 and destination == target:
            raise OSError(39, "Directory not empty", str(target))
        rename(source, destination)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="not empty"), whole_directory(target) as folder:
        (folder / "new.txt").write_text("new")

    assert files(tmp_path) == {"2026-11-22/former.txt": b"former"}


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_is_no_folder_is_not_replaced(kind: str, tmp_path: Path) -> None:
    """A link of the consultant's, a file of that name: refused by its name, and left."""
    target = tmp_path / "2026-11-22"
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
        target.symlink_to(tmp_path / "elsewhere")
    else:
        target.write_text("x")

    with pytest.raises(ReportError, match="2026-11-22"), whole_directory(target):
        pass

    assert target.is_symlink() or target.read_text() == "x"


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("begun", [True, False])
def test_what_a_killed_process_left_is_swept_and_the_report_it_was_replacing_comes_back(
    begun: bool, stands: bool, tmp_path: Path
) -> None:
    """Killed while it wrote, between its two renames, or after them."""
    target = tmp_path / "2026-11-22"
    left = [".2026-11-22.ancien", *([".2026-11-22.nouveau"] if begun else []), *(["2026-11-22"] if stands else [])]
    for name in left:
        (tmp_path / name).mkdir()
        (tmp_path / name / "rapport.html").write_text(name)
    (tmp_path / ".2026-11-22.verrou").touch()

    sweep(target)

    assert files(tmp_path) == {"2026-11-22/rapport.html": b"2026-11-22" if stands else b".2026-11-22.ancien"}
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_living_process_writes_is_left_alone_until_it_is_killed(tmp_path: Path) -> None:
    """And what it had started does not hold the place once it is gone."""
    target = tmp_path / "2026-11-22"
    with subprocess.Popen([sys.executable, "-c", FILL, target], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        sweep(target)
        during = files(tmp_path)
        process.kill()
    sweep(target)
    after = [*tmp_path.iterdir()]
    os.kill(child, signal.SIGKILL)

    assert during[".2026-11-22.nouveau/half.txt"] == b"half"
    assert after == []


FILL = """
import os, sys, time
from pathlib import Path
from pupitre.run.place import whole_directory
with whole_directory(Path(sys.argv[1])) as folder:
    (folder / "half.txt").write_text("half")
    if not os.fork():
        print(os.getpid(), flush=True)
        os.close(1)
    time.sleep(60)
"""


def test_who_comes_second_waits_for_its_turn(tmp_path: Path) -> None:
    """Two at work on the same report: both are written, one after the other, and the last stands."""
    target = tmp_path / "2026-11-22"

    def fill() -> None:
        with whole_directory(target) as folder:
            assert (target / "first.txt").exists()
            (folder / "second.txt").write_text("second")

    with ThreadPoolExecutor() as pool:
        with whole_directory(target) as folder:
            second = pool.submit(fill)
            (folder / "first.txt").write_text("first")
            assert not second.done()
        second.result()

    assert files(tmp_path) == {"2026-11-22/second.txt": b"second"}
