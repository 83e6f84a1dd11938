"""The scope of a programme (design §8) and what the socle asks for."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.socle import ITEM_KEYS, ITEMS, NEED_KINDS, classes_in_scope, in_scope, socle_needs
from pupitre.law import baremes
from pupitre.law.baremes import Law

WHOLE = ("classes", "pupils", "pupils_maternelle")


def frame(*schools: dict[str, Any]) -> pd.DataFrame:
    """Schools from what differs; an élémentaire public of 5 classes and 110 pupils otherwise."""
    usual = {"level": "elementaire", "sector": "public", "classes": 5, "pupils": 110, "pupils_maternelle": 0}
    rows = [{"uai": f"S{rank}", **usual, **school} for rank, school in enumerate(schools)]
    return pd.DataFrame(rows).astype(dict.fromkeys(WHOLE, "Int64"))


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day."""
    return baremes.on(on)


@pytest.mark.parametrize(
    ("level", "classes", "pupils", "maternelle", "expected"),
    [
        ("elementaire", 7, 132, 0, 7),
        ("maternelle", 3, 59, 59, 0),
        ("maternelle", 3, 59, None, 0),
        ("primaire", 4, 88, 31, 3),  # Foix, Cadirac: 4 × 57/88 = 2.59
        ("primaire", 7, 173, 53, 5),  # Foix, Mandela: 7 × 120/173 = 4.86
        ("primaire", 10, 251, 67, 8),  # Pamiers, Notre-Dame: 10 × 184/251 = 7.33
        ("primaire", 4, 100, 50, 2),  # exactly half: nothing to round
        ("primaire", 2, 40, 39, 1),  # one pupil needs a class
        ("primaire", 1, 14, None, 1),  # Orlu: no split
        ("primaire", 6, None, None, 6),
        ("primaire", 6, 0, 0, 6),
        ("primaire", 0, 0, 0, 0),
    ],
)
def test_which_classes_the_socle_concerns(
    level: str, classes: int, pupils: int | None, maternelle: int | None, expected: int
) -> None:
    """All of an élémentaire, none of a maternelle, a share of a primaire rounded up, all when the split is unknown."""
    assert classes_in_scope(level, classes, pupils, maternelle) == expected


@given(st.integers(1, 60), st.integers(1, 2000), st.data())
def test_the_share_of_a_primaire_is_rounded_up(classes: int, pupils: int, data: st.DataObject) -> None:
    """Exactly: no float is between."""
    maternelle = data.draw(st.integers(0, pupils))
    expected = ceil(Fraction(classes * (pupils - maternelle), pupils))

    assert classes_in_scope("primaire", classes, pupils, maternelle) == expected
    assert 0 <= expected <= classes


def test_ulis_pupils_are_elementaire_pupils(law: Law) -> None:
    """Neither in the maternelle count nor lost: 4 × (40 + 12) / 64, rounded up."""
    needs = socle_needs(frame({"level": "primaire", "classes": 4, "pupils": 64, "pupils_maternelle": 12}), law, _NONE)

    assert needs["classes_in_scope"].tolist() == [4]


_NONE = Assumptions()


def test_private_schools_enter_only_when_included() -> None:
    """L442-5 is the consultant's choice; a school whose classes are unknown never enters."""
    schools = frame({"uai": "A"}, {"uai": "B", "sector": "prive_sous_contrat"}, {"uai": "C", "classes": None})

    assert in_scope(schools, _NONE)["uai"].tolist() == ["A"]
    assert in_scope(schools, Assumptions(include_private=True))["uai"].tolist() == ["A", "B"]


def test_what_an_elementaire_needs(law: Law) -> None:
    """Mirepoix, 0090312R: 7 classes make 7 displays, 7 posts, 14 sockets, and two sets of 12 mobiles."""
    need = socle_needs(frame({"classes": 7}), law, _NONE).iloc[0]

    assert need.to_dict() == {
        "classes_in_scope": 7,
        "affichage": 7,
        "poste_enseignant": 7,
        "son_et_image": 7,
        "prise_reseau": 14,
        "appareil_mobile": 24,
        "poste_direction": 1,
        "imprimante": 1,
        "affichage_maternelle": 0,
        "poste_direction_maternelle": 0,
        "prise_reseau_low": 7,
        "prise_reseau_high": 14,
        "appareil_mobile_low": 20,
        "appareil_mobile_high": 30,
    }


def test_what_a_maternelle_needs(law: Law) -> None:
    """One shared display and a direction post, nothing of the élémentaire; and nothing at all when switched off."""
    school = frame({"level": "maternelle", "classes": 3, "pupils": 59, "pupils_maternelle": 59})
    need = socle_needs(school, law, _NONE).iloc[0]

    assert need[need > 0].to_dict() == {"affichage_maternelle": 1, "poste_direction_maternelle": 1}
    assert socle_needs(school, law, Assumptions(maternelles=False)).to_numpy().sum() == 0


def test_switching_maternelles_off_leaves_the_others(law: Law) -> None:
    """Only schools that are wholly maternelle are concerned."""
    schools = frame({}, {"level": "primaire", "classes": 4, "pupils": 88, "pupils_maternelle": 31})

    assert socle_needs(schools, law, _NONE).equals(socle_needs(schools, law, Assumptions(maternelles=False)))


@pytest.mark.parametrize(("classes", "sets"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_four_classes_share_a_set(law: Law, classes: int, sets: int) -> None:
    """A set begun is a whole one."""
    need = socle_needs(frame({"classes": classes}), law, _NONE).iloc[0]

    assert need["appareil_mobile"] == 12 * sets
    assert (need["appareil_mobile_low"], need["appareil_mobile_high"]) == (10 * sets, 15 * sets)


def test_sets_are_not_shared_between_schools(law: Law) -> None:
    """Two schools of two classes need two sets."""
    assert socle_needs(frame({"classes": 2}, {"classes": 2}), law, _NONE)["appareil_mobile"].tolist() == [12, 12]


def test_a_primaire_is_equipped_for_its_elementaire_classes(law: Law) -> None:
    """Foix, Cadirac: 3 classes of 4, and one direction."""
    need = socle_needs(
        frame({"level": "primaire", "classes": 4, "pupils": 88, "pupils_maternelle": 31}), law, _NONE
    ).iloc[0]

    assert (need["affichage"], need["prise_reseau"], need["poste_direction"]) == (3, 6, 1)
    assert need["affichage_maternelle"] == 0


def test_no_school_needs_nothing(law: Law) -> None:
    """An empty table keeps its columns, whole numbers."""
    needs = socle_needs(frame({}).iloc[:0], law, _NONE)

    assert needs.empty
    assert list(needs)[: 1 + len(ITEM_KEYS)] == ["classes_in_scope", *ITEM_KEYS]
    assert {"prise_reseau_low", "prise_reseau_high", "appareil_mobile_low", "appareil_mobile_high"} < set(needs)
    assert {str(kind) for kind in needs.dtypes} == {"int64"}


def test_each_item_is_told_once_to_the_schools() -> None:
    """What a school reads adds up to all items."""
    assert sorted(key for keys in NEED_KINDS.values() for key in keys) == sorted(ITEM_KEYS)


def test_a_lessor_takes_back_all_but_cables(law: Law) -> None:
    """And each item has its price, life and account in law/."""
    assert [item.key for item in ITEMS if not item.leasable] == ["prise_reseau"]
    assert [item.key for item in ITEMS if not item.maintained] == ["prise_reseau"]
    for item in ITEMS:
        assert law[item.price] > 0
        assert law[item.life] >= 1
        assert law.text(item.account).isdigit()


@given(st.integers(1, 40), st.integers(1, 900), st.integers(0, 900))
def test_more_classes_never_need_less(classes: int, pupils: int, maternelle: int) -> None:
    """In a primaire, item by item."""
    assume(maternelle <= pupils)
    usual = {"level": "primaire", "pupils": pupils, "pupils_maternelle": maternelle}
    law = baremes.on(date(2026, 11, 22))
    needs = socle_needs(frame({**usual, "classes": classes}, {**usual, "classes": classes + 1}), law, _NONE)

    assert (needs.iloc[1] >= needs.iloc[0]).all()
