from __future__ import annotations

from collections.abc import Callable

import pytest

from pupitre import show
from pupitre.data.codes import FICTIONAL
from pupitre.show.html import Html
from pupitre.study import Study

StudyOf = Callable[..., Study]
PIECES: dict[str, Callable[[Study], Html]] = {
    name: piece for name, piece in vars(show).items() if name.startswith("show_")
}
CHANGED: list[dict[str, object]] = [
    {},
    {"target": "montaigne"},
    {"cible_affichage": 2},
    {"wifi": False, "maternelles": False},
    {"horizon_years": 12, "ceiling_eur_per_year": 20_000},
    {"loan_share": 1, "lease_option_share": 0, "groupement_share": 0.3, "redeployed_eur_per_year": 8_000},
]


@pytest.mark.parametrize("assumptions", CHANGED, ids=lambda changed: "-".join(changed) or "usual")
@pytest.mark.parametrize("code", [FICTIONAL, "09194", "09220"])
def test_whatever_is_assumed_each_piece_finds_its_figures(
    code: str, assumptions: dict[str, object], study_of: StudyOf
) -> None:
    """A sentence or a table that names a figure of law which nothing read would stop the report."""
    study = study_of(code, **assumptions)
    shown = {name for name, piece in PIECES.items() if piece(study).markup}
    read = {f"law.{figure.name}.value" for figure in study.law.read}

    assert read <= set(study.figures)
    assert {"show_identity", "show_programme", "show_socle", "show_conditions", "show_baremes"} <= shown
    assert ("show_lines" in shown) is (code == FICTIONAL)


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
