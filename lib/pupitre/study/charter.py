"""The charter for communal management: each recommendation, where the commune stands, the figures that show it.

Belongs: how a state follows from facts, what is counted for them alone. Does not: the recommendations, their facts and
what these say (`charter.toml`), any mark of the whole: nothing here is weighed or compared.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pupitre.cap.answers import Cap
from pupitre.cap.governance import undecided
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.evaluation.evaluate import Evaluation
from pupitre.formats import Figures
from pupitre.study.naming import Named, plain, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

FILE = Path(__file__).with_name("charter.toml")
MET, BEGUN, NOT_YET, UNKNOWN = "met", "begun", "not_yet", "unknown"
SUPPORTS = {"ien", "erun", "dane"}
TEAMS = {"enseignants", "directions"}
SCOPES = {"usages", "equipement", "apports"}
CONSULTED = {"R", "A", "AR", "C"}


@dataclass(frozen=True)
class Fact:
    """A figure that shows how much of a recommendation is done; `charter.toml` says what each field means."""

    figure: str
    yes: str
    no: str
    sheet: str = ""
    of: str = ""
    least: float = 0
    past: bool = False
    part: str = ""

    def share(self, named: Figures) -> float | None:
        """How much is done, from 0 to 1 and more; None when nothing tells.

        >>> Fact("a", "", "", of="b").share({"a": 1, "b": 4}), Fact("a", "", "", least=3).share({"a": 2})
        (0.25, 0.5)
        >>> Fact("a", "", "", past=True).share({"a": "2027-01-01", "on": "2026-11-22"})
        0.0
        """
        value = named.get(self.figure)
        if self.least:
            return None if value is None else (float(value) - 1) / (self.least - 1)
        if self.of:
            return float(value or 0) / float(named.get(self.of) or 1)
        if self.past:
            return float(value is not None and str(value) <= str(named["on"]))
        return float(bool(value))

    def said(self, share: float) -> str:
        """What it says of what is done.

        >>> half = Fact("a", "oui", "non", part="à moitié")
        >>> half.said(1), half.said(0.5), half.said(0)
        ('oui', 'à moitié', 'non')
        """
        if share <= 0:
            return self.no
        return self.yes if share >= 1 else self.part or self.yes


@dataclass(frozen=True)
class Commitment:
    """What the charter recommends, in our words."""

    key: str
    principle: str
    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Standing:
    """Where a commune stands on a recommendation.

    `state`: MET when every fact is whole, BEGUN when one shows something, NOT_YET when none does, UNKNOWN when nothing
    tells. `proofs`: templates of what the facts say. `untold`: titles of the empty sheets that would tell more.
    """

    commitment: Commitment
    state: str
    proofs: tuple[str, ...]
    untold: tuple[str, ...]


def principles() -> dict[str, str]:
    """The principles and good practices, key → title, in their order."""
    return dict(_declared()["principle"])


@cache
def commitments() -> tuple[Commitment, ...]:
    """Every recommendation, in the order of the charter."""
    return tuple(
        Commitment(one["key"], one["principle"], one["label"], tuple(Fact(**fact) for fact in one.get("fact", ())))
        for one in _declared()["commitment"]
    )


def assess(named: Figures, filled: frozenset[str]) -> tuple[Standing, ...]:
    """Where a commune stands; `filled`: the sheets of its workbook that hold an answer."""
    return tuple(_standing(one, named, filled) for one in commitments())


def filled_sheets(workbook: Workbook | None) -> frozenset[str]:
    """The sheets that hold an answer."""
    return frozenset() if workbook is None else frozenset(key for key, table in workbook.tables.items() if len(table))


def collect_charter(study: Study, named: Named) -> Named:
    """What is counted for the charter alone, the state of each recommendation, how many are in each state."""
    if study.diagnostic.situation != "schools":
        return {}
    counted = under("charter", _counted(study, named))
    standings = assess(named | counted, filled_sheets(study.dossier.workbook))
    states = Counter(one.state for one in standings)
    total = {"total": len(standings)} | {state: states[state] for state in (MET, BEGUN, NOT_YET, UNKNOWN)}
    return counted | under("charter", total | {f"{one.commitment.key}.state": one.state for one in standings})


def _standing(commitment: Commitment, named: Figures, filled: frozenset[str]) -> Standing:
    told = [fact for fact in commitment.facts if not fact.sheet or fact.sheet in filled]
    shares = {fact: share for fact in told if (share := fact.share(named)) is not None}
    untold = dict.fromkeys(sheet(fact.sheet).title for fact in commitment.facts if fact not in shares)
    proofs = tuple(fact.said(share) for fact, share in shares.items())
    return Standing(commitment, _state(list(shares.values()), whole=not untold), proofs, tuple(untold))


def _state(shares: list[float], whole: bool) -> str:
    """What the known facts come to; `whole`: there are no others."""
    if not shares:
        return UNKNOWN
    if whole and min(shares) >= 1:
        return MET
    return BEGUN if max(shares) > 0 else NOT_YET


def _counted(study: Study, named: Named) -> Named:
    workbook, cap, found = study.dossier.workbook, study.cap, study.evaluation
    counted: Named = {"plans": len(study.plans)}
    if workbook is None or cap is None or found is None:
        return counted
    capped = study.assumptions.ceiling_eur_per_year is not None
    counted["fitting"] = 1 + capped + (capped and named.get("programme.unfunded.ttc_eur") == 0)
    return counted | _people(workbook) | _schools(study, workbook) | _cap(cap) | _followed(found, study)


def _people(workbook: Workbook) -> Named:
    """Who is named, never by name."""
    known = workbook.table("contacts").dropna(subset="nom")
    held, staff = set(known["role"]), known[known["role"] == "referent"]
    recognised = (staff["heures"].fillna(0) > 0) & staff["compensation"].notna() & (staff["compensation"] != "aucune")
    return {
        "elected": "elu" in held,
        "supports": len(held & SUPPORTS),
        "supports_asked": len(SUPPORTS),
        "referents": len(staff),
        "recognised": int(recognised.sum()),
    }


def _schools(study: Study, workbook: Workbook) -> Named:
    inventory = study.diagnostic.inventory
    trained = 0 if inventory is None else int(inventory.training["enseignants"].notna().sum())
    complete = 0 if inventory is None else int((inventory.schools["known"] & inventory.schools["complete"]).sum())
    return {
        "whole_schools": complete,
        "skilled_schools": trained,
        "initiatives": len(workbook.table("initiatives")),
        "maintained": int((workbook.table("services")["service"] == "maintenance").sum()),
    }


def _cap(cap: Cap) -> Named:
    groups = [key for key in sheet("concertation").column("groupe").choices if key != "autre"]
    return {
        "groups": len(groups),
        "groups_heard": len(groups) - len(cap.unheard),
        "teams": len(TEAMS),
        "teams_heard": len(TEAMS - set(cap.unheard)),
        "choosing_teams": sum(cap.duties.loc["choix", team] in CONSULTED for team in TEAMS),
        "goals_with_aim": int(cap.objectives["finalite"].notna().sum()),
        "goals_from_projects": int(cap.objectives["reprend"].notna().sum()),
        "actions": len(cap.duties),
        "decided": len(cap.duties) - len(undecided(cap.duties, "decides")),
        "baselines": int(cap.indicators["depart"].notna().sum()),
        "scopes": len(SCOPES & set(cap.indicators["perimetre"])),
        "scopes_asked": len(SCOPES),
    }


def _followed(found: Evaluation, study: Study) -> Named:
    waves = Counter(found.participation.loc[found.participation["answered"] > 0, "groupe"])
    voted = found.budget.years[found.budget.years["vote"] > 0]
    year = voted["annee"].max() if len(voted) else pd.NA
    current = plain(year) is not None and year >= study.dossier.on.year
    return {
        "measured": sum(one.latest is not None for one in found.progress),
        "teacher_waves": waves["enseignants"],
        "pupil_waves": waves["eleves"],
        "voted_year": plain(year) if current else None,
        "voted_eur": plain(voted.loc[voted["annee"] == year, "vote"].sum()) if current else None,
    }


@cache
def _declared() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
