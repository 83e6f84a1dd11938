"""The indicators, fixed before the start: baseline, target, threshold that calls the committee; how they were changed.

Belongs: the sheet Indicateurs, its versions, and which of them each row of the sheet Mesures measures. Does not:
progress, forecasts (`evaluation.follow_up`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pandas as pd

from pupitre.data.codes import name_key
from pupitre.data.sheets import clean
from pupitre.data.workbook import Workbook
from pupitre.errors import CellIssue

SHEET, MEASURES = "indicateurs", "mesures"
PERCENT = "%"
MARK = re.compile(r"(?:note )?sur (\d+)")
COUNTED = ["definition", "numerateur", "denominateur", "unite"]  # when one changes, measures no longer compare
OPINIONS = ("apports", "satisfaction_enseignants", "satisfaction_eleves")
FEWEST_TOLD = 10  # people: two categories of five, as in the tables of surveys
WAYS = {"hausse": 1, "baisse": -1}
Told = Mapping[Any, Any]
Wrong = tuple[int, str, str]


def versions_of(workbook: Workbook) -> pd.DataFrame:
    """Every version of every indicator, in order of first appearance, then by date of change; index: its row.

    The columns of the sheet, and: name (a number: rows of one name, written alike or nearly, share it), series (a
    number: consecutive versions that count the same thing in the same unit share it, and their measures).
    """
    table = workbook.table(SHEET).dropna(subset="indicateur")
    name, _ = pd.factorize(table["indicateur"].map(name_key))
    since = table["modifie_le"].map(lambda day: day or date.min)
    table = table.assign(name=name, since=since).sort_values(["name", "since"], kind="stable").drop(columns="since")
    counted = table[COUNTED].fillna("").map(str.casefold)
    breaks = counted.ne(counted.shift()).any(axis=1) | table["name"].ne(table["name"].shift())
    return table.assign(series=breaks.cumsum())


def current_indicators(workbook: Workbook) -> pd.DataFrame:
    """The last version of each indicator, in order of first appearance; the columns of the sheet."""
    last = versions_of(workbook).drop_duplicates("name", keep="last")
    return last.drop(columns=["name", "series"]).reset_index(drop=True)


def former_indicators(workbook: Workbook) -> pd.DataFrame:
    """The versions that were replaced, each name's oldest first: the columns of the sheet, and `replaced_on`.

    `motif`: why the next one replaced it.
    """
    versions = versions_of(workbook)
    following = versions.groupby("name")[["modifie_le", "motif"]].shift(-1)
    versions = versions.assign(replaced_on=following["modifie_le"], motif=following["motif"])
    replaced = versions[versions.duplicated("name", keep="last")]
    return replaced.drop(columns=["name", "series"]).reset_index(drop=True)


def measures_of(workbook: Workbook) -> pd.DataFrame:
    """The measures by day; index: their row; the columns of the sheet, and the name and series of `versions_of`.

    A measure belongs to the version in force on its day: a new one from its date of change on. Name and series are -1
    when no indicator bears its name.
    """
    table, versions = workbook.table(MEASURES).dropna(subset="indicateur"), versions_of(workbook)
    named: dict[str, list[Told]] = {}
    for told in versions.to_dict("records"):
        named.setdefault(name_key(told["indicateur"]), []).append(told)
    pairs = zip(table["indicateur"], table["le"], strict=True)
    held = [_in_force(named.get(name_key(name), []), day) for name, day in pairs]
    numbers = pd.DataFrame(held, table.index, columns=["name", "series"], dtype="int64")
    return table.join(numbers).sort_values("le", kind="stable")


def _in_force(versions: Sequence[Told], day: date | None) -> tuple[int, int]:
    begun = [told for told in versions if day and told["modifie_le"] and told["modifie_le"] <= day]
    return next(((told["name"], told["series"]) for told in (*begun[::-1], *versions)), (-1, -1))


def direction(told: Told) -> int:
    """1 when an indicator must rise, -1 when it must fall: as told, else from baseline to target; 0 when not known."""
    if told["sens"]:
        return WAYS[told["sens"]]
    return 0 if pd.isna(told["depart"]) else int(np.sign(told["cible"] - told["depart"]))


def ceiling(unit: str | None) -> float | None:
    """The most that a value in this unit can be, None when nothing bounds it.

    >>> ceiling("%"), ceiling("note sur 5"), ceiling("jours")
    (100.0, 5.0, None)
    """
    mark = MARK.fullmatch((unit or "").strip().lower())
    return 100.0 if unit == PERCENT else float(mark[1]) if mark else None


def indicator_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Targets, dates, thresholds and objectives that cannot hold together; versions whose order is not told."""
    ranks = set(workbook.table("objectifs")["rang"])
    rows = _records(workbook.table(SHEET).dropna(subset=["cible", "cible_le"]))
    broken = ((told["row"], column, expected) for told in rows for column, expected in _wrong(told, ranks))
    yield from _issues(workbook, SHEET, chain(broken, _wrong_versions(versions_of(workbook))))


def measure_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Measures of no indicator, before its baseline, twice a day, or that cannot be; baselines that are missing."""
    versions, measures = versions_of(workbook), measures_of(workbook)
    read = versions[versions["series"].isin(measures["series"])].drop_duplicates("series", keep="last")
    yield from _issues(workbook, SHEET, _missing(_records(read)))
    starts = versions.dropna(subset="depart_le").groupby("series")["depart_le"].min()
    measures = measures.assign(
        start=measures["series"].map(starts),
        unit=measures["series"].map(read.set_index("series")["unite"]).astype("object").fillna(""),
        perimeter=measures["series"].map(read.set_index("series")["perimetre"]),
        sur=measures["sur"].astype("float64"),
        twice=(measures["name"] >= 0) & measures["le"].notna() & measures.duplicated(["name", "le"]),
    ).sort_index()
    yield from _issues(workbook, MEASURES, _wrong_measures(_records(measures)))


def _records(table: pd.DataFrame) -> Sequence[Told]:
    return table.rename_axis("row").reset_index().to_dict("records")


def _issues(workbook: Workbook, key: str, wrong: Iterable[Wrong]) -> Iterator[CellIssue]:
    """The issues of a sheet, the first of each cell."""
    table, said = workbook.table(key).astype(object), dict[tuple[int, str], str]()
    for row, column, expected in wrong:
        said.setdefault((row, column), expected)
    for (row, column), expected in said.items():
        found: Any = table.loc[row, column]
        yield workbook.issue(key, row, column, "" if pd.isna(found) else clean(found), f"on attend {expected}")


def _wrong(told: Told, ranks: Collection[int]) -> Iterator[tuple[str, str]]:
    """The column and what is expected of it, for each rule that a row of Indicateurs breaks alone."""
    start, target, alert, way = told["depart"], told["cible"], told["alerte"], direction(told)
    ahead = bool(pd.isna(start)) or way * (target - start) > 0
    if told["depart_le"] and told["cible_le"] <= told["depart_le"]:
        yield "cible_le", f"une date après le {told['depart_le']:%d/%m/%Y}, jour de la valeur de départ"
    if told["modifie_le"] and told["cible_le"] <= told["modifie_le"]:
        yield "cible_le", f"une date après le {told['modifie_le']:%d/%m/%Y}, jour où l'indicateur a changé"
    if not ahead and not way:
        yield "cible", "une cible différente de la valeur de départ"
    elif not ahead:
        yield "cible", "une cible que la valeur de départ n'a pas déjà atteinte"
    if pd.notna(alert) and (alert == target or (ahead and way * (alert - target) > 0)):
        yield "alerte", "un seuil que l'on passe avant la cible, et non après"
    if pd.notna(told["objectif"]) and told["objectif"] not in ranks:
        yield "objectif", "le rang d'un objectif de la feuille Objectifs"
    for column in ("depart", "cible", "alerte"):
        yield from ((column, expected) for expected in _too_high(told[column], told["unite"]))


def _too_high(value: Any, unit: str | None) -> Iterator[str]:
    most = ceiling(unit)
    if most is not None and pd.notna(value) and value > most:
        yield f"un nombre de 0 à {most:.0f} (unité : {unit})"


def _wrong_versions(versions: pd.DataFrame) -> Iterator[Wrong]:
    """What is expected of the dates of change of the indicators that stand on several rows, or replace nothing."""
    for _, rows in versions.groupby("name"):
        first, *changes = _records(rows)
        if first["modifie_le"]:
            yield first["row"], "modifie_le", "une case vide, ou sur une autre ligne l'indicateur d'origine, sans date"
        for before, told in pairwise((first, *changes)):
            yield from ((told["row"], "modifie_le", expected) for expected in _wrong_change(told, before, first))


def _wrong_change(told: Told, before: Told, first: Told) -> Iterator[str]:
    start = first["depart_le"]
    if not told["modifie_le"]:
        yield f"la date où cette ligne remplace la ligne {before['row']}, ou un autre nom d'indicateur"
    elif told["modifie_le"] == before["modifie_le"]:
        yield f"une autre date que celle de la ligne {before['row']}, qui change le même indicateur"
    elif start and told["modifie_le"] <= start:
        yield f"une date après le {start:%d/%m/%Y}, jour de la valeur de départ"


def _missing(read: Iterable[Told]) -> Iterator[Wrong]:
    """The baselines without which measures show nothing."""
    for told in read:
        if pd.isna(told["depart"]):
            yield told["row"], "depart", "la valeur de départ, puisque l'indicateur a des mesures"
        if not told["depart_le"]:
            yield told["row"], "depart_le", "le jour de la valeur de départ, puisque l'indicateur a des mesures"


def _wrong_measures(measures: Iterable[Told]) -> Iterator[Wrong]:
    """What is expected of each measure: `start`, the day of its baseline, `unit`, and whether one stands that day."""
    for told in measures:
        row, start = told["row"], told["start"]
        if told["name"] < 0:
            yield row, "indicateur", "le nom d'un indicateur, écrit comme dans la feuille Indicateurs"
        if told["le"] and pd.notna(start) and told["le"] <= start:
            yield row, "le", f"une date après le {start:%d/%m/%Y}, jour de la valeur de départ"
        if told["twice"]:
            yield row, "le", "une seule mesure de cet indicateur par jour"
        if told["unit"] == PERCENT and 0 < told["valeur"] < 1:
            yield row, "valeur", "un pourcentage : écrivez 59 pour 59 %"
        if told["perimeter"] in OPINIONS and told["sur"] < FEWEST_TOLD:
            yield (
                row,
                "sur",
                f"{FEWEST_TOLD} personnes au moins : de moins, la mesure désignerait quelqu'un ; retirez-la",
            )
        yield from ((row, "valeur", expected) for expected in _too_high(told["valeur"], told["unit"]))
