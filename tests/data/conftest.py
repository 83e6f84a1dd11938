"""Two real stores (the committed files, the publishers' files) and a small invented country to break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pupitre.data.store import build_store

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"

SAMPLES = Path(__file__).with_name("samples")

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of `tmp_path/raw` in UTF-8 and give its path."""

    def _write(name: str, text: str) -> Path:
        path = tmp_path / "raw" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def country(write: Write) -> Path:
    """A folder of raw files, as publishers issue them: nine entries of communes, three schools, two rentrées."""
    for sample in SAMPLES.iterdir():
        write(sample.name, sample.read_text(encoding="utf-8"))
    return write("README.md", "not data").parent


@pytest.fixture(scope="session")
def raw() -> Path:
    """The committed raw files."""
    return ROOT / "data" / "raw"


@pytest.fixture(scope="session")
def seven(store: Path) -> Path:
    """The store of the committed files: schools of seven communes."""
    return store


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data, beside the project; absent, the tests that need it are skipped."""
    if not (SHARED / "data" / "bulk").is_dir():
        pytest.skip("needs the publishers' files in ../shared/data/bulk")
    return SHARED / "data"


@pytest.fixture(scope="session")
def bulk(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the publishers' files: département 35 and all of France."""
    store = tmp_path_factory.mktemp("bulk") / "pupitre.sqlite"
    build_store(shared / "bulk", store)
    return store
