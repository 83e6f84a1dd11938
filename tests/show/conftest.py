"""A study is computed once for each commune and set of assumptions: no test here changes one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pupitre.study import Study


@pytest.fixture(scope="session")
def study_of(study_of: Callable[..., Study]) -> Callable[..., Study]:
    """The study of a commune, the same one when it is asked for again: `study_of("09194", loan_share=1)`."""
    known: dict[str, Study] = {}

    def _study(code: str, **assumptions: object) -> Study:
        key = f"{code} {json.dumps(assumptions, sort_keys=True)}"
        if key not in known:
            known[key] = study_of(code, **assumptions)
        return known[key]

    return _study
