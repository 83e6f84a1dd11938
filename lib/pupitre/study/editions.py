"""Which edition may print a figure, by its name: the rules stand in `editions.toml`, each with its reason.

Belongs: the rules. Does not: choosing what is worth printing (the notebooks), thresholds (`evaluation/anonymity.py`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Rule:
    """Whether the inhabitants' edition may print the figures whose names match, and why."""

    public: bool
    why: str
    names: tuple[str, ...]


MAYOR_ONLY = Rule(False, "Aucune règle ne l'ouvre aux habitants.", ("*",))


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in their order; the last one is for every other name."""
    told = tomllib.loads(Path(__file__).with_name("editions.toml").read_text(encoding="utf-8"))["rule"]
    return (*(Rule(one["public"], one["why"], tuple(one["names"])) for one in told), MAYOR_ONLY)


def rule_of(name: str) -> Rule:
    """The rule that decides of a figure: the first that matches its name.

    >>> rule_of("question.1.wave.2.share").public, rule_of("commune.nom").public, rule_of("anything.else").public
    (False, True, False)
    """
    return next(rule for rule in rules() if any(fnmatchcase(name, pattern) for pattern in rule.names))


def is_public(name: str) -> bool:
    """Whether the inhabitants' edition may print a figure."""
    return rule_of(name).public
