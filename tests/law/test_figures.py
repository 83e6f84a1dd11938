"""The figures themselves: each one has what it takes to be printed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from pupitre.law import baremes
from pupitre.law.baremes import FOLDER, Figure, read_figures

VALUES: list[tuple[Path, Figure]] = [
    (path, figure)
    for path in sorted(FOLDER.rglob("*.toml"))
    for values in read_figures(path).values()
    for figure in values
]
IDS = [f"{figure.name}-{figure.valid_from or figure.vintage}" for _, figure in VALUES]
PRICES = [figure for path, figure in VALUES if path.parent.name == "prices"]
REFERENCES = [figure for path, figure in VALUES if path.parent.name == "references"]
FINANCE, DIAGNOSTIC = date(2026, 3, 31), date(2026, 8, 1)  # the dates of the two digests
DIGEST = {  # which one each file was written from
    "budget_des_ecoles": FINANCE, "commande_publique": FINANCE, "comptes": FINANCE, "fctva": FINANCE, "taux": FINANCE,
    "tva": FINANCE, "wifi": FINANCE, "mecenat": FINANCE, "aides": FINANCE, "efran": FINANCE, "byod": FINANCE,
    "risque": FINANCE, "seuils": FINANCE, "cibles": DIAGNOSTIC, "debit": DIAGNOSTIC, "durees": DIAGNOSTIC,
    "equipement": DIAGNOSTIC, "equipement_2018_2019": DIAGNOSTIC, "maintenance": DIAGNOSTIC, "programme": DIAGNOSTIC,
    "reemploi": DIAGNOSTIC, "socle": DIAGNOSTIC, "comparables": FINANCE, "environnement": DIAGNOSTIC,
    "apprentissages": DIAGNOSTIC,
}  # fmt: skip
CHECKED_SINCE = {
    "tne_departements",
    "seuil_dispense",
    "seuil_procedure_formalisee",
    "reference_puissance_tablette",
    "reference_puissance_ordinateur_portable",
    "reference_puissance_ordinateur_fixe",
    "reference_puissance_ecran",
    "reference_puissance_videoprojecteur",
    "reference_puissance_televiseur",
    "reference_puissance_imprimante",
}  # figures that somebody has checked again since, by name

TRANSCRIBED = {  # read from the digests (finance.md, diagnostic.md), so that a slip of the pen in a TOML is seen
    "fctva_taux": (0.16404, None, None),  # F1
    "fctva_taux_informatique_en_nuage": (0.056, None, None),  # F3
    "fctva_taux_loyers": (0.0, None, None),  # F4
    "fctva_delai": (2, 0, 2),  # F6
    "tva_taux_normal": (0.20, None, None),
    "emprunt_taux": (0.0354, None, None),  # F26, 2024
    "actualisation_taux_socio_economique": (0.032, None, None),  # F27
    "reference_investissement_par_eleve": (176, None, None),  # F30
    "reference_fonctionnement_par_eleve": (950, None, None),  # F30
    "fctva_reprise_part_par_an": (0.2, None, None),  # finance 1, give-back
    "fctva_reprise_annees": (4, None, None),
    "mecenat_taux": (0.60, None, None),  # F7
    "mecenat_taux_au_dela": (0.40, None, None),
    "mecenat_seuil": (2_000_000, None, None),
    "mecenat_plafond_plancher": (20_000, None, None),  # F8
    "mecenat_plafond_part": (0.005, None, None),
    "mecenat_report": (5, None, None),
    "mecenat_contreparties_part": (0.25, None, None),  # F9
    "mecenat_declaration_seuil": (10_000, None, None),  # F13
    "don_particulier_taux": (0.66, None, None),  # F10
    "don_particulier_plafond_part": (0.20, None, None),
    "don_particulier_report": (5, None, None),
    "don_probabilite": (0.5, 0.0, 1.0),
    "part_propre_minimum": (0.20, None, None),  # F14
    "detr_taux_minimum": (0.20, None, None),  # F15
    "aide_detr": (0.80, None, None),
    "detr_population": (2_000, None, None),  # F16
    "detr_population_maximum": (20_000, None, None),
    "detr_potentiel_part": (1.3, None, None),
    "aides_probabilite": (0.5, 0.0, 1.0),
    "aide_tne": (0.70, None, None),  # F22
    "tne_taux_au_dela": (0.50, None, None),
    "tne_seuil": (200_000, None, None),
    "efran_attribue": (20_000_000, None, None),  # F24
    "efran_laureats": (22, None, None),
    "efran3_laureats": (9, None, None),
    "efran3_enveloppe": (10_000_000, None, None),
    "forme_scolaire_minimum": (2_000_000, None, None),  # finance 3
    "forme_scolaire_annees": (5, None, None),
    "forme_scolaire_moyenne": (3_930_000, None, None),
    "byod_part_famille_basse": (0.10, None, None),  # finance 7, Centre-Val de Loire
    "byod_part_famille_moyenne": (0.50, None, None),
    "byod_part_famille_haute": (0.70, None, None),
    "byod_pret_part": (0.30, 0.10, 0.50),
    "hausse_prix": (0.02, 0.0, 0.072),  # finance 11, high end
    "desendettement_alerte": (12, None, None),  # F28
    "desendettement_rouge": (15, None, None),
    "epargne_brute_part_moyenne": (0.141, None, None),  # F29
    "accompagnement_part": (0.20, 0.15, 0.30),  # diagnostic 4.3
    "reference_ordinateurs_pour_100_eleves": (14.4, None, None),  # diagnostic 3
    "reference_tableaux_interactifs_pour_1000_eleves": (17.0, None, None),
    "reference_videoprojecteurs_pour_1000_eleves": (14.9, None, None),
    "reference_internet_dans_la_moitie_des_classes": (0.829, None, None),
    "reference_ordinateurs_pour_100_eleves_ensemble": (11.9, None, None),
    "reference_ordinateurs_pour_100_eleves_maternelle": (6.3, None, None),
    "reference_tableaux_interactifs_pour_1000_eleves_ensemble": (13.0, None, None),
    "reference_videoprojecteurs_pour_1000_eleves_ensemble": (12.3, None, None),
    "reference_classes_mobiles_pour_1000_eleves_ensemble": (2.7, None, None),
    "reference_filtrage": (0.734, None, None),
    "reference_charte": (0.632, None, None),
    "reference_projet_numerique": (0.628, None, None),
    "reference_terminaux_par_technicien": (500, None, None),  # diagnostic 4.2
    "reference_terminaux_par_technicien_sans_gestion": (70, 50, 70),
    "duree_ordinateur_portable": (5, 4, 6),  # diagnostic 4.1
    "duree_tablette": (4, 3, 5),
    "duree_ordinateur_fixe": (6, None, None),
    "duree_reseau_actif": (7, 6, 8),
    "duree_affichage": (8, None, None),
    "duree_imprimante": (5, None, None),
    "duree_cablage": (15, 15, 20),
    "socle_mobiles_par_lot": (12, 10, 15),  # diagnostic 1.1
    "socle_classes_par_lot": (4, None, None),
    "comparables_minimum": (10, None, None),  # a choice of method, of no digest
    "montaigne_tablettes_par_classe": (8, None, None),
    "debit_minimum_descendant": (100, None, None),  # diagnostic 1.2
    "debit_minimum_montant": (30, None, None),
    "debit_par_utilisateur": (1, None, None),
    "debit_bande_bas": (8, None, None),
    "debit_bande_tres_haut_debit": (30, None, None),
    "reen_part_reemploi": (0.50, None, None),  # diagnostic 6.2, from 2025
    "reen_age_maximal": (10, None, None),
    "reference_effet_apprentissages": (0.1, None, None),  # diagnostic 0.5 and 5.2
    "reference_eleves_par_classe": (22, None, None),
    "reference_ressemblance_en_classe": (0.15, None, None),
    "reference_carbone_tablette": (84.3, None, None),  # diagnostic 6.1
    "reference_carbone_ordinateur_portable": (185.1, None, None),
    "reference_carbone_ordinateur_fixe": (211.5, None, None),
    "reference_carbone_ecran": (69.8, None, None),
    "reference_carbone_videoprojecteur": (43.8, None, None),
    "reference_carbone_televiseur": (340.2, None, None),
    "reference_carbone_imprimante": (21.0, None, None),
    "reference_carbone_electricite": (0.098, None, None),
    "reference_heures_scolaires": (864, None, None),
    "reference_empreinte_europeen": (8.1, None, None),
}

CLOSED = {  # schemes that nobody can ask for any more: value, first day, last day
    "aide_enr": (0.80, date(2009, 1, 1), date(2009, 12, 31)),  # F18
    "enr_plafond": (9_000, date(2009, 1, 1), date(2009, 12, 31)),
    "enr_population": (1_999, date(2009, 1, 1), date(2009, 12, 31)),
    "aide_enir": (0.50, date(2017, 1, 1), date(2018, 12, 31)),  # F19
    "enir_minimum": (2_000, date(2017, 1, 1), date(2018, 12, 31)),
    "enir_plafond": (7_000, date(2017, 1, 1), date(2018, 12, 31)),
    "enir_population": (2_000, date(2017, 1, 1), date(2018, 12, 31)),
    "aide_label_2020": (0.50, date(2020, 2, 7), date(2020, 12, 31)),  # F20
    "label2020_depense_minimum": (3_000, date(2020, 2, 7), date(2020, 12, 31)),
    "label2020_depense_maximum": (14_000, date(2020, 2, 7), date(2020, 12, 31)),
    "label2020_population": (3_500, date(2020, 2, 7), date(2020, 12, 31)),
    "aide_socle_2021": (0.70, date(2021, 1, 14), date(2021, 3, 31)),  # F21
    "socle2021_taux_au_dela": (0.50, date(2021, 1, 14), date(2021, 3, 31)),
    "socle2021_seuil": (200_000, date(2021, 1, 14), date(2021, 3, 31)),
    "socle2021_depense_maximum": (1_000_000, date(2021, 1, 14), date(2021, 3, 31)),
    "socle2021_plafond_par_classe": (3_500, date(2021, 1, 14), date(2021, 3, 31)),
    "socle2021_minimum": (3_500, date(2021, 1, 14), date(2021, 3, 31)),
    "efran_vague_1": ("ouverte", date(2015, 10, 12), date(2016, 2, 5)),  # finance 3
    "efran_enveloppe": (30_000_000, date(2015, 10, 12), date(2016, 7, 11)),  # F24
}
FROM_MEMORY = {"socle2021_seuil", "socle2021_depense_maximum", "socle2021_plafond_par_classe", "socle2021_minimum"}

each_value = pytest.mark.parametrize("figure", [figure for _, figure in VALUES], ids=IDS)
each_price = pytest.mark.parametrize("figure", PRICES, ids=lambda figure: figure.name)


def test_there_are_figures_of_each_kind() -> None:
    """The lists below are not empty."""
    assert len(PRICES) >= 6
    assert len(REFERENCES) >= 6
    assert len(VALUES) > len(PRICES) + len(REFERENCES)


@each_value
def test_a_figure_has_its_label_unit_and_source(figure: Figure) -> None:
    """None is blank, and an address is an address."""
    assert figure.label.strip()
    assert figure.unit.strip()
    assert figure.source.title.strip()
    assert not figure.source.url or figure.source.url.startswith("https://")


@each_value
def test_an_official_figure_has_an_address(figure: Figure) -> None:
    """And what comes from memory, or is only supposed, is never official."""
    supposed = any(word in figure.source.title.lower() for word in ("hypothèse", "de mémoire", "sans source"))

    assert figure.source.url or figure.confidence != "official"
    assert not supposed or figure.confidence == "unverified"


@pytest.mark.parametrize(("path", "figure"), VALUES, ids=IDS)
def test_a_figure_was_checked_on_the_day_of_its_digest(path: Path, figure: Figure) -> None:
    """Never the day of coding: a later check is listed by name."""
    assert figure.checked_on == DIGEST[path.stem] or figure.name in CHECKED_SINCE


ENACTED_AHEAD = {"agec_part_reemploi"}
"""Décret n° 2024-134 sets 25 % from 2027 and 30 % from 2030."""


@each_value
def test_nothing_is_checked_in_the_future(figure: Figure, on: date) -> None:
    """Nor before the value was in force, but for the steps that a decree already sets for the years to come."""
    assert figure.checked_on <= on
    set_ahead = figure.name in ENACTED_AHEAD
    assert set_ahead or figure.valid_from is None or figure.valid_from <= figure.checked_on


@each_value
def test_a_range_has_two_ends_around_its_value(figure: Figure) -> None:
    """Neither low nor high goes alone."""
    assert (figure.low is None) == (figure.high is None)
    if figure.low is not None and figure.high is not None:
        assert figure.low <= float(figure.value) <= figure.high
        assert figure.low < figure.high


@each_value
def test_a_rate_is_a_ratio(figure: Figure) -> None:
    """0.035, never 3.5; an account and a rule are texts, the rest numbers."""
    if figure.unit.startswith("ratio"):
        assert 0 <= float(figure.value) < 1
    assert isinstance(figure.value, str) == (figure.unit in ("compte", "règle"))


@each_price
def test_a_price_has_its_range_year_vat_and_kind(figure: Figure) -> None:
    """A central value alone would be believed."""
    assert figure.name.startswith("prix_")
    assert figure.unit == "euros"
    assert (figure.low or 0) > 0
    assert figure.high is not None
    assert figure.price_year is not None
    assert figure.valid_from is not None
    assert figure.price_year <= figure.valid_from.year
    assert figure.vat is not None
    assert figure.kind is not None
    assert figure.confidence != "official"


def test_only_prices_are_priced() -> None:
    """`price_year` and `vat` belong to prices/; a name that begins with prix_ too."""
    others = [figure for _, figure in VALUES if figure not in PRICES]

    assert not [f.name for f in others if f.price_year or f.vat or f.name.startswith("prix_")]


def test_references_have_a_vintage_and_no_date() -> None:
    """A statistic has no day on which it comes into force; what has none has the year it was observed."""
    for path, figure in VALUES:
        observed = path.parent.name == "references"

        assert figure.vintage or figure.valid_from, figure.name
        assert figure.name.startswith("reference_") == observed, figure.name
        assert not (observed and figure.valid_from), figure.name


def test_values_of_a_figure_never_overlap() -> None:
    """Each begins after the one before has ended."""
    for values in baremes.load_figures(FOLDER).values():
        for before, after in pairwise(values):
            assert before.valid_to is not None
            assert after.valid_from is not None
            assert before.valid_to < after.valid_from


@pytest.mark.parametrize("name", TRANSCRIBED)
def test_a_figure_is_that_of_the_digest(name: str, on: date) -> None:
    """Value, low, high."""
    figure = baremes.on(on).figure(name)

    assert (figure.value, figure.low, figure.high) == TRANSCRIBED[name]


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_scheme_is_history(name: str, on: date) -> None:
    """Not in force today, readable with its dates; what comes from memory (F21) is unverified."""
    law = baremes.on(on)
    (figure,) = law.history(name)

    assert not law.in_force(name)
    assert (figure.value, figure.valid_from, figure.valid_to) == CLOSED[name]
    assert (figure.confidence == "unverified") == (name in FROM_MEMORY)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2015, 10, 11), []),
        (date(2015, 10, 12), ["efran_vague_1"]),
        (date(2016, 2, 5), ["efran_vague_1"]),
        (date(2016, 2, 6), ["efran_vague_2"]),
        (date(2016, 7, 11), ["efran_vague_2"]),
        (date(2016, 7, 12), ["efran_cloture"]),
        (date(2026, 11, 22), ["efran_cloture"]),
    ],
)
def test_e_fran_is_open_or_closed(day: date, standing: list[str]) -> None:
    """Finance.md 3: wave 1 from 12 October 2015 to 5 February 2016, wave 2, closed for good on 12 July 2016."""
    law = baremes.on(day)

    assert [n for n in ("efran_vague_1", "efran_vague_2", "efran_cloture") if law.in_force(n)] == standing


def test_loan_rates_of_each_year() -> None:
    """Finance.md F26: 0.56 % (2020), 0.62 % (2021), 3.79 % (2023), 3.54 % (2024); 2022 was not found."""
    found = [(f.value, f.valid_from.year) for f in baremes.on(date(2024, 1, 1)).history("emprunt_taux") if f.valid_from]

    assert found == [(0.0056, 2020), (0.0062, 2021), (0.0379, 2023), (0.0354, 2024)]


@pytest.mark.parametrize(
    ("day", "share"), [(date(2023, 1, 1), 0.25), (date(2024, 12, 31), 0.35), (date(2025, 1, 1), 0.5)]
)
def test_the_share_to_reuse_of_each_year(day: date, share: float) -> None:
    """Diagnostic.md 6.2: 25 % (2023), 35 % (2024), 50 % (from 2025)."""
    assert baremes.on(day)["reen_part_reemploi"] == share


def test_what_is_foreign_says_so(on: date) -> None:
    """No French norm of line rate or of technicians was found: the mayor is told whose these are."""
    law = baremes.on(on)
    british = [law.figure(name) for name in ("debit_minimum_descendant", "debit_minimum_montant")]
    american = [law.figure(f"reference_terminaux_par_technicien{end}") for end in ("", "_sans_gestion")]

    assert all("britannique" in figure.label and "aucune norme française" in figure.note for figure in british)
    assert all("États-Unis" in figure.source.title and "américain" in figure.note for figure in american)
    assert "américaine" in law.figure("debit_par_utilisateur").label


def test_the_law_on_wifi_is_named_and_told(on: date) -> None:
    """Its number is the value, its duties the note."""
    wifi = baremes.on(on).figure("wifi_loi")

    assert "2015-136" in str(wifi.value)
    assert "coupé" in wifi.note
    assert "conseil d'école" in wifi.note


def test_ranges_that_are_computed_are_computed_right(on: date) -> None:
    """The arithmetic that notes and sources tell, done again."""
    law = baremes.on(on)
    socket, upkeep, mobile = (law.figure(n) for n in ("prix_prise_reseau", "maintenance_part", "prix_appareil_mobile"))

    assert [socket.low, socket.value, socket.high] == [round(10_000 / 150), round(12_500 / 135), round(15_000 / 120)]
    assert upkeep.value == round(12 / (46 * 5), 3)
    assert [upkeep.low, upkeep.high] == [round(300 / 1_700 / 5, 3), round((300 + 500) / 1_700 / 5, 3)]
    assert mobile.value == round(59_000 / 114)
    assert mobile.low == round(2_500_000 / 5_597)
