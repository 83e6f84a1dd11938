"""From the texts of the sheet Enquêtes and of the files to the answers of people, and every cell to correct.

Belongs: people across rows and tables, the rules that questions, waves and codes keep. Does not: one table
(`answers_table`), one answer (`answers`), statistics (`evaluation`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pupitre.data.answers import PERSON, QUESTION, WAVE, Answers, scales
from pupitre.data.answers_file import SURVEY, Texts, compared
from pupitre.data.answers_table import MOST_ISSUES, Array, Asked, Entries, TableReader
from pupitre.data.quotes import HIDDEN, contact_names
from pupitre.data.sheets import clean, sheet
from pupitre.errors import CellIssue
from pupitre.formats import as_it_is

if TYPE_CHECKING:
    from pupitre.data.workbook import Workbook

MOST_QUESTIONS = 300


def read_answers(
    book: Workbook, tables: Sequence[Texts], schools: Mapping[str, Sequence[str]]
) -> tuple[Answers, tuple[CellIssue, ...]]:
    """The answers of the sheet Enquêtes and of the files, and what is to be corrected in them.

    A row answers a question in the column of its code, or by its cells Question and Réponse. It is one person in each
    group whose questions it answers, with the other rows of that wave, group and code; without code it stands alone.
    `schools`: see `school_index`. At most fifty issues of a table are listed, then how many more there are.
    """
    groups = sheet("questions").column("groupe").choices
    questions = _questions(book, list(groups))
    asked = Asked(questions, _waves(book, list(groups)), groups, schools, contact_names(book))
    readers = [TableReader(one, asked) for one in tables]
    people, steps = _people(readers, asked)
    left_out = {why: sum(reader.left_out[why] for reader in readers) for why in ("blank", "free")}
    files = {one.name: one.sha256 for one in tables if one.sha256}
    told = [table[list(columns)] for table, columns in ((questions, QUESTION), (asked.waves, WAVE))]
    issues = (*_question_issues(book), *_wave_issues(book), *_crowded(book, asked.waves, people))
    waves = told[1].reset_index(drop=True)
    listed = chain.from_iterable(reader.issues() for reader in readers)
    return Answers(told[0], waves, people, steps, left_out, files), (*issues, *listed)


def _questions(book: Workbook, groups: Sequence[str]) -> pd.DataFrame:
    """The questions that can be counted, as `Asked` holds them."""
    table = book.table("questions").dropna()
    table = table.assign(key=table["question"].map(compared)).drop_duplicates("key").head(MOST_QUESTIONS)
    group = np.array([groups.index(one) for one in table["groupe"]], dtype=int)
    ordered = np.array([bool(scales()[one].steps) for one in table["echelle"]], dtype=bool)
    return table.assign(group=group, ordered=ordered).set_index("question")


def _waves(book: Workbook, groups: Sequence[str]) -> pd.DataFrame:
    """The waves that can be counted, as `Asked` holds them: by date within a group, on their Excel rows."""
    table = book.table("vagues").dropna(subset=["vague", "groupe", "le"])
    table = table.assign(key=table["vague"].map(compared)).drop_duplicates(["key", "groupe"])
    group = np.array([groups.index(one) for one in table["groupe"]], dtype=int)
    return table.assign(group=group).sort_values(["group", "le"])


def _question_issues(book: Workbook) -> Iterator[CellIssue]:
    codes, known = book.table("questions")["question"].dropna(), dict[str, str]()
    for rank, (row, code) in enumerate(zip(codes.index, codes, strict=True)):
        expected = ""
        if known.setdefault(compared(code), code) != code:
            expected = f"on attend plus qu'une majuscule ou un accent pour le distinguer de « {known[compared(code)]} »"
        elif compared(code) in sheet(SURVEY).names:
            expected = f"on attend un code qui ne soit pas un intitulé de la feuille {sheet(SURVEY).title}"
        elif rank == MOST_QUESTIONS:
            expected = f"on attend {MOST_QUESTIONS} questions au plus"
        if expected:
            yield book.issue("questions", row, "question", code, expected)


def _wave_issues(book: Workbook) -> Iterator[CellIssue]:
    table = book.table("vagues").dropna(subset=["vague", "groupe"])
    twice = table.assign(vague=table["vague"].map(compared)).duplicated(["vague", "groupe"])
    for row, name in zip(table.index[twice], table.loc[twice, "vague"], strict=True):
        yield book.issue("vagues", row, "vague", name, "on attend chaque vague une seule fois par groupe")
    days = table[~twice].dropna(subset=["le"])
    days = days[days.duplicated(["groupe", "le"])]
    for row, day in zip(days.index, days["le"], strict=True):
        yield book.issue("vagues", row, "le", clean(day), "on attend une date différente à chaque vague d'un groupe")


def _crowded(book: Workbook, waves: pd.DataFrame, people: pd.DataFrame) -> Iterator[CellIssue]:
    """The waves to which more people answered than could."""
    counts = people.groupby(["vague", "groupe"]).size().to_dict()
    asked = waves.dropna(subset=["invites"])
    for row, wave, group, most in zip(asked.index, asked["vague"], asked["groupe"], asked["invites"], strict=True):
        if (count := counts.get((wave, group), 0)) > most:
            least = f"on attend au moins {as_it_is(count)}, le nombre de personnes qui ont répondu"
            yield book.issue("vagues", row, "invites", str(most), f"{least} ; sans code, chaque ligne en est une")


def _people(readers: Sequence[TableReader], asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The people and the steps of `Answers`, in the order of rows; codes that stand twice are noted."""
    tables = [reader.rows.assign(table=rank, number=reader.rows.index) for rank, reader in enumerate(readers)]
    rows = pd.concat(tables, ignore_index=True)
    entries = _entries(readers, asked)
    records, of = _records(rows, entries, max(len(asked.waves), 1))
    first, person = records.drop_duplicates("person"), records["person"].to_numpy()[of]
    schools = records.dropna(subset=["uai"]).drop_duplicates("person").set_index("person")["uai"].to_dict()
    elsewhere = records["uai"].notna() & (records["uai"] != records["person"].map(schools))
    _note_repeats(readers, rows, records, elsewhere.to_numpy() | _repeated(records, entries, of))

    waves = asked.waves.iloc[first["wave"].to_numpy()]
    told = {
        "vague": waves["vague"].to_numpy(),
        "groupe": waves["groupe"].to_numpy(),
        "uai": [schools.get(rank) for rank in range(len(first))],
        "code": rows["code"].to_numpy()[first["row"]],
    }
    ordered = asked.questions["ordered"].to_numpy()
    steps = np.zeros((len(first), len(ordered)), dtype=np.int8)
    steps[person, entries["question"]] = entries["step"]
    named = pd.DataFrame(steps[:, ordered], columns=list(asked.questions.index[ordered]))
    return pd.DataFrame(told, columns=list(PERSON), dtype=object), named


def _entries(readers: Sequence[TableReader], asked: Asked) -> pd.DataFrame:
    """All answers that stand in a wave: row among all, question, step, wide, and the rank of the wave."""
    starts = np.cumsum([0, *(len(reader.rows) for reader in readers)])
    parts = [one.entries._replace(row=one.entries.row + start) for one, start in zip(readers, starts, strict=False)]
    entries = pd.DataFrame(dict(zip(Entries._fields, map(np.concatenate, zip(*parts, strict=True)), strict=True)))
    group = asked.questions["group"].to_numpy()[entries["question"]]
    wave = np.concatenate([reader.waves for reader in readers])[entries["row"], group]
    return entries.assign(wave=wave)[wave >= 0]


def _records(rows: pd.DataFrame, entries: pd.DataFrame, width: int) -> tuple[pd.DataFrame, Array]:
    """What one row says in one wave of a group: row, wave, wide, uai, person; and the record of each entry.

    The records of one code in one wave are one person; without code each is one.
    """
    record, of = np.unique(entries["row"] * width + entries["wave"], return_inverse=True)
    records = pd.DataFrame({"row": record // width, "wave": record % width})
    code = pd.factorize(rows["code"])[0]
    whose = np.where(code < 0, len(code) + np.arange(len(code)), code)[records["row"]]
    records["person"] = pd.factorize(whose * width + records["wave"])[0]
    records["uai"] = rows["uai"].to_numpy()[records["row"]]
    return records.assign(wide=np.bincount(of, entries["wide"], len(records)) > 0), of


def _repeated(records: pd.DataFrame, entries: pd.DataFrame, of: Array) -> Array:
    """Which records are a second row of answers of a person, or answer a question that one answered before."""
    wide = records.loc[records["wide"], "person"].duplicated()
    order = np.argsort(of, kind="stable")
    person, question = records["person"].to_numpy()[of], entries["question"].to_numpy()
    twice = pd.Series((person * (question.max(initial=0) + 1) + question)[order]).duplicated()
    again = np.zeros(len(records), dtype=bool)
    again[[*wide.index[wide], *of[order][twice]]] = True
    return again


def _note_repeats(readers: Sequence[TableReader], rows: pd.DataFrame, records: pd.DataFrame, again: Array) -> None:
    """Say where each repeated code stands first; the code itself is not repeated."""
    first = records.drop_duplicates("person").set_index("person")["row"]
    late = records[again].drop_duplicates("row").assign(first=lambda one: one["person"].map(first))
    tables, numbers = rows["table"].to_numpy(), rows["number"].to_numpy()
    for rank, reader in enumerate(readers):
        own = late[tables[late["row"]] == rank]
        reader.unlisted += max(0, len(own) - MOST_ISSUES)
        for row, origin in own[["row", "first"]].head(MOST_ISSUES).itertuples(index=False):
            if row == origin:
                found = str(reader.table.frame["question"][numbers[row]])
                reader.refuse_row(numbers[row], "question", found, "on attend une seule réponse par question")
            else:
                other = "" if tables[origin] == rank else f" de « {readers[tables[origin]].table.name} »"
                expected = f"on attend un code par personne, déjà donné ligne {numbers[origin]}{other}"
                reader.refuse_row(numbers[row], "code", HIDDEN, expected)
