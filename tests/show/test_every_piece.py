from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from pupitre import show
from pupitre.data.codes import FICTIONAL
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.law import baremes
from pupitre.show.evaluation import SCOPES
from pupitre.show.html import Html
from pupitre.study import Study, compute_study

StudyOf = Callable[..., Study]
SCOPED = ("show_followed", "show_opinions", "show_perimeter")
PIECES: dict[str, Callable[[Study], Html]] = {
    name: piece for name, piece in vars(show).items() if name.startswith("show_") and name not in SCOPED
} | {f"{name} {scope}": partial(getattr(show, name), scope=scope) for name in SCOPED for scope in SCOPES}
CHANGED: list[dict[str, object]] = [
    {},
    {"target": "montaigne", "cible_affichage": 2},
    {"horizon_years": 12, "ceiling_eur_per_year": 20_000},
    {"wifi": False, "maternelles": False},
    {"loan_share": 1, "lease_option_share": 0, "groupement_share": 0.3, "redeployed_eur_per_year": 8_000},
    {"gift_company_eur": 900, "gift_in_kind_eur": 500, "call_rate": 0.4, "byod_state_share": 0.2, "savings_eur": 5e4},
    {"aide_detr": 0.6, "running_ceiling_eur_per_year": 1_000, "given_away_after_years": 2, "gift_skills_eur": 100},
]
STUDIES: dict[str, tuple[str, dict[str, object]]] = {
    f"{code}-{'-'.join(changed) or 'usual'}": (code, changed)
    for code, told in ((FICTIONAL, CHANGED[:5:2]), ("09220", CHANGED), ("09194", CHANGED[:1]))
    for changed in told
}
SHOWN = {
    "show_identity", "show_programme", "show_socle", "show_conditions", "show_baremes", "show_law", "show_mix",
    "show_risk", "show_comparables", "show_cost", "show_advice",
}  # fmt: skip
Shown = Callable[[str], tuple[Study, dict[str, str]]]


@pytest.fixture(scope="module")
def shown_of(study_of: StudyOf) -> Shown:
    """A study by its name among `STUDIES`, and the markup of each piece, drawn once."""
    drawn: dict[str, tuple[Study, dict[str, str]]] = {}

    def _shown(name: str) -> tuple[Study, dict[str, str]]:
        if name not in drawn:
            code, assumptions = STUDIES[name]
            study = study_of(code, **assumptions)
            drawn[name] = study, {piece: call(study).markup for piece, call in PIECES.items()}
        return drawn[name]

    return _shown


@pytest.mark.parametrize("name", STUDIES)
def test_whatever_is_assumed_each_piece_finds_its_figures(name: str, shown_of: Shown) -> None:
    """A sentence or a table that names a figure of law which nothing read would stop the report."""
    study, pieces = shown_of(name)
    shown, markup = {piece for piece, markup in pieces.items() if markup}, "".join(pieces.values())

    assert set(re.findall(r'data-figure="([^"]+)"', markup)) <= set(study.figures)
    assert shown >= SHOWN
    assert ("show_lines" in shown) is name.startswith(FICTIONAL)
    assert ("show_debt" in shown) is (study.assumptions.savings_eur is not None)
    assert not re.search(r"\b(nan|None|NaT|inf|&lt;NA&gt;)\b", re.sub(r'"data:[^"]*"', "", markup))


def test_no_piece_reads_a_figure_that_the_annex_does_not_list(shown_of: Shown) -> None:
    """Whatever a page needs of law is named, with its source, in the results and at the end of the report."""
    for name in STUDIES:
        study, _ = shown_of(name)
        read = {figure.name for figure in study.law.read}

        assert read == {figure.name for figure in study.read}, name
        assert {f"law.{figure}.value" for figure in read} <= set(study.figures), name


def test_pieces_may_be_shown_in_any_order(study_of: StudyOf) -> None:
    """In a notebook the annex may come last: it lists what was read before it, and what the others need."""
    known = study_of("09194").dossier
    study = compute_study(known, baremes.on(known.on), Assumptions())
    for name in ("show_mix", "show_law", "show_cost", "show_baremes"):
        assert PIECES[name](study).markup


def test_sets_are_told_only_when_the_target_counts_by_sets(study_of: StudyOf) -> None:
    """Eight tablets a class are no sets of the socle."""
    usual, montaigne = (show.show_socle(study_of("09194", target=name)).markup for name in ("socle", "montaigne"))

    assert "par lots entiers" in usual
    assert "par lots entiers" not in montaigne


def test_the_bands_of_a_line_are_figures_of_law(study_of: StudyOf) -> None:
    """8, 30 and 100 Mbit/s, each with its source at the end of the report."""
    study = study_of(FICTIONAL)

    for name in ("debit_bande_bas", "debit_bande_tres_haut_debit", "debit_minimum_descendant"):
        assert f'data-figure="law.{name}.value"' in show.show_lines(study).markup
        assert f'data-figure="law.{name}.value"' in show.show_baremes(study).markup
