from __future__ import annotations

from collections.abc import Callable

import pytest

from pupitre.study import Study
from pupitre.study.editions import MAYOR_ONLY, is_public, rule_of, rules

REAL = ("00001", "09194", "13028", "92062", "09220")


@pytest.mark.parametrize(
    "name",
    [
        "quotation.1.texte",
        "question.1.wave.2.share",
        "wave.1.answered",
        "pilot.1.estimate",
        "quote.borne_wifi.quantity",
        "line.1.central.unit_eur",
        "prices.first_year",
        "delivery.1.fournisseur",
        "school.0130419K.inventory.coverage",
        "school.0130419K.ips",
        "priority.rank",
        "voice.1.besoin",
        "a_name.of_tomorrow",
    ],
)
def test_what_could_harm_is_for_the_mayor_only(name: str) -> None:
    """Small groups, prices before award, schools compared, who said what; and whatever no rule opens."""
    assert not is_public(name)


@pytest.mark.parametrize("name", ["commune.nom", "programme.central.ttc_eur", "public.question.1.wave.1.cell.1.count"])
def test_what_the_commune_proposes_is_public(name: str) -> None:
    """The inhabitants pay for it."""
    assert is_public(name)


def test_each_rule_says_why_and_serves(study_of: Callable[..., Study]) -> None:
    """A rule that decides of no figure of any commune would be a dead letter."""
    names = {name for code in REAL for name in study_of(code).figures}
    serving = {rule_of(name) for name in names}

    assert all(len(rule.why) > 20 for rule in rules())
    assert serving == set(rules())
    assert rules()[-1] == MAYOR_ONLY
