"""From the frames of many files to the tables of the store: codes of today, joins, duplicates, coverage.

Belongs: every decision about rows that contradict, repeat or lack one another. Does not: files (`raw`), SQL (`store`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from pupitre.data import resource
from pupitre.data.codes import FICTIONAL, departement_of, name_key
from pupitre.data.sources import RawFile
from pupitre.errors import RawDataError

CURRENT = "commune-actuelle"
PARTS = ("commune-deleguee", "commune-associee", "arrondissement-municipal")
SPLIT = "il a été publié pour les anciennes communes, pas pour la commune nouvelle ; il n'est donc pas connu ici."
QUANTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75, "d9": 0.9}
"""The quantiles that summaries give, by name: the share of the values below each, interpolated linearly."""

Summarise = Callable[[pd.DataFrame], pd.DataFrame]

NATIONAL_DEPARTEMENTS = 90
"""A file that covers at least as many départements is national: its quantiles are those of France."""


def schema() -> dict[str, dict[str, list[str]]]:
    """The tables of the store, as `schema.toml` tells them: the columns and the indexes of each."""
    return resource("schema")


@dataclass
class Parts:
    """What the files gave, by table, in order of precedence; and what must be said of it.

    Each row tells its file (`source`), and of what the file tells all (`covers`): a département or a commune.
    """

    frames: dict[str, list[tuple[RawFile, pd.DataFrame]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, file: RawFile, frame: pd.DataFrame) -> None:
        """Give a file's frame to each table that its kind feeds."""
        for table in file.kind.tables:
            marked = frame.assign(source=file.source.file, covers=file.covers)
            self.frames.setdefault(table, []).append((file, marked))

    def stacked(self, table: str) -> pd.DataFrame:
        """All rows given to a table, the first file first; none, under the table's columns, when no file gave any."""
        frames = [frame for _, frame in self.frames.get(table, [])]
        columns = schema().get(table, {}).get("columns", [])
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*columns, "covers"])


def current_codes(communes: pd.DataFrame) -> dict[str, str]:
    """Any code INSEE of the list (former, arrondissement, déléguée, today's) → the code of today's commune.

    A commune déléguée that bears the code of its commune nouvelle changes nothing: today's commune wins.
    """
    parents = communes.loc[communes["parent"] != "", ["code_insee", "parent"]]
    today = _of_today(communes)
    former = former_codes(communes)
    return dict([*parents.itertuples(index=False), *former.itertuples(index=False), *zip(today, today, strict=True)])


def former_codes(communes: pd.DataFrame) -> pd.DataFrame:
    """One row per former code: former, code_insee (the commune that took it over)."""
    merged = communes.loc[communes["anciens_codes"] != "", ["anciens_codes", "code_insee"]]
    former = merged["anciens_codes"].str.split("|")
    return merged.assign(former=former).explode("former")[["former", "code_insee"]].reset_index(drop=True)


def _of_today(communes: pd.DataFrame) -> pd.Series[str]:
    """The codes of the communes of today, without the parts of a commune."""
    return communes.loc[communes["type"] == CURRENT, "code_insee"]


def build_communes(parts: Parts) -> pd.DataFrame:
    """The communes of all types, with their grouping and population: the first whole list, and what completes it.

    A file that covers only the communes it lists completes a list: the fictional commune comes so.
    """
    lists = parts.frames.get("communes", [])
    whole = [pair for pair in lists if pair[0].covers == "departements"][:1]
    if not whole:
        raise RawDataError(
            "Aucune liste de communes dans les données brutes. Ajoutez communes_cog2026.csv.gz ou communes.json."
        )
    kept = whole + [pair for pair in lists if pair[0].covers == "communes"]
    dated = [_with_epci(frame, parts).assign(population_vintage=file.source.vintage) for file, frame in kept]
    communes = pd.concat(dated, ignore_index=True)
    _refuse_contradictions(whole[0][0].path.name, communes)
    return _with_populations(communes.assign(name_key=communes["nom"].map(name_key)), parts)


def _refuse_contradictions(name: str, communes: pd.DataFrame) -> None:
    """Each commune of today once, each part of a known type with its whole in the list."""
    today, parts = _of_today(communes), communes[communes["type"] != CURRENT]
    wrong = {
        "deux fois": today[today.duplicated()],
        "d'un type inconnu": parts.loc[~parts["type"].isin(PARTS), "code_insee"],
        "sans la commune dont elle fait partie": parts.loc[~parts["parent"].isin(today), "code_insee"],
    }
    for what, codes in wrong.items():
        if len(codes):
            raise RawDataError(f"{name} : la commune {codes.iloc[0]} y est {what}. Reprenez la liste publiée.")


def _with_epci(communes: pd.DataFrame, parts: Parts) -> pd.DataFrame:
    """The grouping of each commune of today, unless the list has it; empty texts for the other entries."""
    if "epci_siren" in communes:
        return communes
    columns = ["code_insee", "epci_siren", "epci_nom", "epci_type"]
    members = parts.stacked("epci").reindex(columns=columns).astype("str").drop_duplicates("code_insee")
    joined = communes.merge(members.assign(type=CURRENT), on=["code_insee", "type"], how="left")
    return joined.fillna(dict.fromkeys(columns, ""))


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
    return _relocate(parts.stacked("schools"), current, "Écoles", parts.warnings).drop_duplicates("uai")


def _with_zone(located: pd.DataFrame) -> pd.DataFrame:
    """Rows with the zone of which their file tells all: their commune, or its département."""
    codes = located["code_insee"]
    return located.assign(zone=codes.where(located["covers"] == "communes", codes.map(departement_of)))


def build_coverage(parts: Parts, current: Mapping[str, str]) -> pd.DataFrame:
    """Where the absence of a school means that there is none: zone (commune or département), source."""
    schools = parts.stacked("schools")
    located = schools.assign(code_insee=schools["code_insee"].map(current)).dropna(subset=["code_insee"])
    return _with_zone(located)[["zone", "source"]].drop_duplicates()


def build_enrolments(parts: Parts, schools: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Enrolments of known schools by (UAI, rentrée), and the rentrées known by zone: zone, rentree.

    A school closed since has no annuaire any more: its enrolments belong to no known commune, and are said to be lost.
    """
    enrolments = parts.stacked("enrolments")
    enrolments = enrolments.assign(code_insee=enrolments["uai"].map(schools.set_index("uai")["code_insee"]))
    for file, lost in enrolments[enrolments["code_insee"].isna()].groupby("source", sort=False):
        schools_lost = lost.drop_duplicates("uai")
        public = int((schools_lost["sector"] == "public").sum())
        parts.warnings.append(
            f"{file} : écoles écartées, absentes de l'annuaire (le plus souvent fermées depuis) : "
            f"{len(schools_lost)} (dont publiques : {public} ; lignes : {len(lost)})."
        )
    located = enrolments.dropna(subset=["code_insee"])
    rentrees = _with_zone(located)[["zone", "rentree"]].drop_duplicates()
    return located.drop_duplicates(["uai", "rentree"]), rentrees


def build_ips(parts: Parts, schools: pd.DataFrame, current: Mapping[str, str]) -> pd.DataFrame:
    """IPS by (UAI, rentrée), in the commune that the annuaire gives, else in the one that the file gives."""
    ips = parts.stacked("ips")
    ips = ips.assign(code_insee=ips["uai"].map(schools.set_index("uai")["code_insee"]).fillna(ips["code_insee"]))
    return _relocate(ips, current, "IPS", parts.warnings).drop_duplicates(["uai", "rentree"])


def build_niveau_vie(
    parts: Parts, communes: pd.DataFrame, current: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, str]]]:
    """Niveaux de vie of today's communes, those of whole communes as published (for the summary), caveats.

    When the file still gives a former commune apart, the line that bears today's code is that of the former
    chief town: it is not the figure of the commune nouvelle, and is dropped with a caveat.
    """
    published = parts.stacked("niveau_vie").drop_duplicates(["code_insee", "year"])
    arrondissements = communes.loc[communes["type"] == "arrondissement-municipal", "code_insee"]
    published = published[~published["code_insee"].isin(arrondissements)]  # the whole commune already counts them
    targets = published["code_insee"].map(current)
    former = published[targets.notna() & (targets != published["code_insee"])]
    split = set(zip(former["code_insee"].map(current), former["year"], strict=True))
    keys = pd.Series(list(zip(published["code_insee"], published["year"], strict=True)), index=published.index)
    whole = published[(targets == published["code_insee"]) & ~keys.isin(list(split))]
    return whole, published, [(code, f"Niveau de vie {year} : {SPLIT}") for code, year in sorted(split)]


def build_fibre(parts: Parts, communes: pd.DataFrame) -> pd.DataFrame:
    """Fibre by (commune, period), whole communes of today only."""
    fibre = parts.stacked("fibre")
    return fibre[fibre["code_insee"].isin(_of_today(communes))].drop_duplicates(["code_insee", "period"])


def build_financed_projects(parts: Parts, communes: pd.DataFrame, current: Mapping[str, str]) -> pd.DataFrame:
    """Projects of the published lists, a commune under today's code and with today's population.

    A grouping keeps its SIREN, and an unknown commune its code: their population is NA. `rate` is the subsidy over the
    cost of the same project, NA when the cost is not published.
    """
    projects = parts.stacked("financed_projects").drop_duplicates("project")
    populations = communes[communes["type"] == CURRENT].set_index("code_insee")["population"]
    codes = projects["code"].map(current).fillna(projects["code"])
    rate = projects["subsidy_eur"] / projects["cost_eur"]
    return projects.assign(code=codes, population=codes.map(populations).astype("Int64"), rate=rate)


def is_national(codes: pd.Series[str]) -> bool:
    """Whether these codes INSEE cover at least 90 départements."""
    return codes.map(departement_of).nunique() >= NATIONAL_DEPARTEMENTS


def _by_zone(frame: pd.DataFrame) -> pd.DataFrame:
    """Each row twice: in its département and in « FR »."""
    zones = frame["code_insee"].map(departement_of)
    return pd.concat([frame.assign(zone=zones), frame.assign(zone="FR")])


def ips_summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Quartiles of the IPS of schools: zone (département or « FR »), sector, rentree, n, q1, median, q3.

    `frame` has code_insee, sector, rentree, ips; schools without an IPS are not counted. Quantiles are
    interpolated linearly and rounded to 2 decimals; every school weighs the same.
    """
    keys = ["zone", "sector", "rentree"]
    groups = _by_zone(frame.dropna(subset=["ips"])).groupby(keys)["ips"]
    quartiles = pd.DataFrame({name: groups.quantile(QUANTILES[name]) for name in ("q1", "median", "q3")}).round(2)
    return groups.size().rename("n").to_frame().join(quartiles).reset_index()


def niveau_vie_summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Deciles of the communes' median niveau de vie, euros: zone, year, n, n_secret, d1 … d9.

    `frame` has code_insee, year, median_eur, status, whole communes only. n counts the communes whose median is
    published, n_secret those under statistical secrecy; every commune weighs the same.
    """
    secret = frame["status"] == "secret statistique"
    groups = _by_zone(frame.assign(secret=secret)).groupby(["zone", "year"])
    medians = groups["median_eur"]
    deciles = {f"d{k}": medians.quantile(k / 10).round(1) for k in range(1, 10)}
    return pd.DataFrame({"n": medians.count(), "n_secret": groups["secret"].sum(), **deciles}).reset_index()


def reference(parts: Parts, table: str, frame: pd.DataFrame, summarise: Summarise) -> pd.DataFrame:
    """The summary of the vintages that the raw files cover nationally; that given for the others."""
    given, real = parts.stacked(table), frame[frame["code_insee"] != FICTIONAL]
    vintage = "rentree" if "rentree" in frame else "year"
    national = real.groupby(vintage).filter(lambda rows: is_national(rows["code_insee"]))
    if national.empty:
        return given
    largest = national.groupby(vintage)["source"].agg(lambda files: files.value_counts().index[0])
    computed = summarise(national).assign(source=lambda rows: rows[vintage].map(largest))
    others = given[~given[vintage].isin(computed[vintage])]
    return pd.concat([computed, others]) if len(others) else computed
