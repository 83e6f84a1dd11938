"""The charter: what the commune has done is shown by its figures, and by nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pupitre.data.dossier import load_dossier
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import load_assumptions
from pupitre.formats import placeholders
from pupitre.law import baremes
from pupitre.study import Study, compute_study
from pupitre.study.charter import Fact, assess, commitments, filled_sheets, principles

StudyOf = Callable[..., Study]
With = Callable[..., str | None]
STATES = ("met", "begun", "not_yet", "unknown")
SCHOOL = "0090312R"


@pytest.fixture(scope="module")
def state_with(store: Path) -> With:
    """The state of a commitment for Mirepoix and a workbook of these rows: `state_with("elu", contacts=[{…}])`."""

    def _state(key: str, **told: list[dict[str, object]]) -> str | None:
        tables = {name: typed(sheet(name), dict(enumerate(rows, 5))) for name, rows in told.items()}
        dossier = load_dossier("09194", date(2026, 11, 22), store)
        law = baremes.on(dossier.on)
        workbook = Workbook("09194", "c.xlsx", "", None, tables, ())
        study = compute_study(replace(dossier, workbook=workbook), law, load_assumptions({}, law))
        state = study.figures[f"charter.{key}.state"]
        return None if state is None else str(state)

    return _state


def test_the_charter_is_whole() -> None:
    """Four principles, then four good practices, each with its commitments together; no key twice."""
    keys = [one.key for one in commitments()]
    order = list(dict.fromkeys(one.principle for one in commitments()))

    assert order == list(principles())
    assert len(order) == 8
    assert len(set(keys)) == len(keys)


def test_each_fact_is_a_named_figure(study_of: StudyOf) -> None:
    """A misspelt name would read as « not done »; the example has them all, those of its words too."""
    figures = study_of("00001").figures
    facts = [fact for one in commitments() for fact in one.facts]
    said = [name for fact in facts for text in (fact.yes, fact.part) for _, name, _ in placeholders(text) if name]

    assert {fact.figure for fact in facts} | {fact.of for fact in facts if fact.of} <= set(figures)
    assert set(said) <= set(figures)
    assert not [fact for fact in facts if "{" in fact.no]
    assert all(sheet(fact.sheet) for fact in facts if fact.sheet)


def test_the_example_stands_where_its_workbook_says(study_of: StudyOf) -> None:
    """Read in it by hand: a councillor is named, the steering committee meets next year, nothing is signed."""
    figures = study_of("00001").figures
    expected = {
        "inventaire": "begun", "elu": "met", "appui": "begun", "concertation": "begun", "orientation": "begun",
        "finalites": "met", "jalons": "begun", "pilotage": "begun", "lettre": "not_yet", "mesure": "begun",
        "satisfaction": "met", "fournisseurs": "unknown", "contrat": "met", "referent": "begun", "ligne": "begun",
        "moyens": "met", "resultats": "not_yet",
    }  # fmt: skip

    assert {key: figures[f"charter.{key}.state"] for key in expected} == expected
    assert (figures["charter.whole_schools"], figures["charter.skilled_schools"]) == (4, 5)
    assert (figures["charter.referents"], figures["charter.recognised"]) == (2, 1)
    assert (figures["charter.voted_year"], figures["charter.voted_eur"]) == (2026, 26_700)


@pytest.mark.parametrize("code", ["00001", "09194", "13028"])
def test_counts_are_those_of_the_states(code: str, study_of: StudyOf) -> None:
    """Each commitment is in one state, and they make the whole."""
    figures = study_of(code).figures
    told = Counter(figures[f"charter.{one.key}.state"] for one in commitments())

    assert [figures[f"charter.{state}"] for state in STATES] == [told[state] for state in STATES]
    assert figures["charter.total"] == len(commitments()) == sum(told.values())


def test_without_a_workbook_only_this_report_shows_something(study_of: StudyOf) -> None:
    """The need that it counts and the plans that it compares; nothing is said not to be done."""
    figures = study_of("09194").figures
    known = {one.key for one in commitments() if figures[f"charter.{one.key}.state"] != "unknown"}

    assert known == {"besoin", "sources"}
    assert figures["charter.not_yet"] == 0


def test_what_an_empty_sheet_would_tell_is_asked_for(study_of: StudyOf) -> None:
    """By the title of the sheet, once."""
    told = {one.commitment.key: one for one in assess(study_of("09194").figures, filled_sheets(None))}

    assert told["elu"].untold == ("Contacts et rôles",)
    assert told["referent"].untold == ("Contacts et rôles",)
    assert told["elu"].proofs == ()


@pytest.mark.parametrize(
    ("contacts", "state"),
    [
        ([], "unknown"),
        ([{"role": "dgs", "nom": "X"}], "not_yet"),
        ([{"role": "elu", "nom": None, "heures": 2}], "not_yet"),
        ([{"role": "elu", "nom": "X"}], "met"),
    ],
)
def test_a_councillor_is_named_or_not(contacts: list[dict[str, object]], state: str, state_with: With) -> None:
    """A row without a name is a role that nobody holds; a sheet without a row tells nothing."""
    assert state_with("elu", contacts=contacts) == state


@pytest.mark.parametrize(
    ("referent", "state"),
    [
        ({"heures": 20, "compensation": "indemnite"}, "met"),
        ({"heures": 20, "compensation": "aucune"}, "begun"),
        ({"heures": 0, "compensation": "decharge"}, "begun"),
        ({"compensation": "decharge"}, "begun"),
        ({"heures": 20}, "begun"),
    ],
)
def test_the_time_of_a_referent_is_recognised_and_compensated(
    referent: dict[str, object], state: str, state_with: With
) -> None:
    """Both, or the commitment is only begun."""
    assert state_with("referent", contacts=[{"role": "referent", "nom": "X", **referent}]) == state


@pytest.mark.parametrize(
    ("met_on", "validated", "state"),
    [
        (date(2026, 11, 22), date(2026, 11, 20), "met"),
        (date(2026, 11, 23), date(2026, 11, 20), "begun"),
        (date(2026, 11, 22), None, "begun"),
        (date(2026, 11, 23), None, "not_yet"),
        (None, None, "not_yet"),
    ],
)
def test_a_committee_has_met_once_the_day_has_come(
    met_on: date | None, validated: date | None, state: str, state_with: With
) -> None:
    """A first meeting planned for tomorrow is no meeting."""
    told = {"gouvernance": [{"comite": "orientation", "premiere": met_on, "rythme": "an"}]}

    assert state_with("orientation", orientation=[{"ambition": "A", "valide_le": validated}], **told) == state


def test_a_committee_of_which_half_is_told_is_begun(state_with: With) -> None:
    """It has met; whether its plan is written, nothing tells."""
    assert state_with("orientation", gouvernance=[{"comite": "orientation", "premiere": date(2026, 1, 5)}]) == "begun"


@pytest.mark.parametrize(("year", "state"), [(2025, "not_yet"), (2026, "begun"), (2027, "begun")])
def test_a_budget_line_is_that_of_this_year(year: int, state: str, state_with: With) -> None:
    """What was voted last year says nothing of today; the rest waits for the maturity sheet."""
    voted = {"annee": year, "section": "investissement", "vote": 1000}

    assert state_with("ligne", budget=[voted]) == state
    assert state_with("ligne", budget=[{**voted, "vote": 0}]) == "not_yet"


@pytest.mark.parametrize(
    ("groups", "state"),
    [(("enseignants", "directions"), "begun"), (("enseignants",), "begun"), (("parents",), "not_yet")],
)
def test_teams_are_heard_before_they_choose(groups: tuple[str, ...], state: str, state_with: With) -> None:
    """Heard is half of it; who chooses is told by another sheet."""
    voices = [{"groupe": group, "theme": "materiel", "besoin": "B"} for group in groups]

    assert state_with("equipes", concertation=voices) == state


@pytest.mark.parametrize(("duty", "state"), [("C", "met"), ("R", "met"), ("I", "begun"), (None, "begun")])
def test_to_be_informed_of_the_choice_is_not_to_be_consulted(duty: str | None, state: str, state_with: With) -> None:
    """Responsible, accountable or consulted; the letters are those of the sheet."""
    voices = [{"groupe": one, "theme": "materiel", "besoin": "B"} for one in ("enseignants", "directions")]
    duties = [{"action": "choix", "mairie": "A", "enseignants": duty}]

    assert state_with("equipes", concertation=voices, responsabilites=duties) == state


@pytest.mark.parametrize(("answered", "state"), [(("enseignants", "eleves"), "not_yet"), (("parents",), "not_yet")])
def test_a_wave_without_an_answer_asked_nobody(answered: tuple[str, ...], state: str, state_with: With) -> None:
    """A wave of the calendar is not a survey yet."""
    waves = [{"vague": "2026", "groupe": one, "le": date(2026, 5, 5), "invites": 30} for one in answered]

    assert state_with("satisfaction", vagues=waves) == state


@pytest.mark.parametrize(
    ("fact", "value", "share"),
    [
        (Fact("a", "", ""), None, 0),
        (Fact("a", "", ""), "2026-01-01", 1),
        (Fact("a", "", ""), 0, 0),
        (Fact("a", "", "", of="b"), 2, 0.5),
        (Fact("a", "", "", of="zero"), 0, 0),
        (Fact("a", "", "", least=3), None, None),
        (Fact("a", "", "", least=3), 1, 0),
        (Fact("a", "", "", least=3), 4, 1.5),
        (Fact("a", "", "", past=True), "2026-11-22", 1),
        (Fact("a", "", "", past=True), "2026-11-23", 0),
        (Fact("a", "", "", past=True), None, 0),
    ],
)
def test_how_much_a_fact_shows(fact: Fact, value: object, share: float | None) -> None:
    """From nothing to all; a step that is not told shows nothing either way."""
    assert fact.share({"a": value, "b": 4, "zero": 0, "on": "2026-11-22"}) == share  # type: ignore[dict-item]


def test_a_commune_without_schools_has_no_charter_to_keep(study_of: StudyOf) -> None:
    """No state, no count."""
    assert not [name for name in study_of("35361").figures if name.startswith("charter.")]
