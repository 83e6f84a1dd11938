from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pupitre.data import resource
from pupitre.data.dossier import Dossier, Fibre, NiveauVie, load_dossier
from pupitre.data.store import build_store
from pupitre.errors import UnknownCommune, UsageError

Write = Callable[[str, str], Path]
ON = date(2026, 11, 22)
TYPES = resource("queries")["schools"]["types"]


@pytest.fixture
def small(country: Path) -> Callable[..., Dossier]:
    """Load a dossier from the invented country, built at that moment."""

    def _load(code: str, on: date = ON) -> Dossier:
        store = country.parent / "s.sqlite"
        build_store(country, store)
        return load_dossier(code, on, store)

    return _load


def schools_of(dossier: Dossier) -> pd.DataFrame:
    """The schools, by UAI, of a commune that a file covers."""
    assert dossier.schools is not None
    return dossier.schools.set_index("uai")


def test_mirepoix(seven: Path) -> None:
    """The reference commune, figure by figure."""
    dossier = load_dossier("09194", ON, seven)
    schools = schools_of(dossier)

    assert dossier.schools is not None
    assert list(dossier.schools) == list(TYPES)
    assert dossier.schools.index.tolist() == [0, 1, 2]
    assert schools["pupils"].tolist() == [132, 59, 94]
    assert schools["classes"].tolist() == [7, 3, 4]
    assert schools["level"].tolist() == ["elementaire", "maternelle", "primaire"]
    assert schools["sector"].tolist() == ["public", "public", "prive_sous_contrat"]
    assert schools["rpi"].tolist() == [None, None, None]
    assert schools.loc["0090312R", ["nom", "pupils_ulis"]].tolist() == ["École élémentaire publique Jean Jaures", 8]
    assert dossier.niveau_vie == NiveauVie(2021, 20190.0, 1583, "")
    assert dossier.fibre == Fibre("2026-T2", 2691, 2609, 0.9695, "fermeture technique programmée", "2029-01-31")
    assert dossier.caveats == ()


def test_maternelles_have_no_ips(seven: Path) -> None:
    """None is invented: only the two schools with élémentaires, at two rentrées."""
    ips = load_dossier("09194", ON, seven).ips

    assert ips["uai"].tolist() == ["0090312R"] * 2 + ["0090633P"] * 2
    assert ips["ips"].tolist() == [100.1, 102.7, 110.7, 111.5]
    assert set(ips["series"]) == {"ap_2022"}


def test_orlu_keeps_what_is_missing_missing(seven: Path) -> None:
    """One school, one class, 14 pupils, no split, an IPS that is not significant."""
    dossier = load_dossier("09220", ON, seven)
    school = schools_of(dossier).loc["0090345B"]

    assert (school["nom"], school["level"], school["pupils"]) == ("École primaire", "primaire", 14)
    assert school[["pupils_maternelle", "pupils_elementaire"]].isna().all()
    assert dossier.ips["ips"].isna().all()
    assert dossier.ips["status"].tolist() == ["non significatif"]


def test_la_ciotat_carries_its_caveat_and_its_masked_pupil(seven: Path) -> None:
    """The sidecar's caveat reaches the mayor; 95 pupils, 94 of them said where (statistical secrecy)."""
    dossier = load_dossier("13028", ON, seven)

    assert len(schools_of(dossier)) == 23
    assert any("maternelles" in caveat and "incomplète" in caveat for caveat in dossier.caveats)
    assert schools_of(dossier).loc["0132261M", ["pupils", "pupils_elementaire", "pupils_ulis"]].tolist() == [95, 94, 0]


def test_the_level_is_that_of_the_pupils(country: Path, write: Write, small: Callable[..., Dossier]) -> None:
    """0090355M is declared primaire and has only élémentaires; with no split, the declaration stands."""
    path = country / "effectifs_nb_classes.csv"
    text = path.read_text(encoding="utf-8")
    assert schools_of(small("13055"))["level"].tolist() == ["elementaire"]

    write(path.name, text.replace("95;0;94;0", "95;;;0"))
    assert schools_of(small("13055"))["level"].tolist() == ["primaire"]

    write(path.name, text.replace("95;0;94;0", "12;0;0;12"))
    assert schools_of(small("13055"))["level"].tolist() == ["primaire"], "ULIS alone says nothing of the level"

    write(path.name, text.replace("95;0;94;0", "95;95;0;0"))
    assert schools_of(small("13055"))["level"].tolist() == ["maternelle"]


@pytest.mark.parametrize(
    ("on", "rentree", "pupils"),
    [(date(2022, 8, 31), 2021, 38), (date(2022, 9, 1), 2022, 36), (ON, 2022, 36)],
)
def test_the_last_rentree_begun(small: Callable[..., Dossier], on: date, rentree: int, pupils: int) -> None:
    """A rentrée begins on 1 September, the day included."""
    school = schools_of(small("35062", on)).loc["0350210N"]

    assert (school["rentree"], school["pupils"], school["rpi"]) == (rentree, pupils, "035008")


def test_before_the_first_rentree_nothing_is_known(small: Callable[..., Dossier]) -> None:
    """The school is there, its pupils are not, and the report says so."""
    dossier = small("35062", date(2021, 8, 31))

    assert schools_of(dossier)[["rentree", "classes", "pupils"]].isna().all(axis=None)
    assert "31/08/2021" in dossier.caveats[0]


def test_a_school_absent_from_the_last_rentree_keeps_na(
    country: Path, write: Write, small: Callable[..., Dossier]
) -> None:
    """An older rentrée never stands for the last one of the département."""
    path = country / "effectifs_nb_classes.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    write(path.name, "\n".join(line for line in lines if not line.startswith("2022;X")))

    dossier = small("35062")

    assert schools_of(dossier)["pupils"].isna().all()
    assert "ne figure pas à la rentrée 2022" in dossier.caveats[0]


def test_covered_without_school_is_empty_and_not_covered_is_none(small: Callable[..., Dossier]) -> None:
    """« No school » is a fact, « unknown » another."""
    none, unknown = small("35999"), small("01004")

    assert none.schools is not None
    assert none.schools.empty
    assert {name: str(kind) for name, kind in none.schools.dtypes.items()} == TYPES
    assert none.caveats == ()
    assert unknown.schools is None
    assert unknown.ips.empty
    assert (unknown.niveau_vie, unknown.fibre) == (None, None)
    assert [source.file for source in unknown.sources] == ["communes.json"]
    assert [source.file for source in none.sources] == ["annuaire_education.csv", "communes.json"]


def test_facts_are_those_known_on_the_date(seven: Path) -> None:
    """No fibre of 2026 in 2025, no IPS of 2024 in August 2024, no niveau de vie of 2021 in 2020."""
    before, after = load_dossier("09194", date(2026, 3, 31), seven), load_dossier("09194", date(2026, 4, 1), seven)
    assert before.fibre is None
    assert after.fibre is not None

    august = load_dossier("09194", date(2024, 8, 31), seven)
    assert august.ips["rentree"].tolist() == [2022, 2022]

    early = load_dossier("09194", date(2020, 12, 31), seven)
    assert early.niveau_vie is None
    assert early.niveau_vie_reference.empty
    assert early.ips_reference.empty
    assert load_dossier("09194", date(2021, 1, 1), seven).niveau_vie is not None


def test_statistical_secrecy_is_not_a_number(country: Path, write: Write, small: Callable[..., Dossier]) -> None:
    """`s` gives None and says why."""
    write("cc_filosofi_2021_COM.csv", "CODGEO;NBMENFISC21;MED21\n35140;s;s\n")

    assert small("35140").niveau_vie == NiveauVie(2021, None, None, "secret statistique")


def test_ips_of_both_series(country: Path, write: Write, small: Callable[..., Dossier]) -> None:
    """Kept side by side with their mark: the index was recomputed in 2022."""
    header = "Rentrée scolaire;UAI;Nom de l'établissment;Code INSEE de la commune;Secteur;IPS"
    write("fr-en-ips_ecoles.csv", f"{header}\n2021-2022;0350210N;X;35112;public;100,5\n")
    header = "rentree_scolaire;uai;code_insee_de_la_commune;secteur;effectifs;ips"
    write("fr-en-ips-ecoles-ap2022.csv", f"{header}\n2022-2023;0350210N;35112;public;60;99.5\n")

    ips = small("35062").ips

    assert ips[["rentree", "ips", "series"]].to_numpy().tolist() == [
        [2021, 100.5, "avant_2022"],
        [2022, 99.5, "ap_2022"],
    ]


def test_ips_of_a_closed_school_is_not_shown(country: Path, write: Write, small: Callable[..., Dossier]) -> None:
    """Where schools are known, an IPS belongs to one of them; elsewhere the commune's IPS are all kept."""
    header = "rentree_scolaire;uai;code_insee_de_la_commune;secteur;ips"
    write("ips_ecoles.csv", f"{header}\n2022-2023;0350577M;35062;public;99\n2022-2023;0090312R;09194;public;98\n")

    assert small("35062").ips.empty
    assert small("09194").ips["ips"].tolist() == [98.0]


def test_references_are_those_of_the_departement_and_of_france(seven: Path) -> None:
    """Zones « 13 » and « FR »; medians by sector; deciles rise."""
    dossier = load_dossier("13028", ON, seven)

    assert dossier.ips_reference["zone"].tolist() == ["13", "13", "FR", "FR"]
    assert dossier.niveau_vie_reference["zone"].tolist() == ["13", "FR"]
    deciles = dossier.niveau_vie_reference[[f"d{k}" for k in range(1, 10)]]
    assert (deciles.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_sources_are_those_that_served(seven: Path) -> None:
    """Each with its licence and date; a commune without fibre does not cite the Arcep."""
    full = {source.name for source in load_dossier("09194", ON, seven).sources}
    other = {source.name for source in load_dossier("85113", ON, seven).sources}

    assert full - other == {"ecoles_rentree2024", "fibre_2026T2", "ips_ecoles", "niveau_vie_2021"}
    assert other == {
        "communes_cog2026", "ips_resume_2022", "niveau_vie_resume_2021", "projets_numeriques_2018_2019",
    }  # fmt: skip
    assert all(source.accessed_on == "2026-11-22" for source in load_dossier("09194", ON, seven).sources)


def test_errors_come_before_anything(seven: Path, tmp_path: Path) -> None:
    """An unknown code, a missing store."""
    with pytest.raises(UnknownCommune):
        load_dossier("09914", ON, seven)
    with pytest.raises(UsageError, match="pupitre build"):
        load_dossier("09194", ON, tmp_path / "none.sqlite")
