"""National summaries: how schools and communes are spread, by département and in all of France."""

from __future__ import annotations

import pandas as pd

from pupitre.data.codes import departement_of

NATIONAL_DEPARTEMENTS = 90
"""A file that covers at least as many départements is national: its quantiles are those of France."""

QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
IPS_COLUMNS = ("zone", "sector", "rentree", "n", "q1", "median", "q3")
NIVEAU_VIE_COLUMNS = ("zone", "year", "n", "n_secret", *(f"d{k}" for k in range(1, 10)))


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
    quartiles = pd.DataFrame({name: groups.quantile(q) for name, q in QUARTILES.items()}).round(2)
    return groups.size().rename("n").to_frame().join(quartiles).reset_index()[list(IPS_COLUMNS)]


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
