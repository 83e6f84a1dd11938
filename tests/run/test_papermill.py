"""Papermill's own tests, which ship in its wheel: what passes with its engine passes with ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import papermill
import pytest

SUITE = Path(papermill.__file__).parent / "tests"
MODULES = ("execute", "engines", "autosave", "clientwrap", "cli")
FEWEST = 100  # 127 of 128 with papermill 2.7


def passed(folder: Path, *options: str) -> set[str]:
    """The names of those that pass, by a pytest of their own: ours treats warnings as errors."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    tests = [str(SUITE / f"test_{name}.py") for name in MODULES]
    where = ["-c", str(folder / "pytest.ini"), "--rootdir", str(SUITE), "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-rA", "--continue-on-collection-errors", *where, *options, *tests]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    told = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=False).stdout
    return set(re.findall(r"^PASSED (\S+)", told, re.MULTILINE))


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "stress", reason="a minute and a half: make stress")
def test_what_passes_with_papermill_s_engine_passes_with_ours(tmp_path: Path) -> None:
    """Executing, engines, automatic saves, the client, the command line."""
    stock, warm = passed(tmp_path), passed(tmp_path, "-p", "warm_by_default")
    print(f"papermill: {len(stock)} of its tests pass with its engine, {len(warm)} with ours")
    assert stock - warm == set()
    assert len(stock) > FEWEST
