"""The maturity of a commune: forty points on five steps, eight dimensions, one level, and how far it can be trusted.

Belongs: what is declared beside what is measured, the rules that make dimensions and levels of them (a model of ours).
Does not: what the inventory proves (`measures`), wording, drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pupitre.data import resource
from pupitre.data.codes import name_key
from pupitre.data.sheets import COMMUNE, WHOLE_COMMUNE, maturity_points, sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.measures import NOT_ASKED, enough, measured_steps, rule
from pupitre.errors import CellIssue, UsageError
from pupitre.formats import echo

DECLARED, *_, MEASURED = GRADES = ("declare", "documente", "mesure")
DRAWS, SPREAD, SEED = 1000, 1 / 2, 2
MILLION = 1000 * 1000
ONCE = "on attend une seule réponse pour ce point et cette école"
FOR_ALL = f"on attend « {WHOLE_COMMUNE} » : ce point se juge pour la commune entière"

Scores = Mapping[str, Any] | Iterable[Any]


@dataclass(frozen=True)
class Maturity:
    """Where the commune stands, point by point, then by dimension, then in one level.

    `points`, index key: dimension, label, declared, measured, step (what counts: declared, else measured; weighted by
    pupils where schools differ; NA when unknown or « sans objet »), evidence (declare, documente, mesure: the grade
    that weighs most pupils, the lower of two; None without a step), from_inventory (has a step, nobody declared it),
    differs (somewhere the measure contradicts what is declared: never above the last step that it can prove),
    schools_differ (how many), not_applicable (« sans objet » everywhere).
    `dimensions`, index key: label, by_school, answered (points that have a step), asked (not « sans objet »), score,
    level (NA when under 60 % are answered), schools (how many are scored; NA for the commune), low, high (lowest and
    highest school, when two are), capped, measured_score (if measures replaced what they contradict).
    `level`: None when under 60 % of the dimensions are assessed; at most the highest level of a dimension, each capped
    as it is shown, which the rule of levels alone would let at 5. `median_level`: the same rule on the median of the
    steps of each dimension. `measured_level`: the same rule on the measured scores. `steady`: the share of draws of
    weights, each point and each dimension ±50 %, that give `level`; 0 without one.
    """

    points: pd.DataFrame
    dimensions: pd.DataFrame
    level: int | None
    median_level: int | None
    measured_level: int | None
    steady: float

    @property
    def robust(self) -> bool:
        """Whether another way to count, to weigh or to know would give the same level."""
        same = self.level is not None and self.median_level == self.measured_level == self.level
        return same and self.steady >= float(rule("steady"))


def dimension_level(scores: Iterable[Any], evidence: Iterable[Any] | None = None) -> int | None:
    """The mean of the steps that are known, rounded half up; None when under 60 % of what is asked is answered.

    A score is 1 to 5, None (not answered) or « sans objet » (not asked). When `evidence` says that every answer is only
    declared, the level is 4 at most. Raises UsageError for another score, another grade, or grades not one a score.

    >>> dimension_level([2, 3, None, "sans objet"]), dimension_level([2, 3, None, None]), dimension_level([5], [None])
    (3, None, 4)
    """
    steps = [_step(score) for score in scores]
    grades = [MEASURED for _ in steps] if evidence is None else [_grade(grade) for grade in evidence]
    if len(grades) != len(steps):
        raise UsageError(f"{len(grades)} preuves pour {len(steps)} échelons : on attend une preuve par échelon.")
    answered = {rank: step for rank, step in enumerate(steps) if step}
    if not enough(len(answered), len(steps) - steps.count(NOT_ASKED)):
        return None
    level = _half_up(Fraction(sum(answered.values()), len(answered)))
    only_declared = {grades[rank] for rank in answered} == {DECLARED}
    return min(level, int(rule("most_declared"))) if only_declared else level


def overall_level(dimension_scores: Scores, dimension_levels: Scores | None = None) -> int | None:
    """The mean of the scores rounded half up, one above the lowest level at most; what is None is left out.

    Levels are the scores rounded half up when not given. None when nothing is left. Raises UsageError outside 1 to 5.

    >>> overall_level([5, 5, 5, 1]), overall_level({"reseau": 2.5, "usages": None}), overall_level([])
    (2, 3, None)
    """
    scores = _known(dimension_scores)
    levels = [_half_up(one) for one in scores] if dimension_levels is None else _known(dimension_levels)
    return int(min(_half_up(sum(scores) / len(scores)), min(levels) + 1)) if scores and levels else None


def _steps() -> range:
    return range(1, 1 + int(rule("highest")))


def _step(score: Any) -> int | None:
    if isinstance(score, str) and name_key(score) == "sans-objet":
        return NOT_ASKED
    if pd.isna(score):
        return None
    if score not in _steps():
        raise UsageError(f"Échelon « {echo(score)} » : on attend un nombre entier de 1 à 5, ou « sans objet ».")
    return int(score)


def _grade(grade: Any) -> str:
    key = DECLARED if pd.isna(grade) else name_key(str(grade))
    if key not in GRADES:
        raise UsageError(f"Preuve « {echo(grade)} » : on attend « déclaré », « documenté » ou « mesuré ».")
    return key


def _known(scores: Scores) -> list[Any]:
    given: Iterable[Any] = scores.values() if isinstance(scores, Mapping) else scores
    known = [one for one in given if not pd.isna(one)]
    for one in known:
        if not _steps()[0] <= one <= _steps()[-1]:
            raise UsageError(f"Score « {echo(one)} » : on attend un nombre de 1 à 5.")
    return known


def _half_up(score: float | Fraction) -> int:
    """To the millionth first, as floats that mean 2.5 may fall short of it."""
    return (round(2 * MILLION * score) + MILLION) // (2 * MILLION)


def assess_maturity(workbook: Workbook, inventory: Inventory, pupils: pd.Series[int], year: int) -> Maturity:
    """The maturity that a checked workbook declares and that its inventory measures in a year.

    `pupils` by uai weigh the schools. In a dimension `by_school`, a school has its own answer, else « sans objet » when
    the inventory says so, else the commune's answer, else the step of the inventory.
    """
    points, weights = _points(), _weights(pupils.reindex(inventory.lines.index))
    asked = pd.DataFrame({place: points["by_school"] == (place != COMMUNE) for place in weights.index})
    measured = measured_steps(workbook, inventory, year).reindex_like(asked)
    declared, grades = _declared(workbook, asked, measured != NOT_ASKED)
    step = declared.fillna(measured).where(asked, NOT_ASKED)
    proven = measured.gt(points["seuils"].str.len(), axis=0) & (declared > measured)
    differs = (measured > 0) & declared.notna() & (declared != measured) & ~proven
    counts = step > 0
    grades = grades.T.fillna(points["releve"].map(GRADES.index)).T.where(counts)
    told = points[["dimension", "label"]].assign(
        declared=_by_pupil(declared, weights),
        measured=_by_pupil(measured, weights),
        step=_by_pupil(step, weights),
        evidence=_evidence(grades, weights),
        from_inventory=counts.any(axis=1) & ~(counts & declared.notna()).any(axis=1),
        differs=differs.any(axis=1),
        schools_differ=differs.sum(axis=1),
        not_applicable=(step == NOT_ASKED).all(axis=1),
    )
    replaced = _places(step.mask(differs, measured), points["dimension"])
    dimensions = _dimensions(step, told, weights).assign(measured_score=_by_pupil(replaced, weights))
    medians = told.groupby("dimension", sort=False)["step"].median().where(dimensions["score"].notna())
    most = dimensions["level"].max()
    level = _commune_level(dimensions["score"], most)
    return Maturity(
        points=told,
        dimensions=dimensions,
        level=level,
        median_level=_commune_level(medians, most),
        measured_level=_commune_level(dimensions["measured_score"], most),
        steady=0.0 if level is None else _steady(step, weights, dimensions, level, most),
    )


def _points() -> pd.DataFrame:
    """Every point of `maturity.toml`, index key, with the key of its dimension, its by_school and its releve."""
    rows = [{"dimension": one["key"], "by_school": one["by_school"], **point} for one, point in maturity_points()]
    return pd.DataFrame(rows).set_index("key").fillna({"releve": MEASURED})


def _weights(pupils: pd.Series[int]) -> pd.Series[float]:
    """The weight of each place: 1 for the commune; a school whose pupils are not known has the mean of the others."""
    known = pupils.where(pupils > 0).astype("Float64")
    return pd.concat([pd.Series({COMMUNE: 1.0}), known.fillna(known.mean()).fillna(1).astype(float)])


def _answers(workbook: Workbook) -> pd.DataFrame:
    return workbook.table("maturite").dropna(subset="echelon")


def _declared(workbook: Workbook, asked: pd.DataFrame, concerned: pd.DataFrame) -> list[pd.DataFrame]:
    """Steps, and ranks of evidence, by point and place; the commune's answer goes to the schools that it concerns."""
    rows = _answers(workbook).drop_duplicates(["point", "ecole"], keep="last")
    steps = {str(step): step for step in _steps()} | {"sans_objet": NOT_ASKED}
    told = rows.assign(step=rows["echelon"].map(steps), grade=rows["preuve"].fillna(DECLARED).map(GRADES.index))
    tables = [told.pivot(index="point", columns="ecole", values=one).reindex_like(asked) for one in ("step", "grade")]
    known = [own.astype(float).T for own in tables]
    return [own.fillna(own.loc[COMMUNE]).T.where(own.T.notna() | concerned).where(asked) for own in known]


def _by_pupil(steps: pd.DataFrame, weights: pd.Series[float]) -> pd.Series[float]:
    """The mean of the steps of each point over the places that have one."""
    known = steps.where(steps > 0)
    return (known.mul(weights).sum(axis=1) / known.notna().mul(weights).sum(axis=1)).astype("Float64")


def _evidence(grades: pd.DataFrame, weights: pd.Series[float]) -> pd.Series[str]:
    """The grade of each point that weighs most; `idxmax` takes the first, so the lower, of two."""
    weight = pd.DataFrame({grade: (grades == rank).mul(weights).sum(axis=1) for rank, grade in enumerate(GRADES)})
    return weight.idxmax(axis=1).astype(object).where(weight.any(axis=1), None)


def _place_scores(steps: pd.DataFrame, importance: npt.NDArray[np.float64]) -> pd.DataFrame:
    """The score of each place that can be scored (a column), for each row of the importance of points."""
    known = steps > 0
    scored = steps.columns[enough(known.sum(), (steps != NOT_ASKED).sum())]
    counted = known[scored].to_numpy(dtype=float)
    return pd.DataFrame((importance @ steps[scored].fillna(0)).to_numpy() / (importance @ counted), columns=scored)


def _counts(step: pd.DataFrame, dimension: pd.Series[str]) -> pd.DataFrame:
    """By dimension, the points answered somewhere and those asked somewhere."""
    somewhere = {"answered": (step > 0).any(axis=1), "asked": (step != NOT_ASKED).any(axis=1)}
    return pd.DataFrame(somewhere).groupby(dimension, sort=False).sum()


def _places(step: pd.DataFrame, dimension: pd.Series[str]) -> pd.DataFrame:
    """The scores by dimension and place; NaN where too few points are answered, there or anywhere."""
    scored = {key: _place_scores(of, np.ones((1, len(of)))).loc[0] for key, of in step.groupby(dimension, sort=False)}
    counts = _counts(step, dimension)
    return pd.DataFrame(scored, step.columns).T.where(enough(counts["answered"], counts["asked"]), axis=0)


def _dimensions(step: pd.DataFrame, points: pd.DataFrame, weights: pd.Series[float]) -> pd.DataFrame:
    """The table of dimensions of `Maturity`, but for the measured score."""
    dimension, table = points["dimension"], pd.DataFrame(resource("maturity")["dimension"]).set_index("key")
    places = _places(step, dimension)
    score, several = _by_pupil(places, weights), places.count(axis=1) > 1
    level = score.map(_half_up, na_action="ignore").astype("Int64")
    proved = points["evidence"].isin(set(GRADES) - {DECLARED}).groupby(dimension).any()
    capped = level.gt(rule("most_declared")).fillna(False).astype(bool) & ~proved
    return table[["label", "by_school"]].assign(
        **_counts(step, dimension),
        score=score,
        level=level.mask(capped, rule("most_declared")),
        schools=places.count(axis=1).where(table["by_school"]).astype("Int64"),
        low=places.min(axis=1).where(several).astype("Float64"),
        high=places.max(axis=1).where(several).astype("Float64"),
        capped=capped,
    )


def _commune_level(scores: pd.Series[float], most: int) -> int | None:
    level = overall_level(scores) if enough(scores.count(), len(scores)) else None
    return None if level is None else min(level, most)


def _steady(step: pd.DataFrame, weights: pd.Series[float], dimensions: pd.DataFrame, level: int, most: int) -> float:
    """The share of draws that give this level."""
    draws, dimension = np.random.default_rng(SEED), _points()["dimension"]
    scores = {}
    for key in dimensions.index[dimensions["score"].notna()]:
        of = step[dimension == key]
        scores[key] = _by_pupil(_place_scores(of, draws.uniform(1 - SPREAD, 1 + SPREAD, (DRAWS, len(of)))), weights)
    drawn = pd.DataFrame(scores).astype(float)
    means = np.average(drawn, axis=1, weights=draws.uniform(1 - SPREAD, 1 + SPREAD, drawn.shape))
    found = np.minimum(pd.Series(means).map(_half_up), drawn.map(_half_up).min(axis=1) + 1)
    return float((np.minimum(found, most) == level).mean())


def maturity_issues(workbook: Workbook) -> tuple[CellIssue, ...]:
    """A point answered twice for the same place; a school on a point that is judged for the whole commune."""
    rows, by_school = _answers(workbook), _points()["by_school"]
    alone = (rows["ecole"] != COMMUNE) & ~rows["point"].map(by_school).astype(bool)
    places, expected = rows["ecole"].replace(COMMUNE, WHOLE_COMMUNE), alone.map({True: FOR_ALL, False: ONCE})
    wrong = rows.index[alone | rows.duplicated(["point", "ecole"])]
    return tuple(workbook.issue("maturite", row, "ecole", places[row], expected[row]) for row in wrong)


def maturity_notices(workbook: Workbook) -> tuple[str, ...]:
    """The dimensions begun and not answered enough by the workbook alone, with the points that are still empty."""
    rows, notices = _answers(workbook), []
    column = workbook.places.get("maturite", {}).get("echelon", "")
    where = f"Feuille {sheet('maturite').title}{column and f', colonne {column}'}"
    for one in resource("maturity")["dimension"]:
        labels = {point["key"]: f"« {point['label']} »" for point in one["point"]}
        told = rows[rows["point"].isin(labels)]
        left = [label for key, label in labels.items() if key not in set(told["point"])]
        answered = told.loc[told["echelon"] != "sans_objet", "point"].nunique()
        if len(told) and left and not enough(answered, answered + len(left)):
            notices.append(
                f"{where}, « {one['label']} » : points situés, {answered} sur {answered + len(left)}. À moins de "
                f"{rule('answered_percent')} % de réponses, l'inventaire seul peut compléter une dimension. "
                f"Il reste : {', '.join(left)}."
            )
    return tuple(notices)
