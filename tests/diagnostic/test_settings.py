from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions, load_assumptions
from pupitre.diagnostic.settings import MOST_BYTES, parse_settings, parse_value, read_settings, workbook_settings
from pupitre.errors import UsageError, WorkbookError
from pupitre.formats import day
from pupitre.law import baremes
from pupitre.law.baremes import Law


def test_texts_of_the_command_line_are_read(law: Law) -> None:
    """A decimal comma, a truth, an integer, a price."""
    pairs = ["loan_rate=0,035", "include_private=true", " horizon_years = 8 ", "prix_imprimante=450,50"]
    chosen = load_assumptions(parse_settings(pairs), law)

    assert chosen.loan_rate == 0.035
    assert chosen.include_private is True
    assert chosen.horizon_years == 8
    assert chosen.prices == {"prix_imprimante": 450.5}


def test_a_value_may_hold_an_equals_sign() -> None:
    """Only the first one separates."""
    assert parse_settings(["a=b=c"]) == {"a": "b=c"}


@pytest.mark.parametrize("pair", ["loan_share", "=3", "loan_share=", " = "])
def test_a_setting_is_a_name_and_a_value(pair: str) -> None:
    """The refusal repeats what was typed and shows how to write it."""
    with pytest.raises(UsageError, match="NOM=VALEUR") as refusal:
        parse_settings([pair])

    assert pair in str(refusal.value)


def told(**sheets: list[dict[str, object]]) -> Workbook:
    """A workbook that was read; the cells of its columns are those of the real one."""
    tables = {
        key: typed(sheet(key), dict(enumerate(rows, 0 if key == "finances" else 14))) for key, rows in sheets.items()
    }
    places = {"finances": {"plafond": "C7", "part_groupement": "C8"}, "hypotheses": {"nom": "A", "valeur": "C"}}
    return Workbook("00001", "classeur.xlsx", "", None, tables, (), places)


def test_a_workbook_sets_assumptions(law: Law) -> None:
    """Finances by its questions, Hypothèses by names; what is not answered sets nothing; nor what is no assumption."""
    workbook = told(
        finances=[
            {"tfpb_base_eur": 5e6, "fctva": "1", "plafond": 20_000.5, "part_groupement": 0.3, "investissement": 9e3}
        ],
        hypotheses=[
            {"nom": "prix_affichage", "sens": "Prix", "valeur": "2 800,50"},
            {"nom": "wifi", "valeur": "non"},
            {"nom": "cible_tablette", "valeur": "2,5"},
            {"nom": "loan_share"},
        ],
    )
    chosen = load_assumptions(workbook_settings(workbook, law), law)

    assert chosen.overrides() == {
        "tfpb_base_eur": 5e6,
        "fctva_delay_years": 1,
        "ceiling_eur_per_year": 20_000.5,
        "groupement_share": 0.3,
        "prix_affichage": 2_800.5,
        "wifi": False,
        "cible_tablette": 2.5,
    }


def test_an_empty_workbook_sets_nothing(law: Law) -> None:
    """Neither sheet there, nor answer in them."""
    assert workbook_settings(told(), law) == {}
    assert workbook_settings(told(finances=[{}], hypotheses=[{"nom": "loan_share"}]), law) == {}


def test_the_consultant_s_sheet_wins_over_the_town_hall_s(law: Law) -> None:
    """Hypothèses is read after Finances."""
    workbook = told(finances=[{"part_groupement": 0.3}], hypotheses=[{"nom": "groupement_share", "valeur": "0,1"}])

    assert load_assumptions(workbook_settings(workbook, law), law).groupement_share == 0.1


def test_nought_in_a_workbook_is_an_answer(law: Law) -> None:
    """FCTVA in the year of the spending, no share of the groupement."""
    settings = workbook_settings(told(finances=[{"fctva": "0", "part_groupement": 0.0}]), law)

    assert load_assumptions(settings, law) == Assumptions(fctva_delay_years=0, groupement_share=0)


def test_every_refused_value_has_its_cell(law: Law) -> None:
    """All at once: the sheet, the cell, what was read, what is expected."""
    workbook = told(
        finances=[{"plafond": 500.0}],
        hypotheses=[
            {"nom": "loan_share", "valeur": "2"},
            {"nom": "wifi", "valeur": "non"},
            {"nom": "loan_rat", "valeur": "0,03"},
            {"nom": "prix_affichage", "valeur": "cher"},
        ],
    )
    with pytest.raises(WorkbookError) as refusal:
        workbook_settings(workbook, law)

    found = [(issue.sheet, issue.cell, issue.found) for issue in refusal.value.issues]
    assert found == [
        ("Finances de la commune", "C7", "500.0"),
        ("Hypothèses", "C14", "2"),
        ("Hypothèses", "A16", "loan_rat"),
        ("Hypothèses", "C17", "cher"),
    ]
    told_to_expect = [issue.expected for issue in refusal.value.issues]
    for words, expected in zip(
        ("au moins 1000", "au plus 1", "« loan_rate »", "un nombre"), told_to_expect, strict=True
    ):
        assert words in expected


def test_an_ambiguous_value_of_a_cell_is_not_told_of_the_command_line(law: Law) -> None:
    """« 1,250 »: thousands or decimals? The town hall has never heard of `--set`."""
    with pytest.raises(WorkbookError, match="milliers ou décimales") as refusal:
        workbook_settings(told(hypotheses=[{"nom": "prix_affichage", "valeur": "1,250"}]), law)

    assert "--set" not in str(refusal.value)


@given(st.sampled_from(["loan_share", "wifi", "target", "cible_tablette", "prix_ent", "zz"]), st.text(min_size=1))
def test_any_cell_is_taken_or_refused_with_its_place(name: str, value: str) -> None:
    """Never another exception."""
    law = baremes.on(date(2026, 11, 22))
    try:
        load_assumptions(workbook_settings(told(hypotheses=[{"nom": name, "valeur": value}]), law), law)
    except WorkbookError as refusal:
        assert [issue.cell for issue in refusal.issues] == ["A14" if name == "zz" else "C14"]  # noqa: PT017


def test_a_workbook_may_describe_a_call_line_by_line(law: Law) -> None:
    """Each line alone contradicts: together they hold."""
    rows = [{"nom": "call_ceiling_eur", "valeur": "10000"}, {"nom": "call_rate", "valeur": "0,5"}]
    chosen = load_assumptions(workbook_settings(told(hypotheses=rows), law), law)

    assert (chosen.call_rate, chosen.call_ceiling_eur) == (0.5, 10_000)


def test_a_workbook_that_contradicts_itself_is_refused(law: Law) -> None:
    """A rate and a rent, each accepted alone."""
    rows = [{"nom": "lease_rate", "valeur": "0,04"}, {"nom": "lease_rent_per_1000_eur", "valeur": "18,2"}]
    with pytest.raises(WorkbookError, match="lease_rate et lease_rent_per_1000_eur se contredisent"):
        workbook_settings(told(hypotheses=rows), law)


def test_a_closed_aid_of_a_workbook_has_its_cell(law: Law) -> None:
    """With its dates."""
    with pytest.raises(WorkbookError) as refusal:
        workbook_settings(told(hypotheses=[{"nom": "aide_socle_2021", "valeur": "0,7"}]), law)

    (issue,) = refusal.value.issues
    assert (issue.cell, issue.found) == ("C14", "0,7")
    assert day("2021-03-31") in issue.expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 2 800,5 ", "2800.5"),
        ("2\u202f800\u00a0", "2800"),
        ("0,125", "0.125"),
        ("1234.5", "1234.5"),
        ("-3", "-3"),
        ("OUI", "true"),
        ("non", "false"),
        ("true", "true"),
        ("", ""),
    ],
)
def test_a_value_typed_by_hand_is_read_as_the_french_write_it(text: str, value: str) -> None:
    """Spaces in thousands, a decimal comma, oui and non; the rest as it is."""
    assert parse_value(text) == value


@pytest.mark.parametrize("text", ["1,250", "12,500", "1.250,5", "1 000,125"])
def test_thousands_that_may_be_decimals_are_refused(text: str) -> None:
    """Both ways to write it are told."""
    with pytest.raises(UsageError, match=r"milliers ou décimales \? Écrivez 2800 ou 2\.8\."):
        parse_value(text)


def test_a_setting_given_twice_has_one_value() -> None:
    """The same twice is no matter; two different ones are refused, by the second."""
    assert parse_settings(["loan_share=0,5", "loan_share=0.5"]) == {"loan_share": "0.5"}
    with pytest.raises(UsageError, match=r"--set loan_share=1 : .*donnée deux fois"):
        parse_settings(["loan_share=0,5", "loan_share=1"])


def written(folder: Path, content: str | bytes) -> Path:
    """A file of settings."""
    path = folder / "hypotheses.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_sets_assumptions(law: Law, tmp_path: Path) -> None:
    """Numbers, truths and texts, these read as on the command line; comments and empty lines are skipped."""
    content = """
# Devis du 3 novembre
prix_affichage = 1_999.5
prix_ent = "45,5"
loan_share = 0.5        # la moitié
wifi = "non"
include_private = true
target = "montaigne"
loan_years = 7
"aide_detr" = "0,35"
"""
    chosen = load_assumptions(read_settings(written(tmp_path, content)), law)

    assert chosen.overrides() == {
        "prix_affichage": 1_999.5,
        "prix_ent": 45.5,
        "loan_share": 0.5,
        "wifi": False,
        "include_private": True,
        "target": "montaigne",
        "loan_years": 7,
        "aide_detr": 0.35,
    }


@pytest.mark.parametrize("content", ["", "# rien\n", "\n\n"])
def test_an_empty_file_sets_nothing(content: str, tmp_path: Path) -> None:
    """A comment alone neither."""
    assert read_settings(written(tmp_path, content)) == {}


ONE_A_LINE = "écrivez une ligne par hypothèse, par exemple loan_share = 0.5."
ONE_VALUE = "une hypothèse a une seule valeur, nombre, texte ou true."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x = '" + b"a" * MOST_BYTES + b"'", "un fichier d'hypothèses fait 12 ko au plus."),
        (b"PK\x03\x04\xff\xfe\x00", ONE_A_LINE),
        ("wifi = 'é'".encode("latin-1"), ONE_A_LINE),
        ("loan_share 0.5", ONE_A_LINE),
        ("loan_share = 0,5", ONE_A_LINE),
        ("loan_share = oui", ONE_A_LINE),
        ("loan_share = 0.5\nloan_share = 0.6", ONE_A_LINE),
        ("loan_share = ", ONE_A_LINE),
        ("{" * 5_000, ONE_A_LINE),
        ("[achat]\nloan_share = 0.5", f"achat : {ONE_VALUE}"),
        ("[[achat]]\nloan_share = 0.5", f"achat : {ONE_VALUE}"),
        ("loan.share = 0.5", f"loan : {ONE_VALUE}"),
        ("loan_share = { a = 1 }", f"loan_share : {ONE_VALUE}"),
        ("loan_share = [0.5, 0.6]", f"loan_share : {ONE_VALUE}"),
        ("loan_share = []", f"loan_share : {ONE_VALUE}"),
        ("horizon_years = 2027-01-01", f"horizon_years : {ONE_VALUE}"),
        ("horizon_years = 07:30:00", f"horizon_years : {ONE_VALUE}"),
        ("prix_affichage = '1,250'", "milliers ou décimales"),
    ],
    ids=lambda told: str(told)[:24],
)
def test_what_is_no_file_of_settings_is_refused(content: str | bytes, words: str, tmp_path: Path) -> None:
    """One sentence, with the name of the file, and what to write; never another exception."""
    with pytest.raises(UsageError) as refusal:
        read_settings(written(tmp_path, content))

    assert words in str(refusal.value)
    assert str(refusal.value).startswith("hypotheses.toml")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("depth", [500, 20_000])
def test_lists_in_lists_are_refused_however_deep(depth: int, tmp_path: Path) -> None:
    """A file made to exhaust the reader is refused like another."""
    with pytest.raises(UsageError, match=r"hypotheses\.toml"):
        read_settings(written(tmp_path, "a = " + "[" * depth + "]" * depth))


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    """12 ko, not a byte more."""
    content = "loan_share = 0.5 #" + " " * (MOST_BYTES - 18)

    assert read_settings(written(tmp_path, content)) == {"loan_share": "0.5"}
    with pytest.raises(UsageError, match="12 ko au plus"):
        read_settings(written(tmp_path, content + " "))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Nor a folder or a pipe in its place, which would wait for ever: its name, in French."""
    (tmp_path / "dossier.toml").mkdir()
    os.mkfifo(tmp_path / "tuyau.toml")
    for name in ("absent.toml", "dossier.toml", "tuyau.toml"):
        with pytest.raises(UsageError, match=name) as refusal:
            read_settings(tmp_path / name)
        assert str(tmp_path) not in str(refusal.value)
        assert "Errno" not in str(refusal.value)


def test_a_hostile_name_is_cut_where_it_is_told(tmp_path: Path) -> None:
    """A key of a thousand characters makes no line of a thousand."""
    with pytest.raises(UsageError) as refusal:
        read_settings(written(tmp_path, f'"{"a" * 1_000}" = []'))

    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("loan_shar = 0.5", "Vouliez-vous dire « loan_share »"),
        ("aide_socle_2021 = 0.7", "31\u00a0mars\u00a02021"),
        ("loan_share = 2", "au plus 1"),
        ("loan_share = nan", "« loan_share »"),
        ("loan_share = inf", "« loan_share »"),
        ("prix_affichage = true", "« prix_affichage »"),
        ("lease_rate = 0.04\nlease_rent_per_1000_eur = 18.2", "se contredisent"),
    ],
)
def test_what_a_file_sets_is_judged_like_the_rest(content: str, words: str, law: Law, tmp_path: Path) -> None:
    """An unknown name, a closed aid, a value out of its range, a truth for a number, two values that contradict."""
    with pytest.raises(UsageError) as refusal:
        load_assumptions(read_settings(written(tmp_path, content)), law)

    assert words in str(refusal.value)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_file_is_read_or_refused_in_french(tmp_path_factory: pytest.TempPathFactory, content: str | bytes) -> None:
    """Never another exception."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        values = read_settings(written(tmp_path_factory.getbasetemp(), raw))
    except UsageError as refusal:
        assert str(refusal).startswith("hypotheses.toml")  # noqa: PT017
    else:
        assert all(isinstance(value, str) for value in values.values())


def test_an_endless_device_is_no_file() -> None:
    """It is not read at all."""
    with pytest.raises(UsageError, match=r"zero : ce n'est pas un fichier\."):
        read_settings(Path("/dev/zero"))
