from __future__ import annotations

from pathlib import Path

import pytest

from pupitre.data.project import project_root, raw_dir, store_path
from pupitre.errors import UsageError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that looks like the project."""
    for name in ("notebooks", "lib", "elsewhere"):
        (tmp_path / "project" / name).mkdir(parents=True)
    return tmp_path / "project"


def test_the_nearest_parent_wins(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder inside, whatever PUPITRE_HOME says."""
    monkeypatch.setenv("PUPITRE_HOME", "/")
    monkeypatch.chdir(project / "elsewhere")

    assert project_root() == project
    assert raw_dir() == project / "data" / "raw"
    assert store_path() == project / "data" / "processed" / "pupitre.sqlite"


def test_outside_pupitre_home_says_where(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook may be run from anywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PUPITRE_HOME", str(project))

    assert project_root() == project


@pytest.mark.parametrize("home", [None, "", "nowhere"])
def test_without_project_the_message_says_what_to_do(
    home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a parent nor a usable variable."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PUPITRE_HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("PUPITRE_HOME", home)

    with pytest.raises(UsageError, match="PUPITRE_HOME"):
        project_root()
