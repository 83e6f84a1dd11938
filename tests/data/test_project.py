from __future__ import annotations

from pathlib import Path

import pytest

from pupitre.data.project import Consultant, load_consultant, project_root, raw_dir, store_path
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


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def settings_file(folder: Path, text: str) -> Path:
    """A project whose settings say this after the date."""
    (folder / "pupitre.toml").write_text(f"date = 2026-11-22\n{text}", encoding="utf-8")
    return folder


def test_who_establishes_the_reports_is_told_once(tmp_path: Path) -> None:
    """Name, firm, logo, whose type is read from its bytes; each may be missing."""
    (tmp_path / "logo.bin").write_bytes(PNG)
    told = settings_file(tmp_path, '[consultant]\nnom = "Zoé"\nsociete = "Cabinet"\nlogo = "logo.bin"')

    assert load_consultant(told) == Consultant("Zoé", "Cabinet", PNG, "image/png")
    assert load_consultant(settings_file(tmp_path, "")) == Consultant()
    assert load_consultant(tmp_path / "nowhere") == Consultant()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("consultant = 1", "nom, societe et logo"),
        ('[consultant]\ncourriel = "a@b.fr"', "nom, societe et logo"),
        ("[consultant]\nnom = 3", "nom : on attend un texte"),
        ('[consultant]\nnom = "a\\u0001b"', "nom : on attend un texte"),
        ('[consultant]\nsociete = "' + "x" * 81 + '"', "societe : on attend un texte"),
        ('[consultant]\nlogo = "absent.png"', "absent.png.*PNG ou JPEG"),
        ('[consultant]\nlogo = "../outside.png"', "dossier du projet"),
        ('[consultant]\nlogo = "text.png"', "PNG ou JPEG"),
        ('[consultant]\nlogo = "large.png"', "60 ko"),
        ("[consultant", "ne se lit pas"),
    ],
)
def test_a_setting_that_cannot_be_printed_is_refused(text: str, said: str, tmp_path: Path) -> None:
    """It says what is expected; a picture outside the project, of another kind or heavy is not read into a page."""
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.png").write_bytes(PNG)
    (project / "text.png").write_text("<svg onload='x'/>")
    (project / "large.png").write_bytes(PNG + b"0" * 60_000)

    with pytest.raises(UsageError, match=said):
        load_consultant(settings_file(project, text))
