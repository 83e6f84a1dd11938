"""The diagnostic chapter: schools, social context, fibre, what the socle asks for."""

from __future__ import annotations

import re

from pupitre.diagnostic.profile import DECILES
from pupitre.diagnostic.socle import NEED_KINDS
from pupitre.formats import euros
from pupitre.show import charts
from pupitre.show.html import NOTHING, Html
from pupitre.show.pieces import drawing, grid, prose
from pupitre.study import Study

SPLIT = ["pupils_maternelle", "pupils_elementaire", "pupils_ulis"]
CHART_ROWS = 25


def show_schools(study: Study) -> Html:
    """Where the pupils are: a chart of the public schools over their table, then the private ones."""
    return _public_schools(study) + _school_table("prive_sous_contrat", study)


def _public_schools(study: Study) -> Html:
    public = study.diagnostic.of_sector("public")
    shown = public[public["pupils"].notna()].sort_values(["pupils", "uai"], ascending=[False, True]).head(CHART_ROWS)
    if len(shown) < 2 or not shown[["pupils_maternelle", "pupils_elementaire"]].notna().all(axis=None):
        return _school_table("public", study)
    uri = charts.pupils_by_school(shown.assign(nom=shown["nom"].map(short_name)))
    return drawing(
        study, "pupils_picture", uri, _school_table("public", study, split=True), beside=True, shown=len(shown)
    )


def _school_table(sector: str, study: Study, *, split: bool = False) -> Html:
    """A sector's schools; with `split`, how many pupils of each level, or that a count is secret."""
    schools = study.diagnostic.of_sector(sector)
    if schools.empty:
        return NOTHING
    secret = schools["pupils"].notna() & (schools[SPLIT].sum(axis="columns") != schools["pupils"])
    given = {"sector": sector, "schools": schools["uai"], "split": split, "secret": set(schools["uai"][secret])}
    return grid(study, "schools_table", text_columns=2, total=True, **given)


def short_name(name: str) -> str:
    """A school's name without what its table already says: neither « École » nor its sector.

    >>> short_name("École élémentaire publique Jean Jaures"), short_name("École primaire publique")
    ('Élémentaire Jean Jaures', 'Primaire')
    """
    short = re.sub(r"^École ((?:maternelle|élémentaire|primaire)\b)(?: publique| privée)?", r"\1", name).strip()
    return short[:1].upper() + short[1:]


def show_ips(study: Study) -> Html:
    """The IPS of the public schools in the distribution of the département."""
    reference = study.diagnostic.ips_reference
    if not study.figures["schools.public.with_ips_compared"] or reference is None:
        return prose(study, "ips_of_unlisted_schools")
    public = study.diagnostic.of_sector("public")
    known = public[public["ips_compared"].notna()].sort_values(["ips_compared", "uai"], ascending=[False, True])
    shown = known.head(CHART_ROWS).assign(nom=lambda schools: schools["nom"].map(short_name))
    data = grid(study, "ips_table", schools=known["uai"])
    return drawing(study, "ips_picture", charts.ips_by_school(shown, reference), data)


def show_niveau_vie(study: Study) -> Html:
    """The commune's median standard of living among the communes of its département."""
    living, deciles = study.dossier.niveau_vie, study.diagnostic.deciles
    if living is None or living.median_eur is None:
        return NOTHING
    if deciles is None:
        return prose(study, "niveau_vie")
    scale, place = [float(deciles[name]) for name in DECILES], living.median_eur
    uri = charts.place_among_deciles(place, scale, euros(place))
    return drawing(study, "niveau_vie_picture", uri, grid(study, "niveau_vie_table"))


def show_fibre(study: Study) -> Html:
    """Fibre in the commune: context, not the line of each school."""
    if study.dossier.fibre is None:
        return NOTHING
    notes = [prose(study, name, css="note") for name in ("fibre_limit", "internet_in_2019")]
    return sum(notes, start=prose(study, "fibre"))


def show_socle(study: Study) -> Html:
    """What the socle asks for in each school."""
    needs = study.diagnostic.needs
    if not needs.to_numpy().sum():
        return NOTHING
    kinds = [kind for kind, keys in NEED_KINDS.items() if needs[list(keys)].to_numpy().any()]
    names = study.diagnostic.schools.set_index("uai")["nom"].map(short_name)
    schools = [(uai, names[uai]) for uai in needs.index if needs.loc[uai].any()]
    return grid(study, "socle_table", total=True, schools=schools, kinds=kinds) + prose(study, "sets", css="note")
