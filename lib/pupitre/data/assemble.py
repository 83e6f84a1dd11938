"""From the frames of many files to the tables of the store: codes of today, joins, duplicates, coverage.

Belongs: every decision about rows that contradict, repeat or lack one another. Does not: files (`raw`), SQL (`store`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pupitre.data.codes import departement_of
from pupitre.data.names import name_key
from pupitre.data.sources import RawFile
from pupitre.data.summaries import is_national
from pupitre.errors import RawDataError

CURRENT = "commune-actuelle"
PARTS = ("commune-deleguee", "commune-associee", "arrondissement-municipal")
SPLIT_CAVEAT = (
    "Niveau de vie {year} : il a été publié pour les anciennes communes, pas pour la commune nouvelle ; "
    "il n'est donc pas connu ici."
)


@dataclass
class Parts:
    """What the files gave, by table, in order of precedence; and what must be said of it."""

    frames: dict[str, list[tuple[RawFile, pd.DataFrame]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, file: RawFile, frame: pd.DataFrame) -> None:
        """Give a file's frame to each table that its kind feeds, marked with the file's name."""
        for table in file.kind.tables:
            self.frames.setdefault(table, []).append((file, frame.assign(source=file.source.file)))

    def stacked(self, table: str) -> pd.DataFrame:
        """All rows given to a table, the first file first; an empty frame when there is none."""
        frames = [frame for _, frame in self.frames.get(table, [])]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def current_codes(communes: pd.DataFrame) -> dict[str, str]:
    """Any code INSEE of the list (former, arrondissement, déléguée, today's) → the code of today's commune.

    A commune déléguée that bears the code of its commune nouvelle changes nothing: today's commune wins.
    """
    parents = communes[communes["parent"] != ""]
    today = communes[communes["type"] == CURRENT]
    return (
        dict(zip(parents["code_insee"], parents["parent"], strict=True))
        | dict(former_codes(communes).itertuples(index=False))
        | {code: code for code in today["code_insee"]}
    )


def former_codes(communes: pd.DataFrame) -> pd.DataFrame:
    """One row per former code: former, code_insee (the commune that took it over)."""
    merged = communes.loc[communes["anciens_codes"] != "", ["anciens_codes", "code_insee"]]
    former = merged["anciens_codes"].str.split("|")
    return merged.assign(former=former).explode("former")[["former", "code_insee"]].reset_index(drop=True)


def arrondissements(communes: pd.DataFrame) -> set[str]:
    """The codes of the municipal arrondissements, whose figures are already in those of the whole commune."""
    return set(communes.loc[communes["type"] == "arrondissement-municipal", "code_insee"])


def build_communes(parts: Parts) -> pd.DataFrame:
    """The communes of all types, with their grouping and population."""
    if "communes" not in parts.frames:
        raise RawDataError(
            "Aucune liste de communes dans les données brutes. Ajoutez communes_cog2026.csv.gz ou communes.json."
        )
    file, communes = parts.frames["communes"][0]
    if "epci_siren" not in communes:
        communes = _with_epci(communes, parts)
    _refuse_contradictions(file.path.name, communes)
    communes = communes.assign(population_vintage=file.source.vintage, name_key=communes["nom"].map(name_key))
    return _with_populations(communes, parts)


def _refuse_contradictions(name: str, communes: pd.DataFrame) -> None:
    """Each commune of today once, each part of a known type with its whole in the list."""
    today = set(communes.loc[communes["type"] == CURRENT, "code_insee"])
    twice = communes.loc[communes["type"] == CURRENT, "code_insee"].duplicated()
    parts = communes[communes["type"] != CURRENT]
    wrong = {
        "deux fois": communes.loc[twice[twice].index, "code_insee"],
        "d'un type inconnu": parts.loc[~parts["type"].isin(PARTS), "code_insee"],
        "sans la commune dont elle fait partie": parts.loc[~parts["parent"].isin(today), "code_insee"],
    }
    for what, codes in wrong.items():
        if len(codes):
            raise RawDataError(f"{name} : la commune {codes.iloc[0]} y est {what}. Reprenez la liste publiée.")


def _with_epci(communes: pd.DataFrame, parts: Parts) -> pd.DataFrame:
    columns = ["code_insee", "epci_siren", "epci_nom", "epci_type"]
    members = parts.stacked("epci").reindex(columns=columns).drop_duplicates("code_insee")
    joined = communes.merge(members, on="code_insee", how="left")
    texts = joined[columns[1:]].astype("object").where(joined["type"] == CURRENT, "").fillna("").astype("str")
    return joined.assign(**{name: texts[name] for name in columns[1:]})


def _with_populations(communes: pd.DataFrame, parts: Parts) -> pd.DataFrame:
    """Fill the populations that the list of communes lacks."""
    for file, frame in parts.frames.get("populations", []):
        known = frame.set_index("code_insee")["population"]
        found = communes["code_insee"].map(known).astype("Int64")
        filled = communes["population"].isna() & found.notna()
        communes = communes.assign(
            population=communes["population"].fillna(found),
            population_vintage=communes["population_vintage"].mask(filled, file.source.vintage),
        )
    return communes


def _relocate(frame: pd.DataFrame, current: Mapping[str, str], what: str, warnings: list[str]) -> pd.DataFrame:
    """The rows with today's codes; those whose code no list knows are dropped, and said to be."""
    codes = frame["code_insee"].map(current)
    lost = frame.loc[codes.isna(), "code_insee"]
    if len(lost):
        examples = ", ".join(sorted(set(lost))[:5])
        warnings.append(f"{what} : lignes écartées, au code commune inconnu : {len(lost)} ({examples}).")
    return frame.assign(code_insee=codes).dropna(subset=["code_insee"])


def build_schools(parts: Parts, current: Mapping[str, str]) -> pd.DataFrame:
    """One row per school (UAI), in today's commune; the first file that names it wins."""
    schools = parts.stacked("schools")
    if schools.empty:
        return schools
    return _relocate(schools, current, "Écoles", parts.warnings).drop_duplicates("uai")


def _zones(file: RawFile, codes: Iterable[str]) -> set[str]:
    return set(codes) if file.covers == "communes" else {departement_of(code) for code in codes}


def build_coverage(parts: Parts, current: Mapping[str, str]) -> pd.DataFrame:
    """Where the absence of a school means that there is none: zone (commune or département), source."""
    pairs = [
        (zone, file.source.file)
        for file, frame in parts.frames.get("schools", [])
        for zone in sorted(_zones(file, frame["code_insee"].map(current).dropna()))
    ]
    return pd.DataFrame(pairs, columns=["zone", "source"])


def _homes(schools: pd.DataFrame) -> dict[str, str]:
    """UAI → the commune of today in which the school is."""
    return dict(zip(schools["uai"], schools["code_insee"], strict=True)) if len(schools) else {}


def build_enrolments(parts: Parts, schools: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Enrolments of known schools by (UAI, rentrée), and the rentrées known by zone: zone, rentree."""
    homes = _homes(schools)
    kept, rentrees = [], set()
    for file, frame in parts.frames.get("enrolments", []):
        located = frame.assign(code_insee=frame["uai"].map(homes))
        _warn_lost_schools(file, located[located["code_insee"].isna()], parts.warnings)
        located = located.dropna(subset=["code_insee"])
        kept.append(located)
        for rentree, codes in located.groupby("rentree")["code_insee"]:
            rentrees |= {(zone, int(str(rentree))) for zone in _zones(file, codes)}
    table = pd.concat(kept, ignore_index=True).drop_duplicates(["uai", "rentree"]) if kept else pd.DataFrame()
    return table, pd.DataFrame(sorted(rentrees), columns=["zone", "rentree"])


def _warn_lost_schools(file: RawFile, lost: pd.DataFrame, warnings: list[str]) -> None:
    """A school closed since has no annuaire any more: its enrolments belong to no known commune."""
    if lost.empty:
        return
    schools = lost.drop_duplicates("uai")
    public = int((schools["sector"] == "public").sum())
    warnings.append(
        f"{file.source.file} : écoles écartées, absentes de l'annuaire (le plus souvent fermées depuis) : "
        f"{len(schools)} (dont publiques : {public} ; lignes : {len(lost)})."
    )


def build_ips(parts: Parts, schools: pd.DataFrame, current: Mapping[str, str]) -> pd.DataFrame:
    """IPS by (UAI, rentrée), in the commune that the annuaire gives, else in the one that the file gives."""
    ips = parts.stacked("ips")
    if ips.empty:
        return ips
    ips = ips.assign(code_insee=ips["uai"].map(_homes(schools)).fillna(ips["code_insee"]))
    return _relocate(ips, current, "IPS", parts.warnings).drop_duplicates(["uai", "rentree"])


def build_niveau_vie(
    parts: Parts, communes: pd.DataFrame, current: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, str]]]:
    """Niveaux de vie of today's communes, those of whole communes as published (for the summary), caveats.

    When the file still gives a former commune apart, the line that bears today's code is that of the former
    chief town: it is not the figure of the commune nouvelle, and is dropped with a caveat.
    """
    published = parts.stacked("niveau_vie")
    if published.empty:
        return published, published, []
    published = published[~published["code_insee"].isin(arrondissements(communes))]
    published = published.drop_duplicates(["code_insee", "year"])
    targets = published["code_insee"].map(current)
    former = published[targets.notna() & (targets != published["code_insee"])]
    split = set(zip(former["code_insee"].map(current), former["year"], strict=True))
    keys = pd.Series(list(zip(published["code_insee"], published["year"], strict=True)), index=published.index)
    whole = published[(targets == published["code_insee"]) & ~keys.isin(list(split))]
    return whole, published, [(code, SPLIT_CAVEAT.format(year=year)) for code, year in sorted(split)]


def build_fibre(parts: Parts, communes: pd.DataFrame) -> pd.DataFrame:
    """Fibre by (commune, period), whole communes of today only."""
    fibre = parts.stacked("fibre")
    if fibre.empty:
        return fibre
    today = set(communes.loc[communes["type"] == CURRENT, "code_insee"])
    return fibre[fibre["code_insee"].isin(today)].drop_duplicates(["code_insee", "period"])


def national_parts(frame: pd.DataFrame, vintage: str) -> pd.DataFrame:
    """The rows of the vintages (rentrée, year) for which the frame covers the whole country."""
    if frame.empty:
        return frame
    groups = [group for _, group in frame.groupby(vintage) if is_national(group["code_insee"])]
    return pd.concat(groups) if groups else frame.iloc[:0]


def load_departements() -> pd.DataFrame:
    """Code and name of every département and overseas territory."""
    return pd.read_csv(Path(__file__).with_name("departements.csv"), dtype="str")
