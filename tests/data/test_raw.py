from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pupitre.data import raw
from pupitre.errors import RawDataError

Write = Callable[[str, str], Path]
SAMPLES = Path(__file__).with_name("samples")
ANNUAIRE_HEADER, *ANNUAIRE = (SAMPLES / "annuaire_education.csv").read_text(encoding="utf-8").splitlines()
EFFECTIFS_HEADER, *EFFECTIFS = (SAMPLES / "effectifs_nb_classes.csv").read_text(encoding="utf-8").splitlines()


def annuaire(write: Write, *rows: str, header: str = ANNUAIRE_HEADER) -> Path:
    """An annuaire of these rows."""
    return write("annuaire_education.csv", "\n".join([header, *rows]))


def effectifs(write: Write, *rows: str, header: str = EFFECTIFS_HEADER) -> Path:
    """Enrolments of these rows."""
    return write("effectifs_nb_classes.csv", "\n".join([header, *rows]))


def test_annuaire_keeps_schools_that_public_money_pays(write: Write) -> None:
    """No collège, no school hors contrat (no public money), each UAI once."""
    read = raw.read_annuaire(
        annuaire(
            write,
            *ANNUAIRE,
            ANNUAIRE[0],
            "0350577M;Ecole privée D;Ecole;Privé;1;35140;0;1;HORS CONTRAT;",
            "0350517X;Ecole privée E;Ecole;Privé;1;35140;0;1;CONTRAT D'ASSOCIATION TOUTES CLASSES;0",
            "0350001A;Collège F;Collège;Public;1;35140;;;SANS OBJET;",
        )
    )

    assert read["uai"].tolist() == ["0350210N", "0351658M", "0130419K", "0350517X"]
    assert read["sector"].tolist() == ["public", "public", "public", "prive_sous_contrat"]
    assert read["level"].tolist() == ["primaire", "maternelle", "primaire", "elementaire"]
    assert read["rpi"].isna().tolist() == [False, True, True, True]
    assert read["code_insee"].tolist()[0] == "35112"


def test_annuaire_headers_of_2026(write: Write) -> None:
    """Technical names of the 2026 export give the same frame as the labels of 2023."""
    labels = raw.read_annuaire(annuaire(write, *ANNUAIRE))
    header = (
        "identifiant_de_l_etablissement;nom_etablissement;type_etablissement;statut_public_prive;code_postal;"
        "code_commune;ecole_maternelle;ecole_elementaire;type_contrat_prive;rpi_disperse"
    )

    assert raw.read_annuaire(annuaire(write, *ANNUAIRE, header=header)).equals(labels)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("35112", "1004", "« 1004 »"),
        ("0350210N", "0350210P", "ligne 2, .*lettre attendue est N"),
        (";Public;", ";Mixte;", "« Mixte » n'est pas un secteur"),
        (";1;1;SANS", ";oui;1;SANS", "« oui » n'est ni 0 ni 1"),
    ],
)
def test_annuaire_bad_values(write: Write, old: str, new: str, message: str) -> None:
    """A code without its zero, a mistyped UAI, an unknown sector or flag."""
    with pytest.raises(RawDataError, match=message):
        raw.read_annuaire(annuaire(write, ANNUAIRE[0].replace(old, new)))


def test_annuaire_unknown_header_is_an_error(write: Write) -> None:
    """A renamed column is named, never silently empty."""
    with pytest.raises(RawDataError, match=r"« sector ».*Statut"):
        raw.read_annuaire(annuaire(write, *ANNUAIRE, header=ANNUAIRE_HEADER.replace("Statut_public_prive", "Statut")))


def test_effectifs_keep_each_rentree_and_both_spellings_of_the_sector(write: Write) -> None:
    """« SECTEUR PUBLIC » and « PUBLIC » are one sector; a school has one row per rentrée."""
    read = raw.read_effectifs(effectifs(write, *EFFECTIFS, EFFECTIFS[0]))

    assert len(read) == 4
    assert set(read["sector"]) == {"public"}
    assert read["rentree"].tolist() == [2021, 2022, 2022, 2022]
    assert "code_insee" not in read, "what the file calls its commune code is a postcode"


def test_effectifs_technical_names(write: Write) -> None:
    """The API's field names are accepted too."""
    header = (
        "rentree_scolaire;commune;numero_ecole;secteur;nombre_total_classes;nombre_total_eleves;"
        "nombre_eleves_preelementaire_hors_ulis;nombre_eleves_elementaire_hors_ulis;nombre_eleves_ulis;code_postal"
    )
    labels = raw.read_effectifs(effectifs(write, *EFFECTIFS))

    assert raw.read_effectifs(effectifs(write, *EFFECTIFS, header=header)).equals(labels)


def test_masked_pupils_are_not_an_error(write: Write) -> None:
    """0132261M: 95 ≠ 0 + 94 + 0, an ULIS pupil is masked by statistical secrecy."""
    read = raw.read_effectifs(effectifs(write, "2024;X;0132261M;PUBLIC;5;95;0;94;0;13600"))

    assert read.loc[2, "pupils"] == 95
    assert read.loc[2, "pupils_elementaire"] == 94


def test_an_empty_count_is_unknown(write: Write) -> None:
    """Orlu: 14 pupils, no split."""
    read = raw.read_effectifs(effectifs(write, "2024;X;0090345B;PUBLIC;1;14;;;0;09110"))

    assert read["pupils_elementaire"].isna().all()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2022;X;0350210N;PUBLIC;2;-36;18;18;0;1", "ligne 5, colonne « Nombre total d'élèves » : « -36 »"),
        ("2022;X;0350210N;PUBLIC;200;36;18;18;0;1", "colonne « Nombre total de classes » : « 200 »"),
        ("2022;X;0350210N;PUBLIC;150;3001;18;18;0;1", "« 3001 »"),
        ("2022;X;0350210N;PUBLIC;2;121;18;18;0;1", "plus de 60 élèves par classe"),
        ("2022;X;0350210N;PUBLIC;0;1;18;18;0;1", "plus de 60 élèves par classe"),
        ("2022;X;0350210N;PUBLIC;2;36,5;18;18;0;1", "« 36,5 » n'est pas un nombre entier"),
        ("2022;X;0350210N;PUBLIC;2;beaucoup;18;18;0;1", "« beaucoup »"),
        ("vingt;X;0350210N;PUBLIC;2;36;18;18;0;1", "« vingt » n'est pas une année scolaire"),
        ("2022;X;0350210N;PUBLIC;2;36;18", "ligne 5 : valeurs lues : 7, attendues : 10"),
    ],
)
def test_effectifs_bad_rows(write: Write, row: str, message: str) -> None:
    """Negative, absurd, fractional, not a number, truncated: file, line, column, value."""
    with pytest.raises(RawDataError, match=rf"effectifs_nb_classes\.csv, .*{message}"):
        raw.read_effectifs(effectifs(write, *EFFECTIFS[1:], row))


def test_a_crowded_but_possible_class_is_kept(write: Write) -> None:
    """60 pupils per class is the bound itself."""
    assert len(raw.read_effectifs(effectifs(write, "2022;X;0350210N;PUBLIC;2;120;60;60;0;1"))) == 1


def test_a_file_that_mixes_rentrees_is_refused(shared: Path) -> None:
    """The truncated download seen in the wild: one arbitrary rentrée per school."""
    path = shared / "opendata" / "ecoles_effectifs_vendee_annees_melangees.csv"

    with pytest.raises(RawDataError, match=r"mélange les rentrées .*2024 : 5 sur 34"):
        raw.read_effectifs(path)


def test_half_of_the_schools_at_the_last_rentree_is_enough(write: Write) -> None:
    """Schools close: their old rows are no sign of truncation, as long as half are there."""
    old, last = EFFECTIFS[0], EFFECTIFS[2]

    assert len(raw.read_effectifs(effectifs(write, old, last))) == 2
    with pytest.raises(RawDataError, match="1 sur 3"):
        raw.read_effectifs(effectifs(write, old, last, "2020;Z;0130419K;PUBLIC;5;95;0;94;0;1"))


BEFORE = "Rentrée scolaire;Académie;UAI;Nom de l'établissment;Code INSEE de la commune;Secteur;IPS"
AFTER = "rentree_scolaire;academie;uai;nom_de_l_etablissment;code_insee_de_la_commune;secteur;effectifs;ips"


def test_both_ips_files_and_the_break_of_2022(write: Write) -> None:
    """Labels before 2022, field names after; the pupils of the second file are not read."""
    before = raw.read_ips(write("fr-en-ips_ecoles.csv", f"{BEFORE}\n2021-2022;T;0090626G;E;09032;public;104,4"))
    after = raw.read_ips(
        write(
            "ips.csv", f"{AFTER}\n2022-2023;T;0090626G;E;09032;public;82.0;102.9\n2022;T;0090312R;E;2A004;public;9;NS"
        )
    )

    assert before.iloc[0][["rentree", "ips", "series", "code_insee"]].tolist() == [2021, 104.4, "avant_2022", "09032"]
    assert after.iloc[0][["rentree", "ips", "series", "status"]].tolist() == [2022, 102.9, "ap_2022", ""]
    assert after.iloc[1]["status"] == "non significatif"
    assert after["ips"].isna().tolist() == [False, True]
    assert "effectifs" not in after


@pytest.mark.parametrize("value", ["19.9", "200.1", "-", "s"])
def test_ips_out_of_bounds(write: Write, value: str) -> None:
    """An IPS lies between 20 and 200."""
    with pytest.raises(RawDataError, match=f"colonne « ips » : « {value} »"):
        raw.read_ips(write("ips.csv", f"{AFTER}\n2022-2023;T;0090626G;E;09032;public;82.0;{value}"))


def test_tidy_schools_check_the_level(write: Write) -> None:
    """Our own table is checked like those of others."""
    header = "code_insee,rentree,uai,nom,sector,level,classes,pupils,pupils_maternelle,pupils_elementaire,pupils_ulis"

    with pytest.raises(RawDataError, match="ligne 2, colonne « level »"):
        raw.read_schools(write("e.csv", f"{header}\n09194,2024,0090312R,ECOLE,public,collège,7,132,0,124,8"))
