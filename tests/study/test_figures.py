from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pupitre.data.dossier import Dossier, NiveauVie
from pupitre.diagnostic.assumptions import Assumptions, load_assumptions
from pupitre.formats import cents
from pupitre.funding.scenarios import SCENARIOS
from pupitre.law import baremes
from pupitre.study import Study, compute_study
from pupitre.study.naming import plain, under, yearly

StudyOf = Callable[..., Study]
SEVEN = ("09032", "09122", "09194", "09220", "09225", "13028", "92062")
CASES = ("low", "central", "high")
TOTALS = ("cost", "reste_a_charge", "fctva", "aids", "gifts", "families", "groupement")

CHANGED = {"tfpb_base_eur": 5e6, "redeployed_eur_per_year": 500, "prix_affichage": 1900}
each_commune = pytest.mark.parametrize("code", SEVEN)


def figures_of(dossier: Dossier, **assumptions: object) -> dict[str, object]:
    """The figures of a dossier on its own date."""
    return dict(computed(dossier, **assumptions).figures)


def computed(dossier: Dossier, **assumptions: object) -> Study:
    """The study of a dossier on its own date."""
    return compute_study(dossier, baremes.on(dossier.on), Assumptions.model_validate(assumptions))


@pytest.fixture(scope="module")
def mirepoix(study_of: StudyOf) -> dict[str, object]:
    """The figures of the reference commune."""
    return dict(study_of("09194").figures)


@each_commune
def test_figures_are_plain_json(code: str, study_of: StudyOf) -> None:
    """Texts, numbers, truths and None: no NaN, no numpy number; they come back the same from JSON."""
    figures = study_of(code, **CHANGED).summary()

    assert {type(value) for value in figures.values()} <= {str, int, float, bool, type(None)}
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


@each_commune
def test_a_name_is_a_path_of_words(code: str, study_of: StudyOf) -> None:
    """Without accents nor braces, so that a template may hold it."""
    assert not [
        name for name in study_of(code, **CHANGED).figures if not re.fullmatch(r"[a-z_]+(\.[A-Za-z0-9_]+)*", name)
    ]


def test_plain_takes_the_values_of_pandas_and_numpy() -> None:
    """And gives those of JSON."""
    assert [plain(value) for value in (None, pd.NA, float("nan"), np.float64("nan"), pd.NaT)] == [None] * 5
    values = [plain(value) for value in (np.int64(3), np.float64(0.5), np.bool_(True), "x", date(2026, 1, 2))]
    assert values == [3, 0.5, True, "x", "2026-01-02"]
    assert [type(value) for value in values] == [int, float, bool, str, str]


def test_under_a_prefix() -> None:
    """Names are joined by a dot, in order."""
    assert list(under("plan.achat", {"b": 1, "a": None}).items()) == [("plan.achat.b", 1), ("plan.achat.a", None)]
    assert yearly("plan.achat", {2027: 1.5}) == {"plan.achat.2027_eur": 1.5}


def test_mirepoix_facts(mirepoix: dict[str, object]) -> None:
    """Those of data/raw."""
    expected = {
        "on": "2026-11-22",
        "situation": "schools",
        "commune.code_insee": "09194",
        "commune.nom": "Mirepoix",
        "schools.public.count": 2,
        "schools.public.elementaires": 1,
        "schools.public.maternelles": 1,
        "schools.public.primaires": 0,
        "schools.public.classes": 10,
        "schools.public.pupils": 191,
        "schools.public.pupils_maternelle": 59,
        "schools.public.pupils_ulis": 8,
        "schools.public.split_unknown": 0,
        "schools.public.with_ips": 1,
        "schools.public.ips_min": 102.7,
        "schools.prive_sous_contrat.count": 1,
        "schools.prive_sous_contrat.pupils": 94,
        "schools.rentree": 2024,
        "schools.without_count": 0,
        "school.0090312R.pupils": 132,
        "school.0090312R.ips_compared": 100.1,
        "niveau_vie.median_eur": 20_190.0,
        "niveau_vie.households": 1583,
        "fibre.share": 0.9695,
        "need.0090312R.appareils_mobiles": 24,
        "need.0090312R.affichages": 7,
        "need.0090313S.affichages": 1,
        "need.total.affichages": 8,
        "need.total.postes_direction": 2,
        "need.total.classes_in_scope": 7,
    }

    assert {name: mirepoix[name] for name in expected} == expected


def test_mirepoix_programme(mirepoix: dict[str, object]) -> None:
    """The sums recomputed by hand in the test of the programme."""
    expected = {
        "programme.start_year": 2027,
        "programme.last_year": 2031,
        "programme.low.ttc_eur": 22_115.38,
        "programme.central.ttc_eur": 79_500.71,
        "programme.high.ttc_eur": 125_650.12,
        "programme.central.ht_eur": 66_250.60,
        "programme.central.vat_eur": 13_250.11,
        "programme.central.investissement_eur": 54_730.80,
        "programme.central.fonctionnement_eur": 24_769.91,
        "programme.central.value_left_eur": 12_752.40,
        "programme.central.year.2027_eur": 68_441.71,
        "programme.central.year.2031_eur": 2_764.75,
        "line.affichage.achat.2027.central.ttc": 27_325.20,
        "item.maintenance.central.ttc_eur": 13_823.75,
    }

    assert {name: mirepoix[name] for name in expected} == expected


def test_mirepoix_purchase(mirepoix: dict[str, object]) -> None:
    """FCTVA 16.404 % of 54 730.80; what is left over 5 years, 191 pupils, 1 583 households."""
    left = cents(79_500.71 - 8_978.04)
    expected = {
        "plan.achat.central.cost_eur": 79_500.71,
        "plan.achat.central.fctva_eur": 8_978.04,
        "plan.achat.central.reste_a_charge_eur": left,
        "plan.achat.central.per_year_eur": cents(left / 5),
        "plan.achat.central.per_pupil_per_year_eur": cents(left / 5 / 191),
        "plan.achat.central.per_household_per_year_eur": cents(left / 5 / 1583),
        "plan.achat.central.commune.2027_eur": 59_463.67,
        "plan.achat.central.commune.investissement.2027_eur": 45_752.76,
        "plan.achat.central.commune.fonctionnement.2027_eur": 13_710.91,
        "plan.achat.central.first_year_cash_eur": 68_441.71,
        "plan.achat.central.etat.2027_eur": 8_978.04,
        "plan.achat.central.cumulative.2027_eur": 68_441.71,
        "plan.achat.central.cumulative.2031_eur": left,
    }

    assert {name: mirepoix[name] for name in expected} == expected


def test_present_values_at_both_rates(mirepoix: dict[str, object]) -> None:
    """3.54 %, the borrowing rate, and 3.2 %; the first year whole, FCTVA two years later."""
    for name, rate in (("discounted_eur", 0.0354), ("discounted_socio_economic_eur", 0.032)):
        upkeep = sum(2_764.75 / (1 + rate) ** k for k in range(5))
        expected = 54_730.80 + 10_946.16 + upkeep - 8_978.04 / (1 + rate) ** 2

        assert mirepoix[f"plan.achat.central.{name}"] == cents(expected)


def test_the_commune_s_own_rate_discounts_its_cash(study_of: StudyOf) -> None:
    """A loan rate that is given replaces the average, for the present value and for the lease."""
    figures = study_of("09194", loan_rate=0.01).figures
    upkeep = sum(2_764.75 / 1.01**k for k in range(5))

    assert figures["plan.achat.central.discounted_eur"] == cents(54_730.80 + 10_946.16 + upkeep - 8_978.04 / 1.01**2)
    assert figures["lease.rate"] == pytest.approx(0.03)


@each_commune
@pytest.mark.parametrize("case", CASES)
def test_ht_and_vat_make_ttc(code: str, case: str, study_of: StudyOf) -> None:
    """To the cent; sections and years add up too."""
    figures = study_of(code, **CHANGED).figures
    total = figures[f"programme.{case}.ttc_eur"]
    years = [figures[name] for name in figures if name.startswith(f"programme.{case}.year.")]

    def sum_of(*names: str) -> float:
        return cents(sum(float(figures[f"programme.{case}.{name}"] or 0) for name in names))

    assert sum_of("ht_eur", "vat_eur") == total
    assert sum_of("investissement_eur", "fonctionnement_eur") == total
    assert cents(sum(float(value or 0) for value in years)) == total
    assert len(years) == 5


@each_commune
def test_amounts_by_year_add_up_to_the_plan(code: str, study_of: StudyOf) -> None:
    """What each payer bears, the option of the lease included; gap and advice follow."""
    study = study_of(code, **CHANGED)
    figures = study.summary()
    assert study.advice is not None
    for scenario in study.plans:
        for case in CASES:
            prefix = f"plan.{scenario}.{case}"
            borne: dict[str, float] = {}
            for name in figures:
                payer = re.fullmatch(rf"{prefix}\.([a-z]+)\.\d+_eur", name)
                if payer and payer[1] not in ("cumulative", "new_effort"):
                    borne[payer[1]] = cents(borne.get(payer[1], 0.0) + float(figures[name] or 0))
            total = {name: float(figures[f"{prefix}.{name}_eur"] or 0) for name in TOTALS}

            assert borne["commune"] == total["reste_a_charge"]
            assert cents(borne["etat"] + borne.get("departement", 0)) == cents(total["fctva"] + total["aids"])
            assert borne.get("famille", 0) == total["families"]
            assert cents(sum(borne.values())) == total["cost"]
    best, other = (
        float(figures[f"plan.{key}.central.discounted_eur"] or 0) for key in (study.advice.best, study.advice.second)
    )

    assert figures["advice.gap.central_eur"] == cents(other - best)


@each_commune
def test_what_each_way_costs_above_the_best(code: str, study_of: StudyOf) -> None:
    """Nought for the best of those that the commune decides, never less among them; the gap is that of the second."""
    study = study_of(code, **CHANGED)
    assert study.advice is not None
    decided = [scenario.key for scenario in SCENARIOS if scenario.decided_by_commune and scenario.key in study.plans]
    over = {key: study.figures[f"advice.over.{key}.central_eur"] for key in decided}

    assert over[study.advice.best] == 0
    assert min(float(extra or 0) for extra in over.values()) == 0
    assert over[str(study.advice.second)] == study.figures["advice.gap.central_eur"]


def test_mirepoix_with_an_aid(study_of: StudyOf) -> None:
    """40 % of 45 609 € HT at one chance in two; all is advanced the first year; FCTVA does not change."""
    figures = study_of("09194", aide_detr=0.4).figures
    aid = cents(cents(0.4 * 54_730.80 / 1.2) / 2)
    left = cents(79_500.71 - 8_978.04 - aid)
    alone = cents((left + aid) / 5)
    expected = {
        "aid.detr.asked_rate": 0.4,
        "aid.detr.probability": 0.5,
        "plan.subventions.central.aids_eur": aid,
        "plan.subventions.central.uncertain_eur": aid,
        "plan.subventions.central.fctva_eur": 8_978.04,
        "plan.subventions.central.reste_a_charge_eur": left,
        "plan.subventions.central.first_year_cash_eur": 68_441.71,
        "plan.subventions.central.per_year_alone_eur": alone,
        "plan.subventions.central.others_share": round(1 - left / 79_500.71, 2),
        "plan.achat.central.aids_eur": 0,
        "plan.achat.central.uncertain_eur": 0,
        "advice.at_risk_eur": aid,
    }

    assert {name: figures[name] for name in expected} == expected


def test_the_usual_aid_is_asked_for_at_the_median_rate(mirepoix: dict[str, object], study_of: StudyOf) -> None:
    """The DETR, at what the middle one of the comparable projects obtained; it is not optimistic."""
    named = ("asked_rate", "probability", "optimistic")
    dear = study_of("09194", aide_detr=0.8).figures

    assert [mirepoix[f"aid.detr.{name}"] for name in named] == [mirepoix["comparable.rate_median"], 0.5, False]
    assert [dear[f"aid.detr.{name}"] for name in named] == [0.8, 0.5, True]


def test_a_closed_aid_keeps_its_dates_among_figures(mirepoix: dict[str, object]) -> None:
    """As it last was; what is open has no last day, what is not asked for no chance."""
    told = {name: mirepoix[f"aid.socle_2021.{name}"] for name in ("open", "opened", "closed", "rate", "beyond")}

    assert told == {"open": False, "opened": "2021-01-14", "closed": "2021-03-31", "rate": 0.7, "beyond": 0.5}
    assert (mirepoix["aid.detr.open"], mirepoix["aid.detr.closed"]) == (True, None)
    assert "aid.dsil.probability" not in mirepoix


def test_what_the_state_pays_of_the_families_devices_is_no_fctva(study_of: StudyOf) -> None:
    """Its share is given by a decision, not by the tax: FCTVA is what it is without it."""
    without, shared = study_of("09194").figures, study_of("09194", byod_state_share=0.3).figures
    name = "plan.byod_tripartite.central"

    assert float(str(shared[f"{name}.etat.2027_eur"])) > float(str(without[f"{name}.etat.2027_eur"]))
    assert shared[f"{name}.fctva_eur"] == without[f"{name}.fctva_eur"]


def test_each_aid_can_be_asked_for_on_its_own_days(study_of: StudyOf) -> None:
    """The plan of recovery, in February 2021: 70 % of 45 609 € HT at most, under 3 500 € a class."""
    day, known = date(2021, 2, 1), study_of("09194").dossier
    law = baremes.on(day)
    study = compute_study(replace(known, on=day), law, load_assumptions({"aide_socle_2021": 0.7}, law))
    plan = study.plans["subventions"]["central"]

    assert plan.uncertain_eur == cents(min(0.7 * 54_730.80 / 1.2, 7 * 3_500) / 2)
    assert (study.figures["aid.socle_2021.open"], study.figures["aid.socle_2021.closed"]) == (True, "2021-03-31")
    assert study.figures["plan.subventions.central.aids_eur"] == plan.uncertain_eur


def test_what_others_obtained(mirepoix: dict[str, object], study_of: StudyOf) -> None:
    """The comparables of the operation, field by field."""
    operation = study_of("09194").operation
    assert operation is not None
    assert operation.comparables is not None
    known = asdict(operation.comparables)
    told = {name: cents(value) if name.endswith("_eur") else value for name, value in known.items()}

    assert {name.partition(".")[2]: mirepoix[name] for name in mirepoix if name.startswith("comparable.")} == told
    assert known["n"] > 0


def test_savings_and_debt_are_told_only_when_they_are_known(mirepoix: dict[str, object], study_of: StudyOf) -> None:
    """100 000 € a year repay 250 000 € in 2.5 years; the dearest running year, 13 710.91 €, leaves 86 289.09 €."""
    figures = study_of("09194", savings_eur=100_000, debt_eur=250_000).figures
    told = {name: figures[f"debt.achat.{name}"] for name in ("savings_before_eur", "savings_after_eur", "years_before")}

    assert not [name for name in mirepoix if name.startswith("debt.")]
    assert told == {"savings_before_eur": 100_000, "savings_after_eur": 86_289.09, "years_before": 2.5}
    assert figures["debt.achat.debt_after_eur"] == 250_000
    assert figures["debt.achat.years_after"] == pytest.approx(250_000 / 86_289.09)


def test_negative_savings_repay_no_debt(study_of: StudyOf) -> None:
    """No number of years is told, before nor after."""
    figures = study_of("09194", savings_eur=-20_000, debt_eur=250_000).figures

    for scenario in ("achat", "leasing", "subventions"):
        assert figures[f"debt.{scenario}.years_before"] is None
        assert figures[f"debt.{scenario}.years_after"] is None


def test_what_a_gift_costs_its_giver(mirepoix: dict[str, object], study_of: StudyOf) -> None:
    """1 000 € when none is promised, 60 % of them back; a company too small for its gift loses the rest."""
    promised = study_of("09194", gift_company_eur=5_000, donor_turnover_eur=1_000_000).figures
    small = study_of("09194", gift_company_eur=10_000, gift_in_kind_eur=20_000, donor_turnover_eur=100_000).figures

    assert (mirepoix["donor.gift_eur"], mirepoix["donor.net_cost_eur"]) == (1_000, 400)
    assert (mirepoix["donor.lost_eur"], mirepoix["donor.turnover_eur"]) == (0, None)
    assert (promised["donor.gift_eur"], promised["donor.net_cost_eur"]) == (5_000, 2_000)
    assert (small["donor.gift_eur"], small["donor.reduction_eur"]) == (30_000, 12_000)


def test_the_best_mix_is_told(mirepoix: dict[str, object]) -> None:
    """Cheaper, discounted, than any simple way; each neighbour costs what it says above it."""
    best = float(str(mirepoix["mix.discounted_eur"]))
    simple = [float(str(mirepoix[f"plan.{key}.central.discounted_eur"])) for key in ("achat", "subventions", "leasing")]
    extra = [float(str(mirepoix[f"mix.neighbour.{rank}.extra_eur"])) for rank in range(3)]

    assert best <= min(simple) + 0.01
    assert extra == sorted(extra)
    assert min(extra) >= 0
    grants = [float(str(mirepoix[name])) for name in mirepoix if name.startswith("mix.grant.")]
    assert cents(sum(grants)) == mirepoix["mix.uncertain_eur"]


def test_risk_is_told_of_each_way_to_pay(mirepoix: dict[str, object], study_of: StudyOf) -> None:
    """Three amounts that grow, a share of nothing but the ceilings; causes with shares between nought and one."""
    for scenario in study_of("09194").plans:
        marks = [float(str(mirepoix[f"risk.{scenario}.p{share}_eur"])) for share in (10, 50, 90)]
        assert marks == sorted(marks)
        assert mirepoix[f"risk.{scenario}.exceeding"] is None
    shares = [float(str(mirepoix[name])) for name in mirepoix if name.startswith("driver.")]

    assert shares
    assert all(0 <= share <= 1.1 for share in shares)
    assert 0 <= float(str(study_of("09194", ceiling_eur_per_year=20_000).figures["risk.achat.exceeding"])) <= 1


def test_the_till_is_followed_to_the_last_flow_of_any_scenario(mirepoix: dict[str, object]) -> None:
    """The option of 2032 has its FCTVA in 2034: purchase is drawn to 2034 too, and all end on their reste à charge."""
    for scenario in ("achat", "subventions", "leasing", "byod_tripartite"):
        prefix = f"plan.{scenario}.central"

        assert mirepoix[f"{prefix}.cumulative.2034_eur"] == mirepoix[f"{prefix}.reste_a_charge_eur"]
        assert f"{prefix}.cumulative.2035_eur" not in mirepoix


def test_a_commune_without_households_has_no_cost_per_household(study_of: StudyOf) -> None:
    """Whether none lives there, INSEE keeps the secret, or nothing is known: None, never a division by zero."""
    dossier = study_of("09194").dossier
    for living in (None, NiveauVie(2021, None, None, "secret statistique"), NiveauVie(2021, 20_190.0, 0, "")):
        figures = computed(replace(dossier, niveau_vie=living)).figures
        assert figures["plan.achat.central.per_household_per_year_eur"] is None
        assert figures["plan.achat.central.per_pupil_per_year_eur"] is not None


def test_a_programme_without_pupils_has_no_cost_per_pupil(study_of: StudyOf) -> None:
    """Classes known, pupils not."""
    dossier = study_of("09220").dossier
    assert dossier.schools is not None
    schools = dossier.schools.assign(pupils=pd.array([pd.NA], dtype="Int64"))
    figures = computed(replace(dossier, schools=schools)).figures

    assert figures["plan.achat.central.per_pupil_per_year_eur"] is None
    assert figures["schools.public.pupils"] is None
    assert figures["programme.pupils"] == 0


def test_points_of_tax_only_when_the_base_is_given(study_of: StudyOf) -> None:
    """One point is 1 % of the base."""
    without, given = study_of("09194").figures, study_of("09194", tfpb_base_eur=5_000_000).figures
    yearly = given["plan.achat.central.per_year_eur"]

    assert without["plan.achat.central.tax_points"] is None
    assert given["plan.achat.central.tax_points"] == pytest.approx(float(yearly or 0) / 50_000, abs=1e-6)


def test_redeployed_spending_is_shown_apart(study_of: StudyOf) -> None:
    """Each year's new effort, zero at least; reste à charge as it was."""
    without, given = study_of("09194").figures, study_of("09194", redeployed_eur_per_year=3_000).figures

    assert given["plan.achat.central.reste_a_charge_eur"] == without["plan.achat.central.reste_a_charge_eur"]
    assert given["plan.achat.central.new_effort.2027_eur"] == 56_463.67
    assert given["plan.achat.central.new_effort.2028_eur"] == 0
    assert given["plan.achat.central.new_effort_eur"] == 56_463.67
    assert not [name for name in without if "new_effort" in name]


def test_what_was_changed_is_listed(study_of: StudyOf) -> None:
    """By the name under which the consultant set it."""
    figures = study_of("09220", prix_affichage=1900, loan_share=0.5).figures

    assert {name: figures[name] for name in figures if name.startswith("assumption.")} == {
        "assumption.prix_affichage": 1900,
        "assumption.loan_share": 0.5,
    }


def test_each_figure_of_law_that_was_read_is_listed(study_of: StudyOf) -> None:
    """With its range, price year and the day it was checked; and none that was not read."""
    study = computed(study_of("09194").dossier)
    listed = {name.split(".")[1] for name in study.figures if name.startswith("law.")}

    assert listed == {figure.name for figure in study.law.read} == {figure.name for figure in study.read}
    assert study.figures["law.fctva_taux.value"] == 0.16404
    assert study.figures["law.prix_affichage.low"] == 2122
    assert study.figures["law.prix_affichage.price_year"] == 2019
    assert study.figures["law.fctva_taux.checked_on"] == "2026-03-31"
    assert study.figures["law.reference_ordinateurs_pour_100_eleves.vintage"] == "2018-2019"
    assert "law.fctva_taux_informatique_en_nuage.value" not in study.figures


def test_a_quoted_price_is_not_listed_as_read(study_of: StudyOf) -> None:
    """The table of figures used does not show a price that the quote replaced."""
    assert "law.prix_affichage.value" not in study_of("09194", prix_affichage=1900).figures


def test_the_effective_rate_of_the_lease(study_of: StudyOf) -> None:
    """5.54 % nominal are (1 + 0.0554/12)^12 - 1 = 5.683 % effective, whatever the term."""
    assert study_of("09194").figures["lease.effective_rate"] == round((1 + 0.0554 / 12) ** 12 - 1, 5)
    assert study_of("09194").figures["lease.rate"] == pytest.approx(0.0554)


def test_the_loan_told_is_the_whole_first_year(study_of: StudyOf) -> None:
    """54 730.80 € at 3.54 % over 5 years; a rate that is given is told."""
    figures = study_of("09194").figures
    annuity = cents(54_730.80 * 0.0354 / (1 - 1.0354**-5))

    assert figures["loan.rate"] == 0.0354
    assert figures["loan.principal_eur"] == 54_730.80
    assert figures["loan.interest_eur"] == cents(5 * annuity - 54_730.80)
    assert study_of("09194", loan_rate=0.0).figures["loan.rate"] == 0


def test_a_loan_is_for_the_first_year_only(study_of: StudyOf) -> None:
    """Over 9 years all but cables is bought twice; what would be borrowed stays the same."""
    assert study_of("09194", horizon_years=9).figures["loan.principal_eur"] == 54_730.80


@pytest.mark.parametrize(
    ("row", "count"), [({"pupils_maternelle": pd.NA}, 1), ({"classes": pd.NA, "pupils": pd.NA}, 0), ({}, 0)]
)
def test_a_split_is_unknown_when_classes_are_counted_without_it(
    study_of: StudyOf, row: dict[str, object], count: int
) -> None:
    """An élémentaire of Mirepoix turned primaire; a school whose classes are unknown is missing for another reason."""
    dossier = study_of("09194").dossier
    assert dossier.schools is not None
    schools = dossier.schools.copy()
    schools.loc[0, "level"] = "primaire"
    for column, value in row.items():
        schools.loc[0, column] = value
    if row and "classes" in row:
        schools.loc[0, ["pupils_maternelle", "pupils_elementaire", "pupils_ulis"]] = pd.NA

    assert computed(replace(dossier, schools=schools)).figures["schools.public.split_unknown"] == count


def test_a_commune_without_a_school_has_figures(study_of: StudyOf) -> None:
    """Its place among others, and zeros that are true."""
    dossier = study_of("09194").dossier
    assert dossier.schools is not None
    figures = figures_of(replace(dossier, schools=dossier.schools.iloc[:0]))

    assert figures["schools.public.count"] == 0
    assert figures["schools.public.pupils"] is None
    assert figures["schools.rentree"] is None
    assert figures["niveau_vie.median_eur"] == 20_190.0
    assert not [name for name in figures if name.startswith(("plan.", "programme.", "advice."))]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
