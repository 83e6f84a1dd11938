from __future__ import annotations

from pathlib import Path

import pytest

from pupitre.data.notes import find_notes, read_notes
from pupitre.errors import UsageError

CHAPTERS = ["L'essentiel", "Diagnostic", "Évaluation"]


def notes(folder: Path, content: str | bytes) -> Path:
    """A file of notes."""
    path = folder / "notes.md"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_each_text_goes_to_the_chapter_of_its_heading(tmp_path: Path) -> None:
    """Case, accents and apostrophes of a title do not matter; a smaller heading belongs to the text."""
    told = read_notes(notes(tmp_path, "# L’ESSENTIEL\nUn.\n\n# evaluation #\nDeux.\n## Plus\nTrois.\n"), CHAPTERS)

    assert told == {"L'essentiel": "Un.", "Évaluation": "Deux.\n## Plus\nTrois."}


def test_what_cannot_be_seen_is_left_out(tmp_path: Path) -> None:
    """A control character, a mark that turns the text around: a page may not hold them."""
    assert read_notes(notes(tmp_path, "# Diagnostic\na\x01b\u202ec\n\nd"), CHAPTERS) == {"Diagnostic": "abc\n\nd"}


def test_a_file_saved_by_windows_is_read(tmp_path: Path) -> None:
    """A byte order mark is no text."""
    assert read_notes(notes(tmp_path, b"\xef\xbb\xbf# Diagnostic\r\nUn."), CHAPTERS) == {"Diagnostic": "Un."}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Sans titre.", "commencez par un titre.*# L'essentiel"),
        ("# Finances\nUn.", "Finances.*n'existe pas.*Diagnostic, Évaluation"),
        ("# Diagnostic\nUn.\n# diagnostic\nDeux.", "deux fois"),
        (b"# Diagnostic\nt\xe9", "UTF-8"),
        ("# Diagnostic\n" + "x" * 100_000, "100 ko"),
    ],
)
def test_what_has_no_place_is_refused(content: str | bytes, said: str, tmp_path: Path) -> None:
    """Nothing that the consultant wrote is dropped in silence."""
    with pytest.raises(UsageError, match=said):
        read_notes(notes(tmp_path, content), CHAPTERS)


def test_notes_are_those_of_the_commune(tmp_path: Path) -> None:
    """A code is never a path."""
    folder = tmp_path / "communes" / "13028"
    folder.mkdir(parents=True)

    assert find_notes(tmp_path, "13028") is None
    path = notes(folder, "# Diagnostic\n")
    assert find_notes(tmp_path, "13028") == path
    assert find_notes(tmp_path / "communes" / "x", "../13028") is None
