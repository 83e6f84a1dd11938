from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
LOCAL = {".git", ".venv", "__pycache__", "processed", "refreshed", "reports", ".ipynb_checkpoints", ".hypothesis"}
MACHINE = re.compile("/" + "(?:work|root|home/[a-z]+|Users/[A-Za-z]+|tmp/[a-z]+)" + "/")


def tracked() -> Iterator[Path]:
    """The files of the project, without what .gitignore leaves out."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LOCAL and not name.endswith(("_cache", ".egg-info"))]
        yield from (Path(folder, name) for name in names)


def pyproject() -> dict[str, dict[str, object]]:
    """The project's own description."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirement_name(requirement: str) -> str:
    """The name of a requirement, as registries compare it."""
    return re.split(r"[\s<>=!~\[;]", requirement.strip(), maxsplit=1)[0].lower().replace("_", "-")


def requirements(lock: str) -> list[str]:
    """The requirements of a lock file, each with its continuation lines."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_one_version_and_its_hashes(lock: str) -> None:
    """So that what is installed is what was tested."""
    locked = requirements(lock)

    assert len(locked) > 50
    for line in locked:
        assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z,-]+\])?==[^\s;]+( ;[^-]+)?\s+--hash=sha256:[0-9a-f]{64}", line), line[
            :90
        ]


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_registry_and_no_place(lock: str) -> None:
    """They install anywhere, from whatever registry pip is told to use."""
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.search(
        r"https?://|file:|--(extra-)?index-url|--find-links|--trusted-host|^-e |@ ", text, re.MULTILINE
    )
    assert not MACHINE.search(text)


def test_locks_hold_what_the_project_asks_for() -> None:
    """Each dependency is locked; the development lock agrees with the other wherever they meet."""
    runtime = {requirement_name(line): line.split()[0] for line in requirements(LOCKS[0])}
    development = {requirement_name(line): line.split()[0] for line in requirements(LOCKS[1])}
    asked = pyproject()["project"]["dependencies"]
    groups = pyproject()["dependency-groups"]

    assert {requirement_name(str(name)) for name in asked} <= set(runtime)  # type: ignore[attr-defined]
    assert {requirement_name(str(name)) for name in groups["dev"]} <= set(development)  # type: ignore[attr-defined]
    assert not [name for name in runtime.keys() & development.keys() if runtime[name] != development[name]]


def test_no_file_holds_a_path_of_a_machine() -> None:
    """Neither of a home, nor of a temporary folder, nor of the one it was written in."""
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in MACHINE.finditer(text)]

    assert MACHINE.search("/" + "home/someone/file")
    assert found == []


def test_data_files_are_installed_with_the_package() -> None:
    """Everything that is not Python under lib/ matches a pattern of package-data."""
    patterns = pyproject()["tool"]["setuptools"]["package-data"]["pupitre"]  # type: ignore[index]
    package = ROOT / "lib" / "pupitre"
    others = [path for path in tracked() if path.is_relative_to(package) and path.suffix not in (".py", ".pyc")]

    assert {path.suffix for path in others} >= {".toml", ".css", ".j2", ".csv"}
    for path in others:
        name = path.relative_to(package).as_posix()
        assert any(fnmatch(name, pattern.replace("**/", "*")) for pattern in patterns), name


def test_conda_gets_the_packages_of_the_card_and_the_rest_from_the_project() -> None:
    """Same bounds as pyproject.toml, one channel, and the project itself by pip."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip().startswith("- ")]
    asked = {requirement_name(str(name)): str(name) for name in pyproject()["project"]["dependencies"]}  # type: ignore[attr-defined]
    conda = [line for line in lines if not line.startswith(("python>", "pip", "-e"))]

    assert sorted(requirement_name(line) for line in conda) == [
        "ipywidgets", "jupyterlab", "matplotlib", "nbconvert", "pandas", "papermill",
    ]  # fmt: skip
    assert [asked[requirement_name(line)] for line in conda] == conda
    assert f"python{pyproject()['project']['requires-python']}" in lines
    assert lines[-1] == "-e ."
    assert "channels: [conda-forge]" in text


def targets() -> set[str]:
    """The targets of the Makefile that are commands."""
    [phony] = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return set(phony.split())


def test_make_offers_what_the_readme_promises() -> None:
    """Each is phony and has a recipe."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert {"reports", "test", "lab", "lint", "bench", "stress"} <= targets()
    for target in targets():
        assert re.search(rf"^{target}:.*\n\t", makefile, re.MULTILINE), target


def test_make_reports_writes_the_three_communes_on_the_date_of_the_edition() -> None:
    """The date stands in pupitre.toml alone."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [edition] = re.findall(r"^date = (\S+)$", (ROOT / "pupitre.toml").read_text(encoding="utf-8"), re.MULTILINE)

    assert "CODES := 09194 13028 92062" in makefile
    assert "pupitre.toml" in makefile
    assert not re.search(r"20\d\d-\d\d-\d\d", makefile)
    assert edition == "2026-11-22"


def test_installing_refuses_what_has_no_hash() -> None:
    """Every pip of the Makefile checks hashes, or installs the project alone and fetches nothing."""
    installs = re.findall(r"pip install (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(installs) >= 3
    for line in installs:
        assert "--require-hashes" in line or ("--no-deps" in line and "--no-build-isolation" in line), line


def test_ci_installs_the_system_packages_and_calls_make() -> None:
    """What fails there can be run here by the same name."""
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")

    assert os.access(script, os.X_OK)
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    assert text.rstrip().endswith("make lint test")
    assert re.search(r'if \[ "\$\{CI:-\}" = true \]', text)
    assert {"chromium", "poppler-utils"} <= set((ROOT / ".ci" / "apt.txt").read_text(encoding="utf-8").split())


def test_the_project_is_free_and_keeps_a_changelog() -> None:
    """MIT, and Keep a Changelog with the version of pyproject.toml or what is not released yet."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert pyproject()["project"]["license"] == "MIT"
    assert "keepachangelog.com" in changelog
    assert re.search(
        rf"^## \[({re.escape(str(pyproject()['project']['version']))}|Unreleased)\]", changelog, re.MULTILINE
    )


@pytest.mark.parametrize("name", ["data/processed/", "reports/", "data/raw/refreshed/", ".venv/"])
def test_what_is_made_is_not_kept(name: str) -> None:
    """Git ignores what a command makes again."""
    assert name in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
