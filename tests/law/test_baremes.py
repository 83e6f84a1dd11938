from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.errors import BaremeError, BaremeNotInForce, InvalidBareme, PupitreError, UnknownBareme
from pupitre.law import baremes
from pupitre.law.baremes import Figure, load_figures, read_figures

BROKEN = Path(__file__).with_name("broken")

WORDS = {
    "bare_number": "taux",
    "bare_values": "taux",
    "duplicate_key": "TOML",
    "ends_before_it_begins": "valid_to précède valid_from",
    "high_below_value": "comprise entre low et high",
    "low_above_value": "comprise entre low et high",
    "low_alone_above_value": "low",
    "missing_source": "source",
    "no_date": "valid_from",
    "no_values": r"\[\[taux.values\]\]",
    "official_without_address": "adresse",
    "overlap": "recouvrent",
    "overlap_inside": "recouvrent",
    "overlap_open": "recouvrent",
    "unknown_confidence": "confidence",
    "unknown_field": "valeur_haute",
    "wrong_type": "value",
}

SHARED = 'checked_on = 2026-03-31\nconfidence = "secondary"\nsource = { title = "Exemple" }\n'


def test_each_broken_file_is_tried() -> None:
    """One mistake a file, one test a file."""
    assert {path.stem for path in BROKEN.glob("*.toml")} == set(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_a_broken_file_is_refused_with_its_name_and_its_mistake(name: str) -> None:
    """The file, the figure, what is wrong."""
    with pytest.raises(InvalidBareme, match=WORDS[name]) as refusal:
        read_figures(BROKEN / f"{name}.toml")

    assert f"{name}.toml" in str(refusal.value)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    """What is shared comes down to each value; values are sorted, the oldest first; days that touch do not overlap."""
    path = tmp_path / "right.toml"
    head = f'[taux]\nlabel = "Un taux"\nunit = "ratio"\n{SHARED}'
    path.write_text(
        head
        + "[[taux.values]]\nvalid_from = 2020-01-02\nvalue = 0.3\n"
        + "[[taux.values]]\nvalid_from = 2015-01-01\nvalid_to = 2020-01-01\nvalue = 0.2\n",
        encoding="utf-8",
    )

    values = read_figures(path)["taux"]

    assert [(figure.value, figure.label, figure.unit) for figure in values] == [
        (0.2, "Un taux", "ratio"),
        (0.3, "Un taux", "ratio"),
    ]


def test_a_name_stands_in_one_file_only(tmp_path: Path) -> None:
    """The same figure in two files is refused, with the second file's name."""
    text = f'[taux]\nlabel = "Un taux"\nunit = "ratio"\n[[taux.values]]\nvalid_from = 2015-01-01\nvalue = 1\n{SHARED}'
    (tmp_path / "prices").mkdir()
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "prices" / "zzz.toml").write_text(text, encoding="utf-8")

    with pytest.raises(InvalidBareme, match=r"zzz\.toml.*« taux »"):
        load_figures(tmp_path)


def test_errors_are_of_one_tree() -> None:
    """Whoever catches PupitreError catches them all."""
    assert {UnknownBareme.__mro__[1], BaremeNotInForce.__mro__[1], InvalidBareme.__mro__[1]} == {BaremeError}
    assert issubclass(BaremeError, PupitreError)


def test_a_misspelt_name_finds_its_neighbours(on: date) -> None:
    """« Vouliez-vous dire »; a name far from all finds none, and both say where the list is."""
    law = baremes.on(on)
    with pytest.raises(UnknownBareme, match=r"« fctva_tau ».*Vouliez-vous dire.*« fctva_taux »"):
        law["fctva_tau"]
    with pytest.raises(UnknownBareme, match="pupitre baremes") as far:
        law.history("zzzzzz")

    assert "Vouliez-vous" not in str(far.value)


def test_a_gap_says_which_dates_would_do() -> None:
    """No loan rate is known for 2022: 2021, 2023 and later are named, 2022 is not answered by a neighbour."""
    with pytest.raises(BaremeNotInForce) as gap:
        baremes.on(date(2022, 6, 1))["emprunt_taux"]
    message = str(gap.value)

    assert "2022-06-01" in message
    assert "du 2021-01-01 au 2021-12-31" in message
    assert "du 2023-01-01 au 2023-12-31" in message
    assert "depuis le 2024-01-01" in message
    assert "--on" in message


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2003, 1, 1), 0.15482),
        (date(2013, 12, 31), 0.15482),
        (date(2014, 1, 1), 0.15761),
        (date(2014, 12, 31), 0.15761),
        (date(2015, 1, 1), 0.16404),
        (date(2026, 11, 22), 0.16404),
    ],
)
def test_the_fctva_rate_of_each_day(day: date, rate: float) -> None:
    """Finance.md, F1 and F2: 15.482 % (2003-2013), 15.761 % (2014), 16.404 % since 2015, both ends included."""
    assert baremes.on(day)["fctva_taux"] == rate


def test_history_keeps_ended_values(on: date) -> None:
    """The oldest first, with their dates, and reading them marks nothing as read."""
    law = baremes.on(on)
    history = law.history("fctva_taux")

    assert [(f.value, f.valid_from, f.valid_to) for f in history] == [
        (0.15482, date(2003, 1, 1), date(2013, 12, 31)),
        (0.15761, date(2014, 1, 1), date(2014, 12, 31)),
        (0.16404, date(2015, 1, 1), None),
    ]
    assert law.read == ()


def test_what_was_read_is_remembered_and_only_that(on: date) -> None:
    """By any way of reading, once each, by name; nothing passes from one law to another, nor by listing all."""
    law, other = baremes.on(on), baremes.on(on)
    law["tva_taux_normal"]
    law["tva_taux_normal"]
    law.text("compte_maintenance")
    law.figure("fctva_taux")
    other.all()
    with pytest.raises(UnknownBareme):
        law["inconnu"]

    assert [figure.name for figure in law.read] == ["compte_maintenance", "fctva_taux", "tva_taux_normal"]
    assert other.read == ()
    assert "read=3" in repr(law)


def test_what_was_refused_was_not_read() -> None:
    """A figure without a value on that day does not enter the report's table."""
    law = baremes.on(date(2022, 6, 1))
    with pytest.raises(BaremeNotInForce):
        law["emprunt_taux"]

    assert law.read == ()


def test_a_check_is_stale_after_one_year(on: date) -> None:
    """365 days are still good, 366 are not."""
    figure = baremes.on(on).figure("fctva_taux")
    checked = figure.checked_on

    assert not figure.is_stale(checked + timedelta(days=365))
    assert figure.is_stale(checked + timedelta(days=366))
    assert not figure.is_stale(on)


def test_the_list_shows_the_stale_then_the_unverified_first() -> None:
    """Then by name; only what is in force that day."""
    fresh, stale = baremes.on(date(2026, 11, 22)).all(), baremes.on(date(2028, 1, 1)).all()
    order = ["unverified", "secondary", "official"]

    assert [f.confidence for f in fresh] == sorted((f.confidence for f in fresh), key=order.index)
    assert all(figure.is_stale(date(2028, 1, 1)) for figure in stale)
    assert [f.name for f in fresh if f.confidence == "official"] == sorted(
        f.name for f in fresh if f.confidence == "official"
    )
    assert [f.value for f in fresh if f.name == "fctva_taux"] == [0.16404]
    assert not [f for f in baremes.on(date(2022, 6, 1)).all() if f.name == "emprunt_taux"]


def test_the_stale_come_before_the_unverified(tmp_path: Path) -> None:
    """An official figure checked long ago stands above an unverified one checked lately."""
    for name, checked, confidence in (("neuf", "2026-03-31", "unverified"), ("vieux", "2020-01-01", "secondary")):
        (tmp_path / f"{name}.toml").write_text(
            f'[{name}]\nlabel = "X"\nunit = "ratio"\n[[{name}.values]]\nvalid_from = 2015-01-01\nvalue = 1\n'
            f'source = {{ title = "X" }}\nchecked_on = {checked}\nconfidence = "{confidence}"\n',
            encoding="utf-8",
        )

    law = baremes.Law(date(2026, 11, 22), load_figures(tmp_path))

    assert [figure.name for figure in law.all()] == ["vieux", "neuf"]


@given(st.dates())
def test_a_reference_is_readable_at_any_date(day: date) -> None:
    """Observed once, with its vintage; a figure of law is not."""
    law = baremes.on(day)

    assert law["reference_ordinateurs_pour_100_eleves"] == 14.4
    assert law.figure("reference_investissement_par_eleve").vintage == "2018"


@given(st.dates())
def test_at_most_one_value_is_in_force_on_a_day(day: date) -> None:
    """Whatever the figure and the day."""
    for name, values in load_figures(baremes.FOLDER).items():
        assert sum(figure.in_force(day) for figure in values) <= 1, name


def test_a_day_before_every_figure_is_refused() -> None:
    """References alone make no report; the first day that would do is named."""
    with pytest.raises(BaremeNotInForce, match="2003-01-01"):
        baremes.on(date(2002, 12, 31)).require_any()

    baremes.on(date(2003, 1, 1)).require_any()


def test_a_number_and_a_text_keep_their_kind(on: date) -> None:
    """An account is a text; a rate is a float, even when the file writes an integer."""
    law = baremes.on(on)

    assert law.text("compte_materiel_scolaire") == "21831"
    assert isinstance(law["fctva_delai"], float)


def test_a_figure_does_not_change() -> None:
    """Frozen: what was read is what is printed."""
    figure = baremes.on(date(2026, 1, 1)).figure("fctva_taux")

    with pytest.raises(ValueError, match="frozen"):
        figure.value = 0.2  # type: ignore[misc]

    assert isinstance(figure, Figure)
