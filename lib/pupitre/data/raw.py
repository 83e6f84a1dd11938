"""Readers of the files on schools: one `read_…` per kind of file, from the file to a frame of our columns.

Belongs: headers, codes, bounds. Does not: joins between files (`store`).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pupitre.data.names import readable_name
from pupitre.data.tables import Column, RawTable, read_table
from pupitre.errors import RawDataError

MAX_PUPILS, MAX_CLASSES, MAX_PUPILS_PER_CLASS = 3000, 150, 60
IPS_LOW, IPS_HIGH = 20, 200
FLAGS = {"1": True, "0": False, "": False}
LEVELS = ("maternelle", "elementaire", "primaire")

UAI = Column("uai", ("Identifiant_de_l_etablissement", "Numéro de l'école", "numero_ecole", "numero_uai"))
RENTREE = Column("rentree", ("Rentrée scolaire", "rentree_scolaire"))
SECTOR = Column("sector", ("Secteur", "statut_public_prive"))
CODE = Column("code_insee", ("Code_commune", "Code INSEE de la commune", "code_insee_de_la_commune"))

ANNUAIRE = (
    UAI,
    CODE,
    SECTOR,
    Column("nom", ("Nom_etablissement",)),
    Column("type", ("Type_etablissement",)),
    Column("maternelle", ("Ecole_maternelle",)),
    Column("elementaire", ("Ecole_elementaire",)),
    Column("contract", ("Type_contrat_prive",)),
    Column("rpi", ("rpi_disperse",), required=False),
    Column("updated", ("date_maj_ligne",), required=False),
)

COUNTS = (
    Column("classes", ("Nombre total de classes", "nombre_total_classes")),
    Column("pupils", ("Nombre total d'élèves", "nombre_total_eleves")),
    Column(
        "pupils_maternelle",
        ("Nombre d'élèves en pré-élémentaire hors ULIS", "nombre_eleves_preelementaire_hors_ulis"),
    ),
    Column("pupils_elementaire", ("Nombre d'élèves en élémentaire hors ULIS", "nombre_eleves_elementaire_hors_ulis")),
    Column("pupils_ulis", ("Nombre d'élèves en ULIS", "nombre_eleves_ulis")),
)

IPS = (RENTREE, UAI, CODE, SECTOR, Column("ips"))


def _declared_level(maternelle: bool, elementaire: bool) -> str:
    """The level that the annuaire declares; a school that declares neither is taken as a primaire."""
    return {(True, False): "maternelle", (False, True): "elementaire"}.get((maternelle, elementaire), "primaire")


def read_annuaire(path: Path) -> pd.DataFrame:
    """Open schools, public or private under contract, one row per UAI.

    Columns uai, code_insee (as published: arrondissement or former code possible), nom, sector, level
    (as declared), rpi (code of the dispersed RPI or NA), updated. Raises `RawDataError`.
    """
    table = read_table(path, ANNUAIRE)
    keep = (table.text("type") == "Ecole") & (table.text("contract").str.upper() != "HORS CONTRAT")
    table = RawTable(table.path, table.headers, table.frame[keep])
    rpi = table.text("rpi")
    flags = [table.parsed(name, FLAGS.__getitem__, "n'est ni 0 ni 1.") for name in ("maternelle", "elementaire")]
    frame = pd.DataFrame(
        {
            "uai": table.uai(),
            "code_insee": table.code(),
            "nom": table.text("nom").map(readable_name),
            "sector": table.sector(),
            "level": list(map(_declared_level, *flags)),
            "rpi": rpi.where(~rpi.isin(["", "0"])),
            "updated": table.text("updated"),
        }
    )
    return frame.drop_duplicates("uai")


def _counts(table: RawTable) -> pd.DataFrame:
    """Classes and pupils, each plausible alone and together."""
    limits = {column.name: MAX_PUPILS for column in COUNTS} | {"classes": MAX_CLASSES}
    frame = pd.DataFrame({name: table.count(name, high) for name, high in limits.items()})
    crowded = frame["pupils"] > MAX_PUPILS_PER_CLASS * frame["classes"]
    table.refuse(crowded, "pupils", f"plus de {MAX_PUPILS_PER_CLASS} élèves par classe, c'est impossible.")
    return frame


def _refuse_mixed_rentrees(path: Path, frame: pd.DataFrame) -> None:
    """A download cut short leaves one rentrée per school, any one: under half have the last."""
    last = int(frame["rentree"].max())
    schools, current = frame["uai"].nunique(), frame.loc[frame["rentree"] == last, "uai"].nunique()
    if current < schools / 2:
        raise RawDataError(
            f"{path.name} : le fichier mélange les rentrées (écoles qui ont la dernière, {last} : {current} sur "
            f"{schools}). C'est une copie tronquée : téléchargez de nouveau le fichier entier."
        )


def read_effectifs(path: Path) -> pd.DataFrame:
    """Classes and pupils by school and rentrée: uai, rentree, sector, classes, pupils, pupils_… (Int64).

    The commune is not read: what the file calls its code is a postcode. Raises `RawDataError`, also for a file
    that mixes rentrées.
    """
    table = read_table(path, (UAI, RENTREE, SECTOR, *COUNTS))
    keys = {"uai": table.uai(), "rentree": table.rentree(), "sector": table.sector()}
    frame = pd.DataFrame(keys).join(_counts(table))
    _refuse_mixed_rentrees(path, frame)
    return frame.drop_duplicates(["uai", "rentree"])


def read_schools(path: Path) -> pd.DataFrame:
    """Our tidy table: a school and its enrolments on one line, for the communes listed."""
    columns = (CODE, RENTREE, UAI, Column("nom"), SECTOR, Column("level"), *COUNTS)
    table = read_table(path, columns)
    table.refuse(~table.text("level").isin(LEVELS), "level", f"le niveau doit être l'un de {', '.join(LEVELS)}.")
    frame = pd.DataFrame(
        {
            "uai": table.uai(),
            "rentree": table.rentree(),
            "code_insee": table.code(),
            "nom": table.text("nom").map(readable_name),
            "sector": table.sector(),
            "level": table.text("level"),
            "rpi": None,
        }
    )
    return frame.join(_counts(table)).drop_duplicates(["uai", "rentree"])


def read_ips(path: Path) -> pd.DataFrame:
    """IPS by school and rentrée: uai, code_insee (as published), rentree, sector, ips (Float64), status, series.

    « NS » or an empty cell gives NA and the status « non significatif ». `series` is `avant_2022` or `ap_2022`:
    the index was recomputed in 2022 and the two cannot be compared. The pupils given beside it are not read: they
    are not those of the school.
    """
    table = read_table(path, IPS)
    ips, rentree = table.number("ips", IPS_LOW, IPS_HIGH, ("", "NS")), table.rentree()
    frame = pd.DataFrame(
        {
            "uai": table.uai(),
            "code_insee": table.code(),
            "rentree": rentree,
            "sector": table.sector(),
            "ips": ips,
            "status": ips.isna().map({True: "non significatif", False: ""}),
            "series": (rentree >= 2022).map({True: "ap_2022", False: "avant_2022"}),
        }
    )
    return frame.drop_duplicates(["uai", "rentree"])


def read_ips_summary(path: Path) -> pd.DataFrame:
    """Our summary of IPS: zone, sector, rentree, n, q1, median, q3 over the schools that have one."""
    quartiles = ("q1", "median", "q3")
    table = read_table(path, (Column("zone"), SECTOR, RENTREE, Column("n"), *map(Column, quartiles)))
    keys = {"zone": table.text("zone"), "sector": table.sector(), "rentree": table.rentree()}
    values = {name: table.number(name, IPS_LOW, IPS_HIGH) for name in quartiles}
    return pd.DataFrame(keys | {"n": table.count("n", 100_000)} | values)
