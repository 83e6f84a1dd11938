"""The answers to the surveys, one row per person; the scales of the questions, and the step that a text says.

Belongs: the table that statistics count, and one answer. Does not: sheets and files (`answers_reader`, `answers_file`),
statistics (`evaluation`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd
from pydantic import TypeAdapter

from pupitre.data import resource
from pupitre.data.cells import FLAGS
from pupitre.data.codes import name_key
from pupitre.formats import as_it_is

YES_NO = ("Non", "Oui")
MOST_SCORE = 1024  # pix
LETTER = re.compile(r"[^\W\d_]")
NUMBER = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")
QUESTION = ("intitule", "groupe", "echelle", "perimetre")
WAVE, PERSON = ("vague", "groupe", "le", "invites"), ("vague", "groupe", "uai", "code")


@dataclass(frozen=True)
class Answers:
    """What was answered. Nothing in it is printed but through `evaluation.anonymity`.

    questions: index question: intitule, groupe, echelle (a key of `scales()`), perimetre; in the order of the sheet.
    waves: one row per wave and group, by date within a group: vague, groupe, le, invites (Int64, NA when unknown).
    people: one row per person, wave and group: vague, groupe, uai, code (None when not told).
    steps: same index; one column per question of `questions` that is not free: rank of the step from 1, 0 without an
    answer (int8).
    left_out: why → how many answers: blank (empty, or « ne sait pas »), free (free texts, which nobody prints).
    files: name → sha256 of each file read beside the workbook.
    """

    questions: pd.DataFrame
    waves: pd.DataFrame
    people: pd.DataFrame
    steps: pd.DataFrame
    left_out: Mapping[str, int]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Scale:
    """The steps of a question, lowest first; `favourable`: how many of the last ones are good answers.

    `width`: answers are numbers, of which this many make a step (8 pix a level); 0: answers are steps.
    """

    label: str
    steps: tuple[str, ...]
    favourable: int
    width: int = 0


@cache
def scales() -> dict[str, Scale]:
    """The scales of the questions, by key; one without steps takes free texts."""
    return TypeAdapter(dict[str, Scale]).validate_python(resource("workbook")["scale"])


def no_answers() -> Answers:
    """The answers of a workbook that has none."""
    questions = pd.DataFrame(columns=QUESTION, index=pd.Index([], name="question"))
    waves, people = pd.DataFrame(columns=WAVE).astype({"invites": "Int64"}), pd.DataFrame(columns=PERSON)
    return Answers(questions, waves, people, pd.DataFrame(index=people.index), {"blank": 0, "free": 0}, {})


@cache
def _ranks(scale: Scale) -> dict[str, int]:
    """The rank of each step, by its words as compared."""
    return {name_key(step): rank for rank, step in enumerate(scale.steps, 1)}


def step_of(text: str, scale: Scale) -> int:
    """The rank, from 1, of the step that a clean text says, by its words or its number; 0 when it is not of the scale.

    >>> [step_of(text, scales()["frequence"]) for text in ("chaque  JOUR", "5", "4,0", "6", "-1", "Souvent")]
    [5, 5, 4, 0, 0, 0]
    >>> [step_of(text, scales()["oui_non"]) for text in ("Oui", "vrai", "0", "2")]
    [2, 2, 1, 0]
    >>> [step_of(text, scales()["pix"]) for text in ("7", "8", "39,5", "1024", "1025")]
    [1, 2, 5, 6, 0]
    """
    if scale.steps == YES_NO and text.lower() in FLAGS:
        return FLAGS[text.lower()] + 1
    if LETTER.search(text):  # « >4 » is not the step « 4 »
        return _ranks(scale).get(name_key(text), 0)
    if scale.steps == YES_NO or not NUMBER.fullmatch(text):
        return 0
    value = float(text.replace(",", "."))
    if scale.width:
        return min(int(value // scale.width), len(scale.steps) - 1) + 1 if value <= MOST_SCORE else 0
    return int(value) if value in range(1, len(scale.steps) + 1) else 0


def steps_expected(scale: Scale) -> str:
    """What an answer on a scale may be."""
    if scale.width:
        return f"on attend un nombre de 0 à {as_it_is(MOST_SCORE)}"
    if scale.steps == YES_NO:
        return "on attend oui ou non"
    steps, last = ", ".join(f"« {step} »" for step in scale.steps), len(scale.steps)
    return f"on attend {steps}" if LETTER.search(steps) is None else f"on attend {steps}, ou son rang de 1 à {last}"
