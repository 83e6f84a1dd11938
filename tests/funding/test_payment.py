"""Each way to pay, by hand, on 10 000 € HT: 12 000 € TTC, of which the FCTVA gives 1 968.48 € back in N+2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.errors import UsageError
from pupitre.formats import cents
from pupitre.funding.aids import Aid, Request, aids
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Grant, sum_by_year

Make = Callable[..., Operation]
CABLES = {"item": "prise_reseau", "leasable": False, "life_years": 15}
TABLETS = {"item": "appareil_mobile", "ht": 6_000, "quantity": 10}
TRAINING = {"item": "accompagnement", "label": "Accompagnement", "section": "fonctionnement"}
ON_TTC = Aid(key="essai", label="Aide sur le TTC", article="", rule="", rate="aide_detr", base="ttc")


def funded(operation: Operation, **ways: Any) -> FundingPlan:
    """The plan of the central case."""
    return fund(operation, "central", "essai", Ways(**ways))


def asked(rate: float, key: str = "detr", **limits: Any) -> tuple[Request, ...]:
    """One request."""
    return (Request(aids()[key], rate, **limits),)


def cash_of(plan: FundingPlan, label: str) -> dict[int, float]:
    """The flows of one label by year."""
    return sum_by_year(plan.cash[plan.cash["label"] == label])


def grants_of(plan: FundingPlan) -> list[tuple[str, int, float, float]]:
    """Key, year, amount if granted, amount counted."""
    return [(grant.key, grant.year, grant.full_eur, grant.counted_eur) for grant in plan.grants]


@pytest.mark.parametrize(("probability", "aid"), [(1, 4_000), (0.5, 2_000), (0, 0)])
def test_a_purchase_with_detr_of_40_percent(operation_of: Make, probability: float, aid: float) -> None:
    """4 000 € if granted, counted for its probability, the year of the purchase; the FCTVA does not move."""
    plan = funded(operation_of(aid_probability=probability), aids=asked(0.4))

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", 10_031.52 - aid],
        [2027, "etat", "investissement", 1_968.48 + aid],
    ]
    assert grants_of(plan) == [("detr", 2027, 4_000, aid)]
    assert plan.grants[0].base_eur == 10_000
    assert cash_of(plan, "DETR") == ({2027: aid} if aid else {})
    assert cash_of(plan, "FCTVA") == {2029: 1_968.48}
    assert cash_of(plan, "Achats") == {2027: -12_000}
    assert (plan.cost_eur, plan.financing_eur) == (12_000, 0)
    assert plan.uncertain_eur == (aid if probability < 1 else 0)


def test_an_aid_of_the_departement_is_its_own_charge(operation_of: Make) -> None:
    """Not the State's."""
    plan = funded(operation_of(aid_probability=1), aids=asked(0.3, "departement"))

    assert (plan.borne_by("departement"), plan.borne_by("etat"), plan.reste_a_charge_eur) == (3_000, 1_968.48, 7_031.52)


@pytest.mark.parametrize(
    ("payer", "probability", "aid", "fctva"),
    [("etat", 1, 6_000, 984.24), ("etat", 0.5, 3_000, 1_476.36), ("departement", 1, 6_000, 1_968.48)],
)
def test_an_aid_on_the_ttc_price_reduces_the_fctva_when_it_is_the_state_s(
    operation_of: Make, payer: str, probability: float, aid: float, fctva: float
) -> None:
    """L. 1615-10: 16.404 % of what is left of 12 000 € TTC; another payer's aid is never deducted."""
    request = Request(Aid(**{**ON_TTC.__dict__, "payer": payer}), 0.5)
    plan = funded(operation_of(aid_probability=probability), aids=(request,))

    assert grants_of(plan) == [("essai", 2027, 6_000, aid)]
    assert cash_of(plan, "FCTVA") == {2029: fctva}
    assert plan.reste_a_charge_eur == cents(12_000 - aid - fctva)


def test_an_aid_follows_the_spending_of_each_year(operation_of: Make) -> None:
    """40 % of 10 000 and of 5 000; neither a replacement nor what is leased is helped."""
    lines = ({}, {"ht": 5_000, "year": 2028}, {"year": 2032, "nature": "remplacement"}, {"ht": 7_000})
    plan = funded(operation_of(*lines, horizon=6, aid_probability=1), aids=asked(0.4), leased=frozenset({3}))

    assert grants_of(plan) == [("detr", 2027, 4_000, 4_000), ("detr", 2028, 2_000, 2_000)]
    assert [grant.base_eur for grant in plan.grants] == [10_000, 5_000]


def test_what_is_new_is_helped_and_what_is_renewed_is_not(operation_of: Make) -> None:
    """10 000 € HT bought beside 10 000 € HT renewed: 40 % of the first."""
    plan = funded(operation_of({}, {"nature": "renouvellement"}, aid_probability=1), aids=asked(0.4))

    assert grants_of(plan) == [("detr", 2027, 4_000, 4_000)]


def test_money_for_a_year_without_a_purchase_is_refused(operation_of: Make) -> None:
    """A grant of 2029 when all is bought in 2027: not lost without a word."""
    stray = Grant("caisse", "Caisse", "caisse_des_ecoles", 2029, 500.0, 1.0)

    with pytest.raises(UsageError, match="de trop"):
        fund(operation_of(), "central", "essai", Ways(granted=(stray,)))


def test_an_aid_may_have_a_ceiling_each_year(operation_of: Make) -> None:
    """40 % of 10 000 € then of 1 000 €, 1 500 € a year at most: what one year loses, another does not gain."""
    of = operation_of({}, {"year": 2028, "ht": 1_000}, aid_probability=1)
    plan = funded(of, aids=asked(0.4, ceiling_eur_per_year=1_500))

    assert grants_of(plan) == [("detr", 2027, 1_500, 1_500), ("detr", 2028, 400, 400)]


def test_a_ceiling_is_shared_between_years_to_the_cent(operation_of: Make) -> None:
    """100 € for three equal years: the cents go to the last."""
    lines = [{"year": 2027 + k} for k in range(3)]
    plan = funded(operation_of(*lines, aid_probability=1), aids=asked(0.4, ceiling_eur=100))

    assert grants_of(plan) == [("detr", 2027, 33.33, 33.33), ("detr", 2028, 33.33, 33.33), ("detr", 2029, 33.34, 33.34)]


def test_an_aid_ends_with_its_last_year(operation_of: Make) -> None:
    """What is bought in 2028 comes too late."""
    plan = funded(operation_of({}, {"year": 2028}, aid_probability=1), aids=asked(0.4, last_year=2027))

    assert grants_of(plan) == [("detr", 2027, 4_000, 4_000)]
    assert funded(operation_of({"year": 2028}), aids=asked(0.4, last_year=2027)).grants == ()


@pytest.mark.parametrize(("probability", "gift"), [(1, 3_000), (0.5, 1_500)])
def test_a_gift_of_3_000(operation_of: Make, probability: float, gift: float) -> None:
    """The donor bears it, the FCTVA stays whole: a gift never reduces its base."""
    plan = funded(operation_of(gift_probability=probability), gift_eur=3_000)

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", 10_031.52 - gift],
        [2027, "etat", "investissement", 1_968.48],
        [2027, "mecene", "investissement", gift],
    ]
    assert cash_of(plan, "Dons en argent") == {2027: gift}
    assert grants_of(plan) == [("don_argent", 2027, 3_000, gift)]


def test_gifts_pay_the_first_year_then_the_next(operation_of: Make) -> None:
    """10 031.52 € in 2027, what FCTVA leaves; 1 968.48 € more in 2028."""
    plan = funded(operation_of({}, {"year": 2028}, gift_probability=1), gift_eur=12_000)

    assert grants_of(plan) == [("don_argent", 2027, 10_031.52, 10_031.52), ("don_argent", 2028, 1_968.48, 1_968.48)]
    assert plan.charge_by_year("commune") == {2027: 0, 2028: 8_063.04, 2029: 0, 2030: 0, 2031: 0}


def test_gifts_come_after_aids_in_full(operation_of: Make) -> None:
    """An aid that may be granted leaves 6 031.52 € to give in 2027, even when it is counted for half."""
    told = {"gift_probability": 1, "aid_probability": 0.5}
    plan = funded(operation_of({}, {"year": 2028}, **told), gift_eur=7_000, aids=asked(0.4, last_year=2027))

    assert [(year, full) for key, year, full, _ in grants_of(plan) if key == "don_argent"] == [
        (2027, 6_031.52),
        (2028, 968.48),
    ]


def test_gifts_above_what_is_to_be_paid_are_refused(operation_of: Make) -> None:
    """By how much, and what to change."""
    with pytest.raises(UsageError, match=r"dépasse de 1\s?968.*gift_company_eur"):
        funded(operation_of(), gift_eur=12_000)
    assert funded(operation_of(gift_probability=1), gift_eur=10_031.52).reste_a_charge_eur == 0


@pytest.mark.parametrize(("probability", "gift", "fctva"), [(1, 3_000, 1_476.36), (0.5, 1_500, 1_722.42)])
def test_a_gift_in_kind_is_not_bought(operation_of: Make, probability: float, gift: float, fctva: float) -> None:
    """A quarter of 12 000 €: neither cash nor FCTVA on it."""
    plan = funded(operation_of(gift_probability=probability), given={0: 0.25})

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", cents(12_000 - gift - fctva)],
        [2027, "etat", "investissement", fctva],
        [2027, "mecene", "investissement", gift],
    ]
    assert cash_of(plan, "Achats") == {2027: gift - 12_000}
    assert set(plan.cash["label"]) == {"Achats", "FCTVA"}
    assert grants_of(plan) == [("don_nature", 2027, 3_000, gift)]


def test_all_given_is_nothing_bought(operation_of: Make) -> None:
    """The donor bears the whole price; the State nothing."""
    plan = funded(operation_of(gift_probability=1), given={0: 1.0})

    assert (plan.reste_a_charge_eur, plan.borne_by("etat"), plan.borne_by("mecene")) == (0, 0, 12_000)
    assert plan.cash.empty


def test_a_line_given_has_no_aid(operation_of: Make) -> None:
    """DETR on what is bought: 40 % of the other 5 000 €."""
    plan = funded(operation_of({}, {"ht": 5_000}, aid_probability=1), aids=asked(0.4), given={0: 1.0})

    assert ("detr", 2027, 2_000, 2_000) in grants_of(plan)


def test_what_is_partly_given_keeps_the_aid_on_the_rest(operation_of: Make) -> None:
    """A quarter given: 40 % of the 7 500 € HT that the commune buys; a gift of one euro does not cost the DETR."""
    told = {"aid_probability": 1, "gift_probability": 1}
    quarter = funded(operation_of(**told), aids=asked(0.4), given={0: 0.25})
    one_euro = funded(operation_of(**told), aids=asked(0.4), given={0: 1 / 12_000})

    assert ("detr", 2027, 3_000, 3_000) in grants_of(quarter)
    assert one_euro.reste_a_charge_eur <= 6_031.52


@pytest.mark.parametrize(("probability", "gift"), [(1, 1_000), (0.5, 500)])
def test_skills_pay_the_first_accompaniment(operation_of: Make, probability: float, gift: float) -> None:
    """1 000 € of 1 440 + 1 440: in fonctionnement, and the commune pays what is left."""
    training = [{**TRAINING, "ht": 1_200, "year": year} for year in (2027, 2028)]
    plan = funded(operation_of({}, *training, gift_probability=probability), skills_eur=1_000)

    assert plan.charge_by_year("commune", "fonctionnement") == {
        2027: 1_440 - gift, 2028: 1_440, 2029: 0, 2030: 0, 2031: 0,
    }  # fmt: skip
    assert plan.charge_by_year("mecene", "fonctionnement")[2027] == plan.borne_by("mecene") == gift
    assert grants_of(plan) == [("don_competences", 2027, 1_000, gift)]


def test_skills_go_on_to_the_next_year_and_to_accompaniment_only(operation_of: Make) -> None:
    """2 000 € of 1 440 + 1 440; maintenance is not given."""
    lines = [{**TRAINING, "ht": 1_200, "year": year} for year in (2027, 2028)]
    upkeep = {**TRAINING, "item": "maintenance", "label": "Maintenance", "ht": 100, "year": 2027}
    plan = funded(operation_of({}, upkeep, *lines, gift_probability=1), skills_eur=2_000)

    assert grants_of(plan) == [("don_competences", 2027, 1_440, 1_440), ("don_competences", 2028, 560, 560)]
    assert plan.charge_by_year("commune", "fonctionnement") == {2027: 120, 2028: 880, 2029: 0, 2030: 0, 2031: 0}


def test_skills_that_are_used_up_leave_no_grant_of_nothing(operation_of: Make) -> None:
    """Given 1.2 + 2.4 €, all of the first two years: the third has no line of 0 €, though 3.6 - 1.2 - 2.4 is not 0."""
    lines = [{**TRAINING, "ht": ht, "year": 2027 + k} for k, ht in enumerate((1, 2, 3))]
    plan = funded(operation_of({}, *lines, gift_probability=1), skills_eur=3.6)

    assert grants_of(plan) == [("don_competences", 2027, 1.2, 1.2), ("don_competences", 2028, 2.4, 2.4)]


def test_families_bring_by_hand(operation_of: Make) -> None:
    """10 devices, 7 200 € TTC: 30 % lent, bought with FCTVA; of the rest half by families, a tenth by the State."""
    told = {"byod_loan_share": 0.3, "family_share": 0.5, "byod_state_share": 0.1}
    plan = funded(operation_of(TABLETS, **told), families=frozenset({0}))

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "fonctionnement", 2_016 + 189],
        [2027, "commune", "investissement", 2_160 - 354.33],
        [2027, "etat", "fonctionnement", 504],
        [2027, "etat", "investissement", 354.33],
        [2027, "famille", "fonctionnement", 2_520],
        *[[year, "commune", "fonctionnement", 189] for year in (2028, 2029, 2030, 2031)],
    ]
    assert cash_of(plan, "Achats") == {2027: -2_160}
    assert cash_of(plan, "Aide aux familles") == {2027: -2_016}
    assert cash_of(plan, "Assurance et gestion des appareils") == dict.fromkeys(range(2027, 2032), -189)
    assert cash_of(plan, "FCTVA") == {2029: 354.33}
    assert (plan.financing_eur, plan.cost_eur) == (945, 8_145)


def test_insurance_lasts_as_long_as_devices_inside_the_horizon(operation_of: Make) -> None:
    """Brought in 2030 of 2027-2031: two years; with a life of 3 years, three: 15 + 12 € a device and a year."""
    late = funded(operation_of({**TABLETS, "year": 2030}, byod_loan_share=0), families=frozenset({0}))
    short = funded(operation_of({**TABLETS, "life_years": 3}, byod_loan_share=0), families=frozenset({0}))

    assert cash_of(late, "Assurance et gestion des appareils") == {2030: -270, 2031: -270}
    assert cash_of(short, "Assurance et gestion des appareils") == dict.fromkeys((2027, 2028, 2029), -270)


def test_families_pay_no_more_than_what_is_left(operation_of: Make) -> None:
    """The State pays 90 % and the law's mean share is 43 %: families bear a tenth, the commune no aid."""
    plan = funded(operation_of(TABLETS, byod_loan_share=0, byod_state_share=0.9), families=frozenset({0}))

    assert (plan.borne_by("famille"), plan.borne_by("etat")) == (720, 6_480)
    assert "Aide aux familles" not in set(plan.cash["label"])


def test_what_the_commune_lends_is_part_of_what_it_borrows_for(operation_of: Make) -> None:
    """`loan_share` is a share of the first year's investment: the loan pool of 2 160 € is one."""
    plan = funded(operation_of(TABLETS, byod_loan_share=0.3, loan_share=1), families=frozenset({0}))

    assert cash_of(plan, "Emprunt reçu") == {2027: 2_160}


@pytest.mark.parametrize(("kept", "owed"), [(0, 1_574.78), (1, 1_181.09), (2, 787.39), (3, 393.70), (4, 0), (10, 0)])
def test_fctva_is_given_back_when_devices_leave_early(operation_of: Make, kept: int, owed: float) -> None:
    """R. 1615-5: 60 % of 1 968.48 € in the second calendar year; nothing from the fourth year after the purchase."""
    plan = funded(operation_of(given_away_after_years=kept))

    assert cash_of(plan, "FCTVA rendu à l'État") == ({2027 + kept: -owed} if owed else {})
    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", cents(10_031.52 + owed)],
        [2027, "etat", "investissement", cents(1_968.48 - owed)],
    ]


def test_cables_stay(operation_of: Make) -> None:
    """Devices of 12 000 € and cables of 1 200 €: 60 % of the FCTVA of devices, 1 181.09 €."""
    plan = funded(operation_of({}, {**CABLES, "ht": 1_000}, given_away_after_years=1))

    assert cash_of(plan, "FCTVA") == {2029: 2_165.33}
    assert cash_of(plan, "FCTVA rendu à l'État") == {2028: -1_181.09}
    assert not cash_of(funded(operation_of(CABLES, given_away_after_years=1)), "FCTVA rendu à l'État")


def test_what_was_given_in_kind_has_no_fctva_to_give_back(operation_of: Make) -> None:
    """Devices are given, cables bought: only cables brought FCTVA, and they stay."""
    of = operation_of({}, {**CABLES, "ht": 1_000}, given_away_after_years=1, gift_probability=1)
    plan = funded(of, given={0: 1.0})

    assert cash_of(plan, "FCTVA") == {2029: 196.85}
    assert cash_of(plan, "FCTVA rendu à l'État") == {}


def test_the_loan_pool_gives_its_fctva_back_too(operation_of: Make) -> None:
    """R. 1615-5 knows movables, not scenarios: 60 % of the 354.33 € that the lent devices brought."""
    of = operation_of(TABLETS, byod_loan_share=0.3, given_away_after_years=1)
    plan = funded(of, families=frozenset({0}))

    assert cash_of(plan, "FCTVA rendu à l'État") == {2028: -212.60}


@pytest.mark.parametrize(
    ("told", "ways", "principal"),
    [
        ({}, {}, 12_000),
        ({"aid_probability": 1}, {"aids": asked(0.4)}, 8_000),
        ({"aid_probability": 0.5}, {"aids": asked(0.4)}, 10_000),
        ({"gift_probability": 1}, {"gift_eur": 3_000}, 9_000),
        ({"gift_probability": 1}, {"given": {0: 0.25}}, 9_000),
        ({"gift_probability": 1, "aid_probability": 1}, {"gift_eur": 3_000, "aids": asked(0.4)}, 5_000),
        ({"aid_probability": 1, "loan_share": 0.5}, {"aids": asked(0.4)}, 4_000),
    ],
)
def test_a_loan_comes_after_grants(
    operation_of: Make, told: dict[str, float], ways: dict[str, Any], principal: float
) -> None:
    """Its capital is what is left to pay of the first year, VAT included, at the probability counted."""
    plan = funded(operation_of(**{"loan_share": 1, "loan_rate": 0, "loan_years": 5} | told), **ways)

    assert cash_of(plan, "Emprunt reçu") == {2027: principal}
    assert cash_of(plan, "Annuités d'emprunt") == dict.fromkeys(range(2028, 2033), -principal / 5)
    assert plan.financing_eur == 0


def test_the_loan_is_of_the_first_year_and_its_grants(operation_of: Make) -> None:
    """An aid of 2028 does not reduce what is borrowed in 2027."""
    told = {"aid_probability": 1, "loan_share": 1, "loan_rate": 0}
    plan = funded(operation_of({}, {"year": 2028}, **told), aids=asked(0.4))

    assert cash_of(plan, "Emprunt reçu") == {2027: 8_000}


def test_skills_do_not_reduce_the_loan(operation_of: Make) -> None:
    """They pay no purchase."""
    of = operation_of({}, {**TRAINING, "ht": 1_000}, gift_probability=1, loan_share=1, loan_rate=0)

    assert cash_of(funded(of, skills_eur=1_200), "Emprunt reçu") == {2027: 12_000}


def test_rents_and_purchases_stand_side_by_side(operation_of: Make) -> None:
    """One line leased at no interest, 12 000 € in five years, and cables bought."""
    of = operation_of({}, {**CABLES, "ht": 1_000}, lease_rate=0, lease_option_share=0, lease_years=5)
    plan = funded(of, leased=frozenset({0}))

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2027, 2032), -2_400)
    assert cash_of(plan, "Achats") == {2027: -1_200}
    assert plan.borne_by("etat") == 196.85


@given(
    rate=st.floats(0, 0.8),
    probability=st.sampled_from([0, 0.3, 1]),
    gift=st.floats(0, 1_500).map(cents),
    share=st.floats(0, 1),
)
def test_aids_gifts_and_loans_never_make_money(
    operation_of: Make, rate: float, probability: float, gift: float, share: float
) -> None:
    """What the commune, the State and the donor bear is the price and the interest; only the split moves."""
    of = operation_of(aid_probability=probability, gift_probability=probability, loan_share=share)
    plan = funded(of, aids=asked(rate), gift_eur=gift)

    assert plan.cost_eur == cents(12_000 + plan.financing_eur)
    assert plan.borne_by("etat") == cents(1_968.48 + cents(probability * cents(rate * 10_000)))
    assert plan.borne_by("mecene") == cents(probability * gift)
