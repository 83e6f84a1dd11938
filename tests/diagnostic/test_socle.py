"""The scope of a programme (design §8) and what the socle asks for."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import items
from pupitre.diagnostic.socle import NEED_KINDS, classes_in_scope, in_scope, socle_needs
from pupitre.law import baremes
from pupitre.law.baremes import Law

WHOLE = ("classes", "pupils", "pupils_maternelle")


def frame(*schools: dict[str, Any]) -> pd.DataFrame:
    """Schools from what differs; an élémentaire public of 5 classes and 110 pupils otherwise."""
    usual = {"level": "elementaire", "sector": "public", "classes": 5, "pupils": 110, "pupils_maternelle": 0}
    rows = [{"uai": f"S{rank}", **usual, **school} for rank, school in enumerate(schools)]
    return pd.DataFrame(rows).astype(dict.fromkeys(WHOLE, "Int64"))


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
    """Mirepoix, 0090312R: 7 classes make 7 displays, 7 posts, 14 sockets, two sets of 12 mobiles, two access points."""
    need = socle_needs(frame({"classes": 7}), law, _NONE).iloc[0]

    assert need.to_dict() == {
        "classes_in_scope": 7,
        "affichage": 7,
        "poste_enseignant": 7,
        "son_et_image": 7,
        "prise_reseau": 14,
        "appareil_mobile": 24,
        "tablette": 0,
        "prise_mobile": 0,
        "borne_wifi": 2,
        "poste_direction": 1,
        "imprimante": 1,
        "affichage_maternelle": 0,
        "poste_direction_maternelle": 0,
        "prise_reseau_low": 7,
        "prise_reseau_high": 14,
        "appareil_mobile_low": 20,
        "appareil_mobile_high": 30,
        "prise_mobile_low": 0,
        "prise_mobile_high": 0,
    }


def test_without_wifi_each_shared_device_has_its_socket(law: Law) -> None:
    """No access point; as many sockets as shared devices, in each case: 2 sets of 10, 12 or 15."""
    need = socle_needs(frame({"classes": 7}), law, Assumptions(wifi=False)).iloc[0]

    assert need["borne_wifi"] == 0
    for end, count in (("_low", 20), ("", 24), ("_high", 30)):
        assert (need[f"appareil_mobile{end}"], need[f"prise_mobile{end}"]) == (count, count)
        assert need[f"prise_reseau{end}"] == (7 if end == "_low" else 14)


def test_eight_tablets_a_class(law: Law) -> None:
    """Institut Montaigne: tablets in place of the shared sets, without a range; the rest of the socle stays."""
    schools = frame({"classes": 7})
    need = socle_needs(schools, law, Assumptions(target="montaigne")).iloc[0]
    socle = socle_needs(schools, law, _NONE).iloc[0]

    assert (need["tablette"], need["appareil_mobile"], need["appareil_mobile_high"], need["prise_mobile"]) == (
        56,
        0,
        0,
        0,
    )
    same = [name for name in need.index if name not in ("tablette", "appareil_mobile")]
    same = [name for name in same if not name.startswith("appareil_mobile_")]
    assert need[same].equals(socle[same])


def test_without_wifi_laptops_take_the_place_of_tablets(law: Law) -> None:
    """A tablet has no socket: 8 wired laptops a class, each with its socket, without a range."""
    need = socle_needs(frame({"classes": 7}), law, Assumptions(target="montaigne", wifi=False)).iloc[0]

    assert (need["tablette"], need["borne_wifi"]) == (0, 0)
    for end in ("_low", "", "_high"):
        assert (need[f"appareil_mobile{end}"], need[f"prise_mobile{end}"]) == (56, 56)


@pytest.mark.parametrize(
    ("key", "target", "count"),
    [
        ("affichage", 2, 14),
        ("prise_reseau", 3, 21),
        ("appareil_mobile", 2.5, 18),  # 2.5 × 7 = 17.5
        ("appareil_mobile", 0, 0),
        ("tablette", 1, 7),
        ("poste_direction", 2, 2),  # by school
        ("imprimante", 0, 0),
        ("son_et_image", 0.1, 1),
        ("borne_wifi", 1, 7),
    ],
)
def test_the_commune_s_own_target_replaces_the_other(law: Law, key: str, target: float, count: int) -> None:
    """By class or by school, rounded up, without a range; nothing else moves."""
    schools = frame({"classes": 7})
    need = socle_needs(schools, law, Assumptions(targets={key: target})).iloc[0]
    socle = socle_needs(schools, law, _NONE).iloc[0]

    ends = [name for name in (key, f"{key}_low", f"{key}_high") if name in need.index]
    assert need[ends].tolist() == [count] * len(ends)
    assert need.drop(ends).equals(socle.drop(ends))


@given(st.integers(0, 400), st.integers(1, 60))
@example(22, 25)
def test_an_own_target_is_rounded_up_exactly(tenths: int, classes: int) -> None:
    """2.2 tablets a class make 55 for 25 classes, not 56: no float is between."""
    law = baremes.on(date(2026, 11, 22))
    need = socle_needs(frame({"classes": classes}), law, Assumptions(targets={"tablette": tenths / 10})).iloc[0]

    assert need["tablette"] == ceil(Fraction(tenths * classes, 10))


def test_own_targets_without_wifi_have_their_sockets(law: Law) -> None:
    """3 shared devices a class: 21 devices, 21 sockets, in the three cases."""
    need = socle_needs(frame({"classes": 7}), law, Assumptions(wifi=False, targets={"appareil_mobile": 3})).iloc[0]

    for end in ("_low", "", "_high"):
        assert (need[f"appareil_mobile{end}"], need[f"prise_mobile{end}"]) == (21, 21)


def test_an_own_target_of_sockets_for_shared_devices_counts(law: Law) -> None:
    """An accepted target is never ignored: 2 sockets a class for 7 classes, whatever the devices."""
    need = socle_needs(frame({"classes": 7}), law, Assumptions(wifi=False, targets={"prise_mobile": 2})).iloc[0]

    assert [need[f"prise_mobile{end}"] for end in ("_low", "", "_high")] == [14, 14, 14]
    assert need["appareil_mobile"] == 24


def test_a_wired_commune_is_never_asked_for_tablets(law: Law) -> None:
    """Its own target in tablets is one in wired laptops: a tablet has no socket, and there is no Wi-Fi."""
    need = socle_needs(frame({"classes": 7}), law, Assumptions(wifi=False, targets={"tablette": 8})).iloc[0]

    assert (need["tablette"], need["appareil_mobile"], need["prise_mobile"]) == (0, 56, 56)


def test_own_targets_of_a_maternelle(law: Law) -> None:
    """By school, on its own items only; those of élémentaire classes do not concern it."""
    school = frame({"level": "maternelle", "classes": 3, "pupils": 59, "pupils_maternelle": 59})
    targets = {"affichage_maternelle": 2, "affichage": 3, "tablette": 8, "appareil_mobile": 2, "poste_direction": 2}
    need = socle_needs(school, law, Assumptions(targets=targets)).iloc[0]

    assert need[need > 0].to_dict() == {"affichage_maternelle": 2, "poste_direction_maternelle": 1}


def test_the_commune_counts_its_classes_better(law: Law) -> None:
    """This year's own count replaces the published one and its split; not told, the published one serves."""
    schools = frame(
        {"classes": 7},
        {"classes": 7},
        {"level": "primaire", "classes": 4, "pupils": 88, "pupils_maternelle": 31},
        {"level": "maternelle", "classes": 3, "pupils": 59, "pupils_maternelle": 59},
    ).assign(classes_counted=pd.array([6, None, 4, None], dtype="Int64"))

    needs = socle_needs(schools, law, _NONE)

    assert needs["classes_in_scope"].tolist() == [6, 7, 4, 0]
    assert needs["affichage"].tolist() == [6, 7, 4, 0]
    assert needs["affichage_maternelle"].tolist() == [0, 0, 0, 1]


def test_a_school_counted_by_the_commune_alone_is_costed(law: Law) -> None:
    """No published count, and 5 classes told by the town hall: they are those of the programme."""
    schools = frame({"classes": None}).assign(classes_counted=pd.array([5], dtype="Int64"))

    assert socle_needs(schools, law, _NONE)["affichage"].tolist() == [5]


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
    assert list(needs)[: 1 + len(items())] == ["classes_in_scope", *items()]
    assert {"prise_reseau_low", "prise_reseau_high", "appareil_mobile_low", "appareil_mobile_high"} < set(needs)
    assert {str(kind) for kind in needs.dtypes} == {"int64"}


def test_each_item_is_told_once_to_the_schools() -> None:
    """What a school reads adds up to all items."""
    assert sorted(key for keys in NEED_KINDS.values() for key in keys) == sorted(items())


@given(st.integers(1, 40), st.integers(1, 900), st.integers(0, 900))
def test_more_classes_never_need_less(classes: int, pupils: int, maternelle: int) -> None:
    """In a primaire, item by item."""
    assume(maternelle <= pupils)
    usual = {"level": "primaire", "pupils": pupils, "pupils_maternelle": maternelle}
    law = baremes.on(date(2026, 11, 22))
    needs = socle_needs(frame({**usual, "classes": classes}, {**usual, "classes": classes + 1}), law, _NONE)

    assert (needs.iloc[1] >= needs.iloc[0]).all()
