"""What parents ask, answered with the commune's own figures; the same in both editions."""

from __future__ import annotations

from pupitre.show.html import NOTHING, Html, inline
from pupitre.study import Study
from pupitre.study.texts import say_all

QUESTIONS = (
    "question_wifi", "question_taxes", "question_screens", "question_buying", "question_data", "question_old_devices",
    "question_judging",
)  # fmt: skip


def show_questions(study: Study) -> Html:
    """Each question that has an answer for this commune; nothing without a programme."""
    if study.programme is None:
        return NOTHING
    answered = "".join(_entry(study, lines) for name in QUESTIONS if (lines := say_all(study, name)))
    return Html(f"<dl>{answered}</dl>")


def _entry(study: Study, lines: list[str]) -> str:
    """A question and the paragraphs of its answer, as a term and what is said of it."""
    question, *answer = (inline(line, study.figures) for line in lines)
    return f"<dt>{question}</dt>" + "".join(f"<dd>{line}</dd>" for line in answer)
