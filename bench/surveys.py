"""What it costs to read 20 000 answers to 40 questions from a file, and to compute every statistic of them."""

from __future__ import annotations

import csv
import datetime as dt
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pupitre.data.answers import Answers, scales
from pupitre.data.answers_file import answer_files
from pupitre.data.answers_reader import read_answers
from pupitre.data.cells import school_index
from pupitre.data.dossier import Dossier, known_schools, load_dossier
from pupitre.data.project import edition_date, project_root, store_path
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.evaluation.statistics import OrdinalSummary, ordinal_summary

PEOPLE, QUESTIONS, WAVES, SEED, RUNS = 20_000, 40, ("2025", "2026"), 6, 5
SCALES = ("accord", "note", "frequence", "oui_non")
Result = TypeVar("Result")


def questionnaire() -> Workbook:
    """A workbook that asks forty questions in two waves."""
    asked = {
        row: {"question": f"Q{row}", "intitule": f"Question {row}", "groupe": "eleves", "perimetre": "usages"}
        | {"echelle": SCALES[row % len(SCALES)]}
        for row in range(1, QUESTIONS + 1)
    }
    held = {
        row: {"vague": wave, "groupe": "eleves", "le": dt.date(int(wave), 5, 4), "invites": PEOPLE}
        for row, wave in enumerate(WAVES)
    }
    tables = {"questions": typed(sheet("questions"), asked), "vagues": typed(sheet("vagues"), held)}
    return Workbook("13028", "w.xlsx", "", None, tables, ())


def write_answers(book: Workbook, dossier: Dossier, path: Path) -> None:
    """A file of answers drawn from a seed, one person a row, one answer in twenty missing."""
    draw, schools = random.Random(SEED), list(known_schools(dossier.schools)["uai"])  # noqa: S311 (no secret)
    questions = book.table("questions")
    steps = [["", *scales()[scale].steps * 5] for scale in questions["echelle"]]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["vague", "école", "code", *questions["question"]])
        for person in range(PEOPLE):
            wave, code = WAVES[person % len(WAVES)], f"c{person // len(WAVES)}"
            writer.writerow([wave, draw.choice(schools), code, *map(draw.choice, steps)])


def read(book: Workbook, dossier: Dossier, folder: Path) -> Answers:
    """The answers of the files of a folder, which must all be right."""
    answers, issues = read_answers(book, answer_files(folder), school_index(known_schools(dossier.schools)))
    assert not issues and len(answers.people) == PEOPLE  # noqa: S101, PT018
    return answers


def summarise(answers: Answers) -> list[OrdinalSummary]:
    """The distribution, median and top-two share of every question in every wave."""
    told = []
    for wave in answers.waves["vague"]:
        steps = answers.steps[answers.people["vague"] == wave]
        for question, scale in answers.questions["echelle"].items():
            ranks = steps[question].where(steps[question] > 0)
            told.append(ordinal_summary(ranks, range(1, len(scales()[scale].steps) + 1), PEOPLE))
    return told


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Median time of a call, in seconds, and what it gave."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def main() -> None:
    """Print both times and their sum."""
    dossier, book = load_dossier("13028", edition_date(project_root()), store_path()), questionnaire()
    with tempfile.TemporaryDirectory() as folder:
        write_answers(book, dossier, Path(folder) / "enquetes.csv")
        reading, answers = timed(lambda: read(book, dossier, Path(folder)))
    counting, told = timed(lambda: summarise(answers))
    whole = reading + counting
    print(
        f"{PEOPLE} answers to {QUESTIONS} questions   read {reading:4.2f} s   {len(told)} summaries {counting:4.2f} s"
    )
    print(f"in all {whole:4.2f} s (aim: 2)")


if __name__ == "__main__":
    main()
