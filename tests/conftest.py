"""What all tests share: one date, the store of the committed files, and studies of real communes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from pupitre.data.store import build_store
from pupitre.study import Study, load_study

ROOT = Path(__file__).parents[1]
ON = date(2026, 11, 22)

settings.register_profile("default", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("stress", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def on() -> date:
    """The day of every test: none reads the clock."""
    return ON


@pytest.fixture(scope="session")
def root() -> Path:
    """The project."""
    return ROOT


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the committed files: schools of seven communes."""
    path = tmp_path_factory.mktemp("store") / "pupitre.sqlite"
    build_store(ROOT / "data" / "raw", path)
    return path


@pytest.fixture(scope="session")
def study_of(store: Path) -> Callable[..., Study]:
    """The study of a commune on the day of the tests, computed once: `study_of("09194", loan_share=1)`.

    No test changes one: the next would see it.
    """
    known: dict[str, Study] = {}

    def _study(code: str, **assumptions: object) -> Study:
        key = f"{code} {json.dumps(assumptions, sort_keys=True)}"
        if key not in known:
            known[key] = load_study(code, ON.isoformat(), str(store), assumptions)
        return known[key]

    return _study
