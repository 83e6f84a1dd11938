"""e-FRAN by its dates, and a call that a consultant describes, by hand, on 10 000 € HT."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from pupitre.funding.compare import compare
from pupitre.funding.operation import Operation
from pupitre.funding.scenarios import achat, efran

Make = Callable[..., Operation]


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2015, 10, 11), "pas encore ouvert"),
        (date(2015, 10, 12), "est ouvert"),
        (date(2015, 11, 1), "est ouvert"),
        (date(2016, 2, 5), "est ouvert"),
        (date(2016, 2, 6), "est ouvert"),
        (date(2016, 6, 1), "est ouvert"),
        (date(2016, 7, 11), "est ouvert"),
        (date(2016, 7, 12), "clos depuis le 12 juillet 2016"),
        (date(2016, 8, 1), "clos depuis le 12 juillet 2016"),
        (date(2026, 11, 22), "clos depuis le 12 juillet 2016"),
    ],
)
def test_efran_by_its_dates(operation_of: Make, day: date, state: str) -> None:
    """Without a rate nothing is computed: the refusal says where the call stands and what to describe."""
    told = efran.check(operation_of(on=day))

    assert not told.eligible
    assert state in told.reasons[0].replace("\u00a0", " ")
    assert "décrit" in told.reasons[0] or "décrire" in told.reasons[0]
    assert ("ne peut plus" in told.reasons[0]) is state.startswith("clos")


@pytest.mark.parametrize("day", [date(2015, 11, 1), date(2016, 6, 1), date(2016, 8, 1), date(2026, 11, 22)])
def test_a_call_that_is_described_is_open_at_any_date(operation_of: Make, day: date) -> None:
    """It is the consultant's own: half of 10 000 €, counted for one chance in two."""
    of = operation_of(on=day, call_rate=0.5)
    plan = efran.plan(of, "central")

    assert efran.check(of).eligible
    assert efran.check(of).reasons == ()
    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", 7_531.52],
        [2027, "etat", "investissement", 4_468.48],
    ]
    assert [(grant.full_eur, grant.probability) for grant in plan.grants] == [(5_000, 0.5)]


def test_a_call_at_nought_gives_the_purchase(operation_of: Make) -> None:
    """The same charge and cash."""
    of = operation_of(call_rate=0)

    assert efran.check(of).eligible
    assert efran.plan(of, "central").charge.equals(achat.plan(of, "central").charge)
    assert efran.plan(of, "central").cash.equals(achat.plan(of, "central").cash)


@pytest.mark.parametrize(
    ("minimum", "research", "eligible"),
    [(10_000, 0, True), (10_000.01, 0, False), (12_500, 0.2, True), (12_501, 0.2, False), (0, 0, True)],
)
def test_the_project_has_a_size(operation_of: Make, minimum: float, research: float, eligible: bool) -> None:
    """10 000 € of equipment are a project of 12 500 € when a fifth of it is research."""
    told = efran.check(operation_of(call_rate=0.5, call_minimum_eur=minimum, call_research_share=research))

    assert told.eligible is eligible
    if not eligible:
        assert "pèse" in told.reasons[0]


@pytest.mark.parametrize(("found", "required", "eligible"), [(3, 3, True), (2, 3, False), (0, 3, False), (4, 3, True)])
def test_the_project_has_partners(operation_of: Make, found: int, required: int, eligible: bool) -> None:
    """As many as the call asks for."""
    told = efran.check(operation_of(call_rate=0.5, call_partners=found, call_partners_required=required))

    assert told.eligible is eligible
    if not eligible:
        assert "call_partners" in told.reasons[0]


@pytest.mark.parametrize(
    ("found", "required", "words"), [(2, 3, "3 partenaires"), (0, 1, "1 partenaire "), (0, 3, "aucun")]
)
def test_partners_are_counted_in_french(operation_of: Make, found: int, required: int, words: str) -> None:
    """« 1 partenaire », « aucun n'est trouvé »."""
    told = efran.check(operation_of(call_rate=0.5, call_partners=found, call_partners_required=required))

    assert words in told.reasons[0].replace("\u00a0", " ")


def test_both_faults_are_told(operation_of: Make) -> None:
    """Size and partners."""
    told = efran.check(operation_of(call_rate=0.5, call_minimum_eur=1e6, call_partners_required=1))

    assert len(told.reasons) == 2


@pytest.mark.parametrize(
    ("ceiling", "research", "aid"), [(None, 0, 5_000), (3_000, 0, 3_000), (3_000, 0.2, 2_400), (9_000, 0.2, 5_000)]
)
def test_the_ceiling_is_shared_with_research(
    operation_of: Make, ceiling: float | None, research: float, aid: float
) -> None:
    """3 000 € for the whole project leave 2 400 € to the schools when a fifth is research."""
    told = {"call_rate": 0.5, "call_ceiling_eur": ceiling, "call_research_share": research, "aid_probability": 1}
    plan = efran.plan(operation_of(**told), "central")

    assert [grant.counted_eur for grant in plan.grants] == [aid]
    assert plan.reste_a_charge_eur == pytest.approx(10_031.52 - aid)


@pytest.mark.parametrize(("years", "helped"), [(1, [2027]), (2, [2027, 2028]), (None, [2027, 2028, 2030])])
def test_the_call_lasts_its_years(operation_of: Make, years: int | None, helped: list[int]) -> None:
    """What is bought after is paid by the commune; nothing that is replaced is helped."""
    lines = [{"year": 2027}, {"year": 2028}, {"year": 2030}, {"year": 2031, "nature": "remplacement"}]
    plan = efran.plan(operation_of(*lines, call_rate=0.3, call_years=years), "central")

    assert [grant.year for grant in plan.grants] == helped
    assert {grant.full_eur for grant in plan.grants} == {3_000}


def test_the_consultant_s_other_aids_are_not_added(operation_of: Make) -> None:
    """A call says itself what it is added to: only its own aid counts here."""
    plan = efran.plan(operation_of(call_rate=0.3, aids={"aide_detr": 0.4}), "central")

    assert [grant.key for grant in plan.grants] == ["appel"]


def test_a_call_above_80_percent_is_refused_by_its_article(operation_of: Make) -> None:
    """The own share holds for any public money."""
    eighty, more = (operation_of(call_rate=rate) for rate in (0.8, 0.81))

    assert compare(eighty, eighty.programme)[0]["efran"].eligible
    refusal = compare(more, more.programme)[0]["efran"]
    assert not refusal.eligible
    assert "L. 1111-10" in refusal.reasons[0]


def test_the_rules_tell_the_successors() -> None:
    """e-FRAN 3, forme scolaire, TNE: what a commune may still meet."""
    text = " ".join(efran.SCENARIO.rules)

    assert all(words in text for words in ("e-FRAN 3", "forme scolaire", "TNE", "12 juillet 2016"))
