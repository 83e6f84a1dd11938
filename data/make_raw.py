"""Remake every file of `data/raw` from the folder of shared data: `python data/make_raw.py SHARED_DATA_DIR [OUT]`.

The same folder gives the same bytes. SHARED_DATA_DIR holds `bulk/` (files as their publishers issue them) and
`opendata/` (small extracts); its README says where each comes from, and the sidecars written here repeat it.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pandas as pd

from pupitre.data.assemble import schema
from pupitre.data.raw import COMMUNE_TEXTS, read_communes_json, read_epci
from pupitre.data.sources import SIDECAR_SUFFIX, digest
from pupitre.data.store import build_store, connect

COMMUNES = ("09194", "13028", "92062", "09220", "09032", "09122", "09225")
ACCESSED_ON = "2026-11-22"  # the day the facts were taken from the copies that the sidecars name
LICENCE_OUVERTE = "Licence Ouverte 2.0"
INSEE_LICENCE = "INSEE, réutilisation libre avec mention de la source"
DEPP = "Ministère de l'Éducation nationale (DEPP)"
GITHUB = "https://github.com"

ECOLES_COPY = "black-born/prix-eleve-ecole@9bbe134236ea4e28cad4581ca156fd1ccb2c5a49"
IPS_COPY = "dlakisic/IPS_dashboard@891118c8"
FILOSOFI_COPY = "greg2gld/DS-Immo@9eccc193"
PROJECTS_COPY = (
    "2018: anct-carto/dotation_investissement@c8b71f2f Projets_DI_2018.ods; "
    "2019: anct-carto/dotations_investissement_2019@532d1fd4 data/projets_dotations_investissement_2019.xlsx"
)
FIBRE_COPY = "arimet/alentours@2b13815d47f0b66727d04c5fb7797596a3c9b521"


def _source(
    title: str, publisher: str, url: str, vintage: str, licence: str = LICENCE_OUVERTE, **more: object
) -> dict[str, object]:
    named = {"title": title, "publisher": publisher, "url": url, "vintage": vintage}
    return named | {"accessed_on": ACCESSED_ON, "licence": licence} | more


SOURCES: dict[str, dict[str, object]] = {
    "communes_cog2026.csv.gz": _source(
        "Communes et EPCI de France (paquet decoupage-administratif 6.0.0)",
        "Etalab, d'après l'INSEE et la DGCL",
        f"{GITHUB}/etalab/decoupage-administratif",
        "COG 2026",
        "MIT (paquet) ; Licence Ouverte 2.0 (données INSEE et DGCL)",
    ),
    "ecoles_rentree2024.csv": _source(
        "Effectifs et classes par école, et annuaire de l'éducation",
        DEPP,
        f"{GITHUB}/{ECOLES_COPY.replace('@', '/blob/')}/data/processed/base_ecoles_rentree2024.csv",
        "rentrée 2024",
        copied_from=ECOLES_COPY,
        covers="communes",
        caveats=[
            {
                "code_insee": "13028",
                "text": "La Ciotat : la liste des écoles maternelles de la rentrée 2024 est peut-être incomplète, "
                "l'extrait lu ne donnant pas tous les établissements.",
            }
        ],
    ),
    "ips_ecoles.csv": _source(
        "Indice de position sociale des écoles, 2022-2023 et 2024-2025",
        DEPP,
        "https://data.education.gouv.fr/explore/dataset/fr-en-ips-ecoles-ap2022/",
        "rentrées 2022 et 2024",
        copied_from=f"2022-2023: {IPS_COPY}; 2024-2025: {ECOLES_COPY}",
        covers="communes",
    ),
    "niveau_vie_2021.csv": _source(
        "Filosofi : niveau de vie médian des communes",
        "INSEE",
        "https://www.insee.fr/fr/statistiques/7756729",
        "2021",
        INSEE_LICENCE,
        copied_from=f"{FILOSOFI_COPY} cc_filosofi_2021_COM.csv",
    ),
    "fibre_2026T2.csv": _source(
        "Cartefibre, et calendrier de fermeture du réseau cuivre du 20 octobre 2025",
        "Arcep",
        "https://cartefibre.arcep.fr/",
        "2e trimestre 2026",
        copied_from=FIBRE_COPY,
    ),
    "projets_numeriques_2018_2019.csv": _source(
        "Projets numériques des écoles financés par la DETR ou la DSIL, retenus par mots-clés dans les listes de 2018 "
        "et 2019 (coûts : HT ou TTC non précisé)",
        "Direction générale des collectivités locales (DGCL)",
        f"{GITHUB}/anct-carto/dotations_investissement_2019",
        "2018 et 2019",
        copied_from=PROJECTS_COPY,
    ),
    "ips_resume_2022.csv": _source(
        "Quartiles de l'IPS des écoles, calculés du fichier national 2022-2023",
        DEPP,
        "https://data.education.gouv.fr/explore/dataset/fr-en-ips-ecoles-ap2022/",
        "rentrée 2022",
        copied_from=IPS_COPY,
    ),
    "niveau_vie_resume_2021.csv": _source(
        "Déciles du niveau de vie médian des communes, calculés du fichier national Filosofi",
        "INSEE",
        "https://www.insee.fr/fr/statistiques/7756729",
        "2021",
        INSEE_LICENCE,
        copied_from=FILOSOFI_COPY,
    ),
}

SCHOOL_COLUMNS = {
    "code_insee": "code_insee",
    "rentree": "rentree",
    "uai": "uai",
    "nom": "nom",
    "secteur": "sector",
    "type": "level",
    "classes": "classes",
    "eleves": "pupils",
    "eleves_preelementaire_hors_ulis": "pupils_maternelle",
    "eleves_elementaire_hors_ulis": "pupils_elementaire",
    "eleves_ulis": "pupils_ulis",
}
FIBRE_COLUMNS = {
    "code_insee": "code_insee",
    "cartefibre_periode": "period",
    "locaux_cartefibre": "premises",
    "ftth_raccordables": "connectable",
    "taux_ftth": "share",
    "cuivre_statut": "copper_status",
    "cuivre_date_fermeture": "copper_closing",
}

PROJECT_COLUMNS = [
    "annee", "id_projet", "code_benef", "beneficiaire", "id_dep", "dotation", "echelon", "description", "cout",
    "subvention",
]  # fmt: skip


def _extract(shared: Path, name: str) -> pd.DataFrame:
    """An extract as texts, the seven communes only."""
    frame = pd.read_csv(shared / "opendata" / name, dtype="str", keep_default_na=False)
    return frame.rename(columns={"CODGEO": "code_insee"}).query("code_insee in @COMMUNES")


def make_communes(shared: Path) -> pd.DataFrame:
    """The national list of communes of all types, with their grouping."""
    communes = read_communes_json(shared / "bulk" / "communes_cog2026.json")
    groups = read_epci(shared / "bulk" / "epci_2026.json").assign(type="commune-actuelle")
    joined = communes.merge(groups, on=["code_insee", "type"], how="left")
    return joined[[*COMMUNE_TEXTS, "population"]].sort_values(["code_insee", "type", "nom"])


def make_schools(shared: Path) -> pd.DataFrame:
    """The schools of the seven communes at the 2024 rentrée."""
    schools = _extract(shared, "ecoles_rentree2024.csv").rename(columns=SCHOOL_COLUMNS)
    return schools[list(SCHOOL_COLUMNS.values())].sort_values(["code_insee", "uai"])


def make_ips(shared: Path) -> pd.DataFrame:
    """IPS at the 2022 rentrée (national file) and the 2024 one (with the enrolments); « NS » kept, no maternelle."""
    columns = ["code_insee", "uai", "rentree", "sector", "ips"]
    before = _extract(shared, "ips_ecoles_2021_2022.csv").query("rentree_scolaire == '2022-2023'")
    before = before.rename(columns={"rentree_scolaire": "rentree", "secteur": "sector"})
    after = _extract(shared, "ecoles_rentree2024.csv").query("ips_statut != 'sans objet (maternelle)'")
    after = after.rename(columns={"secteur": "sector", "ips_2024_2025": "ips"}).assign(rentree="2024-2025")
    after["ips"] = after["ips"].mask(after["ips_statut"] == "non significatif", "NS")
    return pd.concat([before[columns], after[columns]]).sort_values(["code_insee", "uai", "rentree"])


def make_niveau_vie(shared: Path) -> pd.DataFrame:
    """Niveau de vie of the seven communes, as published."""
    frame = _extract(shared, "filosofi_2021.csv").assign(year="2021")
    frame = frame.rename(columns={"MED21": "median_eur", "NBMENFISC21": "households"})
    frame["status"] = frame["median_eur"].map({"s": "secret statistique"}).fillna("")
    return frame[["code_insee", "year", "median_eur", "households", "status"]].sort_values("code_insee")


def make_fibre(shared: Path) -> pd.DataFrame:
    """Fibre and copper in the seven communes."""
    fibre = _extract(shared, "fibre_2026T2.csv").rename(columns=FIBRE_COLUMNS)
    return fibre[list(FIBRE_COLUMNS.values())].sort_values("code_insee")


def make_projects(shared: Path) -> pd.DataFrame:
    """The projects found to be digital and for schools, without works; spaces and line breaks made one space."""
    path = shared / "opendata" / "detr_dsil_ecole_numerique_2018_2019.csv"
    projects = pd.read_csv(path, dtype="str", keep_default_na=False).query("numerique_pur == 'True'")
    for column in ("beneficiaire", "description"):
        projects = projects.assign(**{column: projects[column].str.split().str.join(" ")})
    return projects[PROJECT_COLUMNS].sort_values(["annee", "id_projet"])


def make_summaries(shared: Path) -> dict[str, pd.DataFrame]:
    """The two national summaries, as a build on the publishers' files computes them."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "bulk.sqlite"
        build_store(shared / "bulk", store)
        with closing(connect(store)) as connection:
            return {
                "ips_resume_2022.csv": _summary(connection, "ips_reference"),
                "niveau_vie_resume_2021.csv": _summary(connection, "niveau_vie_reference"),
            }


def _summary(connection: sqlite3.Connection, table: str) -> pd.DataFrame:
    columns = ", ".join(name for name in schema()[table]["columns"] if name != "source")
    return pd.read_sql_query(f"SELECT {columns} FROM {table}", connection)  # noqa: S608


def _toml(fields: dict[str, object]) -> str:
    """A flat table and its `[[caveats]]`, in TOML; a JSON string is a TOML string."""
    flat = {name: value for name, value in fields.items() if isinstance(value, str)}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in flat.items()]
    for caveat in fields.get("caveats", []):  # type: ignore[attr-defined]
        lines += ["", "[[caveats]]", *_toml(caveat).splitlines()]
    return "\n".join(lines) + "\n"


def write(out: Path, name: str, frame: pd.DataFrame) -> None:
    """Write a table and its sidecar."""
    content = frame.to_csv(index=False, lineterminator="\n").encode()
    path = out / name
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    sidecar = _toml({**SOURCES[name], "sha256": digest(path)})
    (out / f"{name}{SIDECAR_SUFFIX}").write_text(sidecar, encoding="utf-8")


def make_raw(shared: Path, out: Path) -> None:
    """Write every file of `data/raw` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    tables = {
        "communes_cog2026.csv.gz": make_communes(shared),
        "ecoles_rentree2024.csv": make_schools(shared),
        "ips_ecoles.csv": make_ips(shared),
        "niveau_vie_2021.csv": make_niveau_vie(shared),
        "fibre_2026T2.csv": make_fibre(shared),
        "projets_numeriques_2018_2019.csv": make_projects(shared),
        **make_summaries(shared),
    }
    for name, frame in tables.items():
        write(out, name, frame)


if __name__ == "__main__":
    target = sys.argv[2] if len(sys.argv) > 2 else Path(__file__).with_name("raw")
    make_raw(Path(sys.argv[1]), Path(target))
