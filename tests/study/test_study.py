from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pupitre.data.dossier import Dossier
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.errors import BaremeNotInForce, UnknownCommune, UsageError
from pupitre.formats import parse_day
from pupitre.funding.compare import advise
from pupitre.funding.plan import Verdict
from pupitre.funding.scenarios import SCENARIOS, achat, leasing
from pupitre.law import baremes
from pupitre.study import Study, compute_study, load_study

StudyOf = Callable[..., Study]


def computed(dossier: Dossier, **assumptions: object) -> Study:
    """The study of a dossier on its own date."""
    return compute_study(dossier, baremes.on(dossier.on), Assumptions.model_validate(assumptions))


@pytest.mark.parametrize("code", ["09032", "09122", "09194", "09220", "09225", "13028", "92062"])
def test_each_known_commune_has_its_study(code: str, study_of: StudyOf) -> None:
    """Each scenario has its verdict, the eligible ones three cases, in the order of the report; and an advice."""
    study = study_of(code)

    assert list(study.plans) == ["achat", "subventions", "leasing", "byod_tripartite"]
    assert list(study.verdicts) == [scenario.key for scenario in SCENARIOS]
    assert list(study.plans) == [key for key, verdict in study.verdicts.items() if verdict.eligible]
    assert {case for plans in study.plans.values() for case in plans} == {"low", "central", "high"}
    assert study.advice is not None
    assert study.programme is not None


def test_the_advice_is_that_of_the_borrowing_rate(study_of: StudyOf) -> None:
    """3.54 %, not the socio-economic rate."""
    study = study_of("09194")
    decided = {key: plans for key, plans in study.plans.items() if key != "byod_tripartite"}

    assert study.advice == advise(decided, 0.0354)
    assert study.advice != advise(decided, 0.032)


def test_what_families_decide_is_never_advised(study_of: StudyOf) -> None:
    """Their devices cost the commune less than a purchase without aid: compared, and not told to the mayor to do."""
    study = study_of("09194", aid_probability=0)
    cheapest = min(study.plans, key=lambda key: study.plans[key]["central"].discounted_reste_a_charge_eur(0.0354))

    assert cheapest == "byod_tripartite"
    assert study.advice is not None
    assert "byod_tripartite" not in (study.advice.best, study.advice.second)


def test_mirepoix_is_advised_to_buy_with_an_aid(study_of: StudyOf) -> None:
    """Steadily, though the need itself is not known; an aid at one chance in two makes the difference."""
    told = study_of("09194").advice

    assert told is not None
    assert (told.best, told.second, told.significant, told.steady) == ("subventions", "achat", False, True)
    assert told.at_risk_eur == study_of("09194").figures["plan.subventions.central.aids_eur"]


def test_without_a_chance_of_aid_buying_costs_less_than_leasing(study_of: StudyOf) -> None:
    """Steadily, in each case: FCTVA makes the difference; an aid that never comes changes nothing to a purchase."""
    study = study_of("09194", aid_probability=0)
    bought, aided, leased = (
        {case: plan.discounted_reste_a_charge_eur(0.0354) for case, plan in study.plans[key].items()}
        for key in ("achat", "subventions", "leasing")
    )

    assert bought == aided
    assert all(bought[case] < leased[case] for case in bought)
    assert study.advice is not None
    assert study.advice.at_risk_eur == 0


def test_late_figures_wait_to_be_asked_for(study_of: StudyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan, an advice, a debt, an aid are told without computing the best mix nor risk."""

    def never(*_: object) -> None:
        raise AssertionError("computed too early")

    monkeypatch.setattr("pupitre.study.study.best_mix", never)
    monkeypatch.setattr("pupitre.study.study.assess_risk", never)
    study = computed(study_of("09194").dossier, savings_eur=1e5)

    for name in ("plan.achat.central.cost_eur", "advice.best", "debt.achat.savings_after_eur", "aid.detr.rate"):
        assert study.figures[name] is not None
    assert "plan.achat.central.cost_eur" in study.figures
    with pytest.raises(KeyError, match="rien"):
        study.figures["plan.rien"]
    for name in ("mix.discounted_eur", "risk.draws", "driver.prix_affichage.total", "law.risque_tirages.value"):
        with pytest.raises(AssertionError, match="too early"):
            study.figures[name]


def test_late_figures_are_there_when_asked_for(study_of: StudyOf) -> None:
    """By name and in the whole: their number is that of the names, each has its value, none stands twice."""
    study = study_of("09194")
    names = list(study.figures)

    assert len(study.figures) == len(names) == len(set(names))
    assert dict(study.figures) == study.summary() == {name: study.figures[name] for name in names}
    assert {name.split(".")[0] for name in names} >= {"mix", "risk", "driver", "law", "plan", "advice"}
    assert study.figures.get("mix.rien") is None


def test_every_figure_that_is_read_is_listed(study_of: StudyOf) -> None:
    """What the late figures read too: `read` has them all, whatever was asked for first."""
    study = computed(study_of("09194").dossier)

    assert study.figures["plan.achat.central.cost_eur"]
    assert {figure.name for figure in study.read} == {figure.name for figure in study.law.read}
    assert {"risque_tirages", "casse_part", "mix_part_familles", "fctva_taux"} <= {figure.name for figure in study.read}


def test_without_a_school_there_is_neither_mix_nor_risk(study_of: StudyOf) -> None:
    """Nor an operation; all figures are told all the same."""
    study = study_of("32258")

    assert (study.operation, study.mix, study.risk) == (None, None, None)
    assert not [name for name in study.figures if name.startswith(("mix.", "risk.", "driver.", "aid.", "debt."))]


def test_the_loan_plan_is_the_purchase_wholly_borrowed(study_of: StudyOf) -> None:
    """Its first year; the consultant's own loan share stays that of the purchase plan."""
    study = study_of("09194", loan_share=0.5, loan_rate=0.03)
    assert study.loan_plan is not None
    received = study.loan_plan.cash.set_index("label").loc["Emprunt reçu", "amount_eur"]
    own = study.plans["achat"]["central"].cash.set_index("label").loc["Emprunt reçu", "amount_eur"]

    assert received == 54_730.80
    assert own == 27_365.40
    assert study.loan_plan.scenario == "achat"


def test_without_a_school_nothing_is_funded(study_of: StudyOf) -> None:
    """Neither programme, nor plan, nor advice; an unknown commune neither."""
    known = study_of("09194").dossier
    assert known.schools is not None
    for schools, situation in ((known.schools.iloc[:0], "no_school"), (None, "schools_unknown")):
        study = computed(replace(known, schools=schools))
        assert study.diagnostic.situation == situation
        assert (study.programme, study.loan_plan, study.advice) == (None, None, None)
        assert study.plans == study.verdicts == {}


def test_private_schools_alone_fund_nothing_unless_included(study_of: StudyOf) -> None:
    """A commune whose only school is private and under contract."""
    known = study_of("09194").dossier
    assert known.schools is not None
    private = replace(known, schools=known.schools[known.schools["sector"] != "public"])

    assert computed(private).programme is None
    including = computed(private, include_private=True).programme
    assert including is not None
    assert including.pupils == 94


def test_a_school_without_count_does_not_stop_the_others(study_of: StudyOf) -> None:
    """The programme covers what is known."""
    known = study_of("09194").dossier
    assert known.schools is not None
    schools = known.schools.copy()
    schools.loc[0, ["classes", "pupils"]] = pd.NA
    programme = computed(replace(known, schools=schools)).programme

    assert programme is not None
    assert (programme.schools, programme.pupils) == (1, 59)


def test_a_refused_scenario_has_a_reason_and_no_plan(study_of: StudyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The purchase stays, alone, and is advised without a rival."""
    dossier = study_of("09194").dossier
    refused = replace(leasing.SCENARIO, check=lambda *_: Verdict(eligible=False, reasons=("Sans objet.",)))
    monkeypatch.setattr("pupitre.funding.compare.SCENARIOS", (achat.SCENARIO, refused))
    study = computed(dossier)

    assert list(study.plans) == ["achat"]
    assert study.verdicts["leasing"].reasons == ("Sans objet.",)
    assert study.advice is not None
    assert study.advice.second is None
    assert "plan.leasing.central.cost_eur" not in study.figures


def test_a_study_is_the_same_twice(study_of: StudyOf) -> None:
    """Figure by figure, in the same order, what is drawn at random too."""
    dossier = study_of("13028").dossier

    assert list(computed(dossier).summary().items()) == list(computed(dossier).summary().items())


def test_a_summary_is_a_copy(study_of: StudyOf) -> None:
    """Changing it leaves the study as it is."""
    study = study_of("09220")
    study.summary()["commune.nom"] = "Ailleurs"

    assert study.figures["commune.nom"] == "Orlu"


def test_wrong_input_is_one_message(store: Path) -> None:
    """A date, a code, an assumption, a day without figures."""
    with pytest.raises(UsageError, match="« 22/11/2026 » n'est pas une date"):
        load_study("09194", "22/11/2026", str(store))
    with pytest.raises(UnknownCommune):
        load_study("09914", "2026-11-22", str(store))
    with pytest.raises(UsageError, match="loan_share"):
        load_study("09194", "2026-11-22", str(store), {"loan_shar": 1})
    with pytest.raises(BaremeNotInForce, match="Aucun barème"):
        load_study("09194", "1999-01-01", str(store))


def test_a_day_in_a_gap_names_the_days_that_would_do(study_of: StudyOf) -> None:
    """On 1 June 2022 no loan rate is known; the refusal says so, and when one is."""
    law = baremes.on(date(2022, 6, 1))
    with pytest.raises(BaremeNotInForce, match=r"emprunt_taux.*2022-06-01.*2021-12-31.*2023-01-01"):
        compute_study(study_of("09194").dossier, law, Assumptions())


def test_days_are_written_one_way() -> None:
    """AAAA-MM-JJ."""
    assert parse_day("2026-01-02") == date(2026, 1, 2)
    for text in ("2026-13-01", "demain", ""):
        with pytest.raises(UsageError, match="AAAA-MM-JJ"):
            parse_day(text)


def test_the_edition_date_is_that_of_the_project(store: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pupitre.toml`, when no date is given."""
    monkeypatch.chdir(root)

    assert load_study("09220", data=str(store)).dossier.on == date(2026, 11, 22)
