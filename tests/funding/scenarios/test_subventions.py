"""Purchase with public aid, by hand, on 10 000 € HT: 12 000 € TTC, FCTVA 1 968.48 €."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from pupitre.funding.comparables import Comparables
from pupitre.funding.compare import compare
from pupitre.funding.constraints import breaches
from pupitre.funding.operation import Operation
from pupitre.funding.plan import sum_by_year
from pupitre.funding.scenarios import achat, subventions
from pupitre.study import Study

Make = Callable[..., Operation]
SERVICE = {"section": "fonctionnement", "item": "maintenance", "nature": "maintenance"}
KNOWN = Comparables(
    scope="departement", n=12, n_groupement=0, rate_q1=0.2, rate_median=0.35, rate_q3=0.5, rate_d9=0.6,
    cost_q1_eur=1_000,
    cost_median_eur=2_000, cost_q3_eur=6_000, n_national=100, n_groupement_national=3, first_year=2018,
    last_year=2022,
)  # fmt: skip


@pytest.mark.parametrize(("people", "key"), [(1_500, "detr"), (15_000, "detr"), (None, "detr")])
def test_without_a_choice_the_usual_aid_is_asked(operation_of: Make, people: int | None, key: str) -> None:
    """20 % of 10 000 €, counted for one chance in two."""
    of = operation_of(population=people)
    plan = subventions.plan(of, "central")

    assert subventions.check(of).eligible
    assert [(grant.key, grant.full_eur, grant.probability) for grant in plan.grants] == [(key, 2_000, 0.5)]
    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", 9_031.52],
        [2027, "etat", "investissement", 2_968.48],
    ]
    assert plan.uncertain_eur == 1_000


def test_what_neighbours_obtained_is_the_usual_rate(operation_of: Make) -> None:
    """35 % of at most 6 000 € a year, the third quartile of what they cost: 2 100 € a year if granted."""
    of = operation_of({}, {"year": 2028}, population=1_500, comparables=KNOWN)
    plan = subventions.plan(of, "central")

    assert [(grant.year, grant.full_eur) for grant in plan.grants] == [(2027, 2_100), (2028, 2_100)]


def test_the_consultant_s_aids_replace_the_usual_one(operation_of: Make) -> None:
    """DETR 40 % and département 20 %, each in its year, at the probability given."""
    of = operation_of({}, {"year": 2028}, aids={"aide_detr": 0.4, "aide_departement": 0.2}, aid_probability=1)
    plan = subventions.plan(of, "central")

    assert [(grant.key, grant.year, grant.counted_eur) for grant in plan.grants] == [
        ("detr", 2027, 4_000), ("detr", 2028, 4_000), ("departement", 2027, 2_000), ("departement", 2028, 2_000),
    ]  # fmt: skip
    assert plan.borne_by("departement") == 4_000
    assert plan.reste_a_charge_eur == 8_063.04
    assert breaches(plan, of) == ()


def test_an_aid_that_never_comes_is_a_purchase(operation_of: Make) -> None:
    """Probability nought: the same charge and cash as buying."""
    of = operation_of(population=1_500, aid_probability=0)
    plan, bought = subventions.plan(of, "central"), achat.plan(of, "central")

    assert plan.charge.equals(bought.charge)
    assert plan.cash.equals(bought.cash)


@pytest.mark.parametrize(
    ("day", "name", "words"),
    [
        (date(2026, 11, 22), "aide_socle_2021", "clos depuis le 31 mars 2021"),
        (date(2021, 4, 1), "aide_socle_2021", "clos depuis le 31 mars 2021"),
        (date(2021, 1, 13), "aide_socle_2021", "pas encore ouvert avant le 14 janvier 2021"),
        (date(2021, 1, 1), "aide_label_2020", "clos depuis le 31 décembre 2020"),
        (date(2019, 1, 1), "aide_enir", "clos depuis le 31 décembre 2018"),
    ],
)
def test_a_closed_aid_refuses_with_its_date(operation_of: Make, day: date, name: str, words: str) -> None:
    """Even beside an open one."""
    told = subventions.check(operation_of(on=day, population=1_000, aids={name: 0.5, "aide_detr": 0.2}))

    assert not told.eligible
    assert words in told.reasons[0].replace("\u00a0", " ")


def test_label_2020_on_its_days(operation_of: Make) -> None:
    """14 000 € of spend in one school of a commune of 3 500 inhabitants: 7 000 €; refused at 3 501, by its arrêté."""
    told = {"on": date(2020, 10, 1), "aids": {"aide_label_2020": 0.5}, "aid_probability": 1}
    of = operation_of({"ht": 14_000}, population=3_500, **told)

    assert subventions.check(of).eligible
    assert subventions.plan(of, "central").grants[0].counted_eur == 7_000
    refusal = subventions.check(operation_of({"ht": 14_000}, population=3_501, **told))
    assert not refusal.eligible
    assert "arrêté du 7 février 2020" in refusal.reasons[0]


def test_detr_refuses_a_large_town_by_its_article(operation_of: Make) -> None:
    """20 001 inhabitants; asked for by hand."""
    told = subventions.check(operation_of(population=20_001, aids={"aide_detr": 0.4}))

    assert not told.eligible
    assert "CGCT, L. 2334-33" in told.reasons[0]


def test_what_is_to_be_checked_is_said(operation_of: Make) -> None:
    """Eligible with its reasons: the financial potential for the DETR, nothing for TNE in the Vienne."""
    told = subventions.check(
        operation_of(population=15_000, departement="86", aids={"aide_detr": 0.3, "aide_tne": 0.3})
    )

    assert told.eligible
    assert len(told.reasons) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ({**SERVICE, "ht": 100},),
        ({"ht": 0},),
        ({"nature": "remplacement", "year": 2028},),
        ({"nature": "renouvellement"},),
    ],
)
def test_nothing_to_invest_is_refused(operation_of: Make, lines: tuple[dict[str, object], ...]) -> None:
    """Running costs, a free line, what is renewed or replaced."""
    told = subventions.check(operation_of(*lines, population=1_500))

    assert told.reasons == ("Rien de neuf à acheter : une subvention aide l'investissement nouveau.",)
    assert not told.eligible


def test_before_any_aid_the_refusal_says_so(operation_of: Make) -> None:
    """In 2014."""
    told = subventions.check(operation_of(on=date(2014, 6, 1), population=1_500))

    assert not told.eligible
    assert "cette date" in told.reasons[0]


@pytest.mark.parametrize(("rates", "over"), [((0.5, 0.3), 0), ((0.5, 0.301), 10), ((0.8, 0.8), 8_000)])
@pytest.mark.parametrize("probability", [0, 0.5, 1])
def test_more_than_80_percent_is_refused_by_its_article(
    operation_of: Make, rates: tuple[float, float], over: float, probability: float
) -> None:
    """L. 1111-10 and R. 2334-27, by how much, at any probability: nothing fails on the way; buying stays possible."""
    asked = {"aide_detr": rates[0], "aide_dsil": rates[1]}
    of = operation_of(population=1_500, aids=asked, aid_probability=probability)
    verdicts, plans = compare(of, of.programme)

    assert "achat" in plans
    assert verdicts["subventions"].eligible is (over == 0)
    if over:
        own_share, detr = verdicts["subventions"].reasons
        assert "L. 1111-10" in own_share
        assert "R. 2334-27" in detr
        assert f"{over:,}".replace(",", "\u202f") in own_share


def test_orlu_asks_for_detr(study_of: Callable[..., Study]) -> None:
    """157 inhabitants: 20 % at least of 11 133 € HT, the rest as a purchase; the aid and the FCTVA are the State's."""
    study = study_of("09220")
    plan, bought = study.plans["subventions"]["central"], study.plans["achat"]["central"]
    (grant,) = plan.grants

    assert (grant.key, grant.base_eur, grant.probability) == ("detr", 11_133, 0.5)
    assert 0.2 * 11_133 <= grant.full_eur <= 0.8 * 11_133
    assert plan.reste_a_charge_eur == pytest.approx(bought.reste_a_charge_eur - grant.counted_eur, abs=0.001)
    assert sum_by_year(plan.cash[plan.cash["label"] == "DETR"]) == {2027: grant.counted_eur}
