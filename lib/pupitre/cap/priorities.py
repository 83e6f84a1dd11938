"""Which schools first: weighted criteria, and what the order owes to the weights.

Belongs: criteria from 0 to 1, scores, ranks, sensitivity. Does not: the order that the programme follows, which is the
commune's own (`diagnostic.phasing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import Inventory
from pupitre.errors import CellIssue

SHEET = "priorites"
Numbers = np.ndarray[Any, np.dtype[Any]]
DRAWS, SEED = 1000, 20261122
MOVE = 0.5  # each weight is drawn from half to one and a half times its value
LIKELY = (0.05, 0.95)  # the ranks that nine draws in ten keep
KNOWN = 0.5  # the share of the weights that must be known of a school to rank it
DIGITS = 9  # two scores that differ by less are the same
LATE = {"none": 1.0, "short": 1.0, "enough": 0.0}


@dataclass(frozen=True)
class Ranking:
    """The schools by priority, under weights that sum to one.

    `criteria`: uai × criterion, from 0 (can wait) to 1 (first), NA when not known; those that count only.
    `schools`: by rank, index uai: score (0–1, the mean of what is known), rank (equal scores share it), best_rank and
    worst_rank (those that nine draws of the weights in ten keep, each weight moved by half at most, and its own),
    first_share (the share of draws in which it comes first). A school of which less than half is known, by weight, is
    in neither: what is blank counts neither for nor against.
    """

    weights: Mapping[str, float]
    criteria: pd.DataFrame
    schools: pd.DataFrame

    @property
    def steady(self) -> bool:
        """Whether one school alone is first, and stays so in nineteen draws in twenty."""
        alone = (self.schools["rank"] == 1).sum() == 1
        return bool(alone and self.schools["worst_rank"].iloc[0] == 1)


def weight_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Weights that are all zero: nothing would count."""
    told = workbook.table(SHEET)["poids"].dropna()
    if len(told) and not told.sum():
        expected = "on attend au moins un poids supérieur à zéro, sur cette ligne ou une autre"
        yield workbook.issue(SHEET, int(told.index[0]), "poids", "0", expected)


def weights_of(workbook: Workbook) -> dict[str, float]:
    """Criterion → weight as declared; all equal when nothing is declared."""
    told = workbook.table(SHEET).set_index("critere")["poids"].dropna()
    weights = {str(key): float(weight) for key, weight in told.items() if weight}
    return weights or dict.fromkeys(sheet(SHEET).column("critere").choices, 1.0)


def criteria_of(workbook: Workbook, inventory: Inventory, schools: pd.DataFrame, year: int) -> pd.DataFrame:
    """Each criterion from 0 to 1 for the schools of the inventory; `schools`: uai, pupils, ips. NA: not known."""
    known, devices = inventory.schools, inventory.devices
    counted = schools.set_index("uai").reindex(known.index)
    dated = devices[devices["usable"] & devices["due_year"].notna()]
    ages = dated.assign(late=dated["number"] * (dated["due_year"] <= year)).groupby("uai")[["late", "number"]].sum()
    ips, pupils = counted["ips"].astype("Float64"), counted["pupils"].astype("Float64")
    projects = workbook.table("ecoles").set_index("ecole")["projet"].reindex(known.index)
    return pd.DataFrame(
        {
            "couverture": 1 - known["coverage"],
            "age": (ages["late"] / ages["number"]).reindex(known.index),
            "internet": inventory.lines["status"].map(LATE).reindex(known.index),
            "ips": (ips.max() - ips) / (ips.max() - ips.min()),
            "eleves": pupils / pupils.max(),
            "projet": projects.astype("Float64"),
        },
        index=known.index,
    ).astype("Float64")


def rank_schools(criteria: pd.DataFrame, weights: Mapping[str, float]) -> Ranking | None:
    """The schools by their weighted mean of what is known; None when two schools cannot be compared.

    >>> told = pd.DataFrame({"age": [0.2, 0.9], "ips": [1.0, pd.NA]}, index=["A", "B"], dtype="Float64")
    >>> rank_schools(told, {"age": 3, "ips": 1}).schools[["score", "rank"]].to_dict("list")
    {'score': [0.9, 0.4], 'rank': [1, 2]}
    """
    counted = [key for key in weights if key in criteria and weights[key] and criteria[key].notna().any()]
    given = np.array([weights[key] for key in counted])
    told = criteria.loc[criteria[counted].notna().to_numpy() @ given >= KNOWN * given.sum(), counted]
    if not counted or len(told) < 2:
        return None
    moves = np.random.default_rng(SEED).uniform(1 - MOVE, 1 + MOVE, (DRAWS, len(counted)))
    ranks = _ranks(_scores(told, given * moves))
    score = _scores(told, given[None, :])
    rank = _ranks(score)[0]
    best, worst = (np.quantile(ranks, share, axis=0, method="nearest") for share in LIKELY)
    schools = pd.DataFrame(
        {
            "score": score[0],
            "rank": rank,
            "best_rank": np.minimum(best, rank).astype(int),
            "worst_rank": np.maximum(worst, rank).astype(int),
            "first_share": (ranks == 1).mean(axis=0),
        },
        index=told.index,
    )
    shares = {key: float(share) for key, share in zip(counted, given / given.sum(), strict=True)}
    return Ranking(shares, told, schools.sort_values("rank", kind="stable"))


def _scores(told: pd.DataFrame, weights: Numbers) -> Numbers:
    """Draw × school: the weighted mean of the criteria that are known of each school."""
    known = told.notna().to_numpy(float)
    scores: Numbers = (weights @ told.fillna(0).to_numpy(float).T) / (weights @ known.T)
    return scores.round(DIGITS)


def _ranks(scores: Numbers) -> Numbers:
    """Draw × school: one more than the schools that score higher."""
    ranks: Numbers = 1 + (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    return ranks
