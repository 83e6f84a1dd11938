from __future__ import annotations

import re
from collections.abc import Callable

from pupitre.show import show_steps
from pupitre.study import Study


def words(markup: str) -> str:
    """The text of a piece of page, one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def test_what_is_missing_is_told_whole_even_when_the_ceiling_pays_part_of_it(study_of: Callable[..., Study]) -> None:
    """Vieux Lavoir lacks 24 mobile devices: « 24 appareils manquants » each year, whatever that year buys."""
    told = words(show_steps(study_of("00001", ceiling_eur_per_year=9_000)).markup)
    bought = re.findall(r"24 appareils manquants dans les lots → (\d+)", told)

    assert len(bought) >= 2
    assert sum(map(int, bought)) <= 24
    assert "24 appareils manquants dans les lots → 24" in words(show_steps(study_of("00001")).markup)
