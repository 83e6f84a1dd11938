"""One table of answers, of the sheet Enquêtes or of a file: what each row says, and every cell to correct in it.

Belongs: wide and long layouts, the texts of one table. Does not: opening a file (`answers_file`), people across rows
and tables (`answers_reader`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pupitre.data.answers import scales, step_of, steps_expected
from pupitre.data.answers_file import Texts, answer_repeated, compared, repeated
from pupitre.data.cells import Refused, find_school, unsaid
from pupitre.data.codes import UNSAFE
from pupitre.data.quotes import HIDDEN, looks_like_a_name
from pupitre.data.sheets import MOST_TEXT, clean, kinds, sheet
from pupitre.errors import CellIssue
from pupitre.formats import written

MOST_ISSUES = 50
OURS = ("vague", "ecole", "question")  # what is no answer of anybody
CODE = "on attend un code de la feuille Questions"
Array = npt.NDArray[Any]


class Asked(NamedTuple):
    """What was asked, by which answers are read.

    questions: index question; intitule, groupe, echelle, perimetre, key (the code as compared), group (rank of its
    group), ordered (whether its scale has steps). waves: vague, groupe, le, invites, key, group. schools: a
    `school_index`. names: those that no code may be.
    """

    questions: pd.DataFrame
    waves: pd.DataFrame
    groups: Mapping[str, str]
    schools: Mapping[str, Sequence[str]]
    names: Sequence[str]


class Entries(NamedTuple):
    """Answers: their rows, the ranks of their questions, their steps, and whether each has a column of its own."""

    row: Array
    question: Array
    step: Array
    wide: Array


class _Column(NamedTuple):
    """A column: its distinct texts, clean, empty where nothing is said; and which of them each row has."""

    texts: list[str]
    codes: Array

    def map(self, read: Callable[[str], Any], dtype: Any = object) -> Array:
        """What each row says, each distinct text being read once."""
        return np.array([read(text) for text in self.texts], dtype=dtype)[self.codes]

    @property
    def said(self) -> Array:
        """Which rows say something."""
        return self.map(bool, bool)


def _rank(ranks: Mapping[Any, int], text: str) -> int:
    return ranks.get(compared(text), -1)


class TableReader:
    """One table on its way to answers.

    rows: vague (as compared), uai, code. waves: rows × groups, the rank of the wave of a row in a group, -1 when there
    is none. left_out: see `Answers`. unlisted: how many issues are only counted.
    """

    def __init__(self, table: Texts, asked: Asked) -> None:
        """Read the table: everything is then complete, but for the codes that stand twice."""
        self.table, self.asked, self.left_out = table, asked, {"blank": 0, "free": 0}
        self._entries, self._issues, self.unlisted = list[Entries](), list[tuple[int, int, CellIssue]](), 0
        told = {key: self._column(key) for key in ("vague", "ecole", "code", "question", "reponse")}
        added = {key: self._column(key) for key in table.places if key not in told}
        filled = np.logical_or.reduce([one.said for one in (*told.values(), *added.values())])
        self._refuse(filled & ~told["vague"].said, "vague", told["vague"], "on attend le nom d'une vague")
        self.rows = self._rows(told["vague"], told["ecole"], told["code"])
        self._read_long(told["question"], told["reponse"])
        self._read_wide(added, filled & ~told["question"].said)
        self.entries = Entries(*map(np.concatenate, zip(*self._entries, strict=True)))
        self.waves = self._waves(told["vague"])

    def issues(self) -> Iterator[CellIssue]:
        """Why the table was not read, or its first issues by row and column, then how many more there are."""
        found = sorted(self._issues, key=lambda one: one[:2])[:MOST_ISSUES]
        yield from (*self.table.issues, *(issue for *_, issue in found))
        if more := len(self._issues) + self.unlisted - len(found):
            yield CellIssue(self.table.name, "", written(more, "autre cellule|autres cellules"), "on attend de même")

    def refuse_row(self, row: int, key: str, found: str, expected: str) -> None:
        """Note a row, by its Excel number, whose cell is wrong; a column that is absent was noted already."""
        if key in self.table.places:
            rank, cell = list(self.table.places).index(key), f"{self.table.places[key]}{row}"
            self._issues.append((row, rank, CellIssue(self.table.name, cell, repeated(found), expected)))

    def _refuse(self, wrong: Array, key: str, column: _Column, expected: str, hidden: bool = False) -> None:
        """Note the rows of a column that are wrong, those beyond what is listed being only counted."""
        rows = np.flatnonzero(wrong)
        for row in rows[:MOST_ISSUES]:
            told = column.texts[column.codes[row]]
            found = HIDDEN if hidden else told if key in OURS else answer_repeated(told)
            self.refuse_row(int(self.table.frame.index[row]), key, found, expected)
        self.unlisted += len(rows[MOST_ISSUES:]) if key in self.table.places else 0

    def _column(self, key: str) -> _Column:
        """A column of texts, those that cannot be read refused."""
        frame = self.table.frame
        values = frame[key].to_numpy(dtype=object) if key in frame else np.full(len(frame), None)
        codes, found = pd.factorize(values)
        column = _Column([*map(clean, found), ""], codes)  # nothing is the code -1, so the last text
        wrong = [len(text) > MOST_TEXT or bool(UNSAFE.search(text)) for text in column.texts]
        expected = f"on attend {kinds()['text'].expected}"
        self._refuse(np.array(wrong)[codes], key, column, expected, hidden=key == "code")
        kept = zip(column.texts, wrong, strict=True)
        return _Column(["" if bad or unsaid(text) else text for text, bad in kept], codes)

    def _rows(self, waves: _Column, schools: _Column, codes: _Column) -> pd.DataFrame:
        uai = schools.map(self._school)
        self._refuse(schools.said & pd.isna(uai), "ecole", schools, f"on attend {kinds()['school'].expected}")
        named = codes.map(partial(looks_like_a_name, names=self.asked.names), bool)
        self._refuse(named, "code", codes, "on attend un code, pas un nom", hidden=True)
        keys, code = waves.map(lambda text: compared(text) or None), codes.map(lambda text: text.casefold() or None)
        return pd.DataFrame({"vague": keys, "uai": uai, "code": code}, self.table.frame.index, dtype=object)

    def _school(self, text: str) -> str | None:
        try:
            return find_school(text, self.asked.schools) if text else None
        except Refused:
            return None

    def _read_long(self, questions: _Column, answers: _Column) -> None:
        """The answers of the rows that name their question."""
        ranks = {key: rank for rank, key in enumerate(self.asked.questions["key"])}
        asked = questions.map(partial(_rank, ranks), int)
        self._refuse((questions.said | answers.said) & (asked < 0), "question", questions, CODE)
        self._take("reponse", answers, asked, wide=False)
        ordered = self.asked.questions["ordered"].to_numpy()
        self.left_out["blank"] += int(ordered[asked[(asked >= 0) & ~answers.said]].sum())

    def _read_wide(self, columns: Mapping[str, _Column], alone: Array) -> None:
        """The answers under the codes of questions; blanks are those of the groups that a row answers, or of all."""
        titles = {compared(title): title for title in columns}
        for title in (title for key, title in titles.items() if key not in set(self.asked.questions["key"])):
            self.refuse_row(self.table.header, title, title, CODE)
        answered = np.zeros((len(self.rows), len(self.asked.groups)), dtype=bool)
        group, ordered = self.asked.questions["group"].to_numpy(), self.asked.questions["ordered"].to_numpy()
        known = {rank: titles[key] for rank, key in enumerate(self.asked.questions["key"]) if key in titles}
        for rank, title in known.items():
            answered[:, group[rank]] |= columns[title].said
            self._take(title, columns[title], np.full(len(self.rows), rank), wide=True)
        silent = alone & ~answered.any(axis=1)
        for rank, title in known.items():
            blank = ordered[rank] & (answered[:, group[rank]] | silent) & ~columns[title].said
            self.left_out["blank"] += int(blank.sum())

    def _take(self, key: str, column: _Column, asked: Array, wide: bool) -> None:
        """Note the answers of a column: `asked` says which question each row answers, -1 none."""
        given, steps = column.said & (asked >= 0), np.zeros(len(asked), dtype=np.int8)
        names = self.asked.questions["echelle"].to_numpy(dtype=object)
        for name in dict.fromkeys(names[np.unique(asked[given])]):
            here, scale = given & np.isin(asked, np.flatnonzero(names == name)), scales()[name]
            ranks = column.map(partial(step_of, scale=scale), np.int8)
            steps[here] = ranks[here]
            if scale.steps:
                self._refuse(here & (ranks == 0), key, column, steps_expected(scale))
            else:
                self.left_out["free"] += int(here.sum())
        rows = np.flatnonzero(given)
        self._entries.append(Entries(rows, asked[rows], steps[rows], np.full(len(rows), wide)))

    def _waves(self, names: _Column) -> Array:
        """The rank of the wave of each row in each group; a row that answers a group in no wave of it is refused."""
        ranks = pd.Series(range(len(self.asked.waves)), self.asked.waves["key"], dtype=int)
        own = [ranks[(self.asked.waves["group"] == rank).to_numpy()] for rank in range(len(self.asked.groups))]
        found = [names.map(partial(_rank, one.to_dict()), int) for one in own]
        waves = np.stack([*found, np.full(len(self.rows), -1)], axis=1)
        answered = np.zeros(waves.shape, dtype=bool)
        answered[self.entries.row, self.asked.questions["group"].to_numpy()[self.entries.question]] = True
        lost = answered & (waves < 0) & names.said[:, None]
        for rank, label in enumerate(self.asked.groups.values()):
            expected = f"on attend une vague de la feuille {sheet('vagues').title}, pour le groupe {label}"
            self._refuse(lost[:, rank] & ~lost[:, :rank].any(axis=1), "vague", names, expected)
        return waves
