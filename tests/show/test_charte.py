from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from pupitre.formats import typeset
from pupitre.show import show_charter, show_questions
from pupitre.study import Study
from pupitre.study.charter import commitments, principles

StudyOf = Callable[..., Study]
STATES = {"tenu": "met", "commencé": "begun", "pas encore": "not_yet", "non connu": "unknown"}
MOST_BYTES = 14_000


def table_of(study: Study) -> list[list[str]]:
    """The rows of the charter, as they are read."""
    page = BeautifulSoup(show_charter(study).markup, "html.parser")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]


def lead_of(study: Study) -> str:
    """The first paragraph."""
    found = BeautifulSoup(show_charter(study).markup, "html.parser").p
    assert found is not None
    return found.get_text()


@pytest.mark.parametrize("code", ["00001", "09194"])
def test_each_commitment_stands_under_its_principle_with_its_state(code: str, study_of: StudyOf) -> None:
    """In the order of the charter; the state said is the one of `resultats.json`."""
    study = study_of(code)
    header, *rows = table_of(study)
    told = [row for row in rows if len(row) > 1]

    assert header == ["Engagement", "Où en est la commune", "Ce qui le montre"]
    assert [row[0] for row in rows if len(row) == 1] == [typeset(title) for title in principles().values()]
    assert [row[0] for row in told] == [typeset(one.label) for one in commitments()]
    assert [STATES[row[1]] for row in told] == [study.figures[f"charter.{one.key}.state"] for one in commitments()]


@pytest.mark.parametrize("code", ["00001", "09194"])
def test_each_state_has_its_proof(code: str, study_of: StudyOf) -> None:
    """Or the sheet that would tell, or that nothing does."""
    for label, state, proof in (row for row in table_of(study_of(code)) if len(row) > 1):
        assert proof, label
        assert (state == "non connu") <= (proof.startswith(("À remplir", "Rien dans ce rapport")))
        assert (state == "tenu") <= ("remplir" not in proof)


def test_the_lead_counts_what_there_is(study_of: StudyOf) -> None:
    """A state in which there is nothing is not said; the workbook is asked for while there is none."""
    assert lead_of(study_of("00001")).startswith(
        "Sur 25\u00a0engagements de la charte, 12\u00a0sont tenus, 10\u00a0sont"
    )
    assert lead_of(study_of("00001")).endswith("2\u00a0restent à commencer et 1\u00a0n’est pas connu.")
    assert "reste" not in lead_of(study_of("09194")).split(". La commune")[0]
    assert "n’a pas encore rempli le classeur" in lead_of(study_of("09194"))


def test_proofs_are_counts_of_the_workbook(study_of: StudyOf) -> None:
    """Those that its sheets hold, with the day when there is one."""
    told = {row[0]: row[2] for row in table_of(study_of("00001")) if len(row) > 1}
    text = " ".join(told.values()).replace("\u00a0", " ")

    assert "4 inventaires complets pour 6 écoles" in text
    assert "Comité réuni le 12 mai 2026 ; plan à valider" in text
    assert "5 indicateurs sur 7" in text
    assert "temps reconnu et compensé pour 1" in text


def test_nobody_is_named_and_nothing_is_promised(study_of: StudyOf) -> None:
    """Roles and counts; the mayor alone signs."""
    study = study_of("00001")
    assert study.dossier.workbook is not None
    markup = show_charter(study).markup

    assert not [name for name in study.dossier.workbook.table("contacts")["nom"].dropna() if name in markup]
    assert "c’est le maire qui signe" in markup


def test_the_two_chapters_are_light(study_of: StudyOf) -> None:
    """14 kB at most together, before the page lightens them."""
    study = study_of("00001")

    assert len((show_charter(study) + show_questions(study)).markup.encode()) <= MOST_BYTES


def test_a_commune_without_schools_has_no_charter(study_of: StudyOf) -> None:
    """Nothing, not an empty table."""
    assert not re.search(r"\w", show_charter(study_of("35361")).markup)
