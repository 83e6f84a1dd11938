from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pupitre.data.dossier import Dossier, NiveauVie
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.formats import cents
from pupitre.law import baremes
from pupitre.study import Study, compute_study
from pupitre.study.naming import plain, under, yearly

StudyOf = Callable[..., Study]
SEVEN = ("09032", "09122", "09194", "09220", "09225", "13028", "92062")
CASES = ("low", "central", "high")

each_commune = pytest.mark.parametrize("code", SEVEN)


def figures_of(dossier: Dossier, **assumptions: object) -> dict[str, object]:
    """The figures of a dossier on its own date."""
    study = compute_study(dossier, baremes.on(dossier.on), Assumptions.model_validate(assumptions))
    return dict(study.figures)


@pytest.fixture
def mirepoix(study_of: StudyOf) -> dict[str, object]:
    """The figures of the reference commune."""
    return dict(study_of("09194").figures)


@each_commune
def test_figures_are_plain_json(code: str, study_of: StudyOf) -> None:
    """Texts, numbers, truths and None: no NaN, no numpy number; they come back the same from JSON."""
    figures = study_of(code, tfpb_base_eur=5e6, redeployed_eur_per_year=500, prix_affichage=1900).figures

    assert {type(value) for value in figures.values()} <= {str, int, float, bool, type(None)}
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


@each_commune
def test_a_name_is_a_path_of_words(code: str, study_of: StudyOf) -> None:
    """Without accents nor braces, so that a template may hold it."""
    assert not [name for name in study_of(code).figures if not re.fullmatch(r"[a-z_]+(\.[A-Za-z0-9_]+)*", name)]


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
    study = study_of(code)
    figures = study.figures
    total = figures[f"programme.{case}.ttc_eur"]
    years = [value for name, value in figures.items() if name.startswith(f"programme.{case}.year.")]

    def sum_of(*names: str) -> float:
        return cents(sum(float(figures[f"programme.{case}.{name}"] or 0) for name in names))

    assert sum_of("ht_eur", "vat_eur") == total
    assert sum_of("investissement_eur", "fonctionnement_eur") == total
    assert cents(sum(float(value or 0) for value in years)) == total
    assert len(years) == 5


@each_commune
def test_amounts_by_year_add_up_to_the_plan(code: str, study_of: StudyOf) -> None:
    """What the commune and the State bear, the option of the lease included; gap and advice follow."""
    study = study_of(code)
    assert study.advice is not None
    for scenario in study.plans:
        for case in CASES:
            prefix = f"plan.{scenario}.{case}"
            for payer, total in (("commune", "reste_a_charge_eur"), ("etat", "fctva_eur")):
                named = re.compile(rf"{prefix}\.{payer}\.\d+_eur")
                borne = [float(v or 0) for name, v in study.figures.items() if named.fullmatch(name)]
                assert cents(sum(borne)) == study.figures[f"{prefix}.{total}"]
    best, other = (study.figures[f"plan.{key}.central.discounted_eur"] for key in (study.advice.best, "leasing"))

    assert study.figures["advice.gap.central_eur"] == cents(float(other or 0) - float(best or 0))


def test_the_till_is_followed_to_the_last_flow_of_any_scenario(mirepoix: dict[str, object]) -> None:
    """The option of 2032 has its FCTVA in 2034: purchase is drawn to 2034 too, and both end on their reste à charge."""
    for scenario in ("achat", "leasing"):
        prefix = f"plan.{scenario}.central"

        assert mirepoix[f"{prefix}.cumulative.2034_eur"] == mirepoix[f"{prefix}.reste_a_charge_eur"]
        assert f"{prefix}.cumulative.2035_eur" not in mirepoix


def test_a_commune_without_households_has_no_cost_per_household(study_of: StudyOf) -> None:
    """Whether none lives there, INSEE keeps the secret, or nothing is known: None, never a division by zero."""
    dossier = study_of("09194").dossier
    for living in (None, NiveauVie(2021, None, None, "secret statistique"), NiveauVie(2021, 20_190.0, 0, "")):
        figures = figures_of(replace(dossier, niveau_vie=living))
        assert figures["plan.achat.central.per_household_per_year_eur"] is None
        assert figures["plan.achat.central.per_pupil_per_year_eur"] is not None


def test_a_programme_without_pupils_has_no_cost_per_pupil(study_of: StudyOf) -> None:
    """Classes known, pupils not."""
    dossier = study_of("09220").dossier
    assert dossier.schools is not None
    figures = figures_of(replace(dossier, schools=dossier.schools.assign(pupils=pd.array([pd.NA], dtype="Int64"))))

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

    assert {name: value for name, value in figures.items() if name.startswith("assumption.")} == {
        "assumption.prix_affichage": 1900,
        "assumption.loan_share": 0.5,
    }


def test_each_figure_of_law_that_was_read_is_listed(study_of: StudyOf) -> None:
    """With its range, price year and the day it was checked; and none that was not read."""
    study = study_of("09194")
    listed = {name.split(".")[1] for name in study.figures if name.startswith("law.")}

    assert listed == {figure.name for figure in study.law.read}
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

    assert figures_of(replace(dossier, schools=schools))["schools.public.split_unknown"] == count


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
