"""A plugin of pytest (`-p warm_by_default`): papermill's default engine is ours, in its command line too."""

from __future__ import annotations

from typing import Any

from papermill.engines import papermill_engines
from papermill.tests import test_cli

from pupitre.run.engine import WarmEngine

stock_cli = test_cli.papermill_cli


def warm_cli(arguments: list[str] | None = None, **options: Any) -> object:
    """Papermill's command, with our engine."""
    return stock_cli([*(arguments or []), "--engine", "warm"], **options)


def pytest_configure() -> None:
    """Only when it is a plugin: a file that is merely imported changes nothing."""
    papermill_engines.register(None, WarmEngine)
    papermill_engines.register("nbclient", WarmEngine)
    test_cli.papermill_cli = warm_cli
