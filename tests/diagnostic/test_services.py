"""What goes with equipment, by hand: help, upkeep, services on a quote, the end of life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import ceil
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.diagnostic.ranges import CASES
from pupitre.law.baremes import Law

PlanOf = Callable[..., Programme]
Row = dict[str, Any]

MATERNELLE = {"level": "maternelle", "classes": 3, "pupils": 59, "pupils_maternelle": 59}
ORLU = {"level": "primaire", "classes": 1, "pupils": 14, "pupils_maternelle": None}
PRICES = {
    "prix_abonnement_internet": 600.0,
    "prix_ent": 45.5,
    "prix_formation_enseignant": 120.0,
    "prix_heure_referent": 30.0,
}


def amounts(programme: Programme, item: str, column: str = "ht_central") -> dict[int, float]:
    """Year → amount of the lines of an item."""
    lines = programme.lines[programme.lines["item"] == item]
    return dict(zip(lines["year"].tolist(), lines[column].tolist(), strict=True))


def waiting(programme: Programme) -> dict[str, float | None]:
    """What waits for a quote: how many."""
    return {quote.item.key: quote.quantity for quote in programme.quotes}


# accompaniment and maintenance

# Orlu under 5 000 € a year: display 3 903.60, laptop 646.80, sound 120, 2 sockets 223.20 in 2027 (4 893.60: the printer
# at 360 does not fit); 8 mobiles at 621.60 in 2028; the 4 others, the direction's laptop and the printer in 2029.


def test_help_comes_with_each_investment(plan_of: PlanOf) -> None:
    """20 % of the HT of each year: of 3 253 + 539 + 100 + 186, of 8 × 518, of 4 × 518 + 539 + 300."""
    programme = plan_of(ORLU, ceiling_eur_per_year=5_000)

    assert amounts(programme, "accompagnement") == {2027: 815.60, 2028: 828.80, 2029: 582.20}
    assert amounts(programme, "accompagnement", "ttc_central") == {2027: 978.72, 2028: 994.56, 2029: 698.64}


def test_upkeep_follows_what_is_in_service(plan_of: PlanOf) -> None:
    """5.2 % of 3 892 €, then of 8 036 €, then of 10 947 €; sockets need none."""
    programme = plan_of(ORLU, ceiling_eur_per_year=5_000)

    assert amounts(programme, "maintenance") == {2027: 202.38, 2028: 417.87, 2029: 569.24, 2030: 569.24, 2031: 569.24}


def test_upkeep_counts_what_was_there_at_the_price_of_today(plan_of: PlanOf) -> None:
    """2 displays of 4 are there: with the 2 bought, 4 × 3 253; renewing them in 2028 changes nothing.

    4 × 3 253 + 5 × 539 + 4 × 100 + 12 × 518 + 300 = 22 623; low 4 × 2 122 + 5 × 491 + 4 × 50 + 10 × 447 + 150 = 15 763;
    high 4 × 4 173 + 5 × 592 + 4 × 200 + 15 × 572 + 600 = 29 632.
    """
    told = {"equipements": [{"ecole": "A", "type": "ecran_interactif", "nombre": 2, "annee": 2020}]}
    programme = plan_of({}, told=told)

    assert set(amounts(programme, "maintenance").values()) == {1_176.40}
    assert set(amounts(programme, "maintenance", "ht_low").values()) == {551.71}  # 3.5 % of 15 763 = 551.705
    assert set(amounts(programme, "maintenance", "ht_high").values()) == {2_785.41}  # 9.4 % of 29 632 = 2 785.408


def test_upkeep_leaves_out_what_has_no_price_and_what_nobody_asks_for(plan_of: PlanOf) -> None:
    """Access points without a quote, pupils' desktops, displays beyond one a class: the upkeep of the socle alone."""
    rows = [("borne_wifi", 1), ("fixe_eleve", 15), ("ecran_interactif", 9)]
    told = {"equipements": [{"ecole": "A", "type": kind, "nombre": n, "annee": 2026} for kind, n in rows]}

    assert set(amounts(plan_of({}, told=told), "maintenance").values()) == {1_176.40}


def test_access_points_with_a_quote_are_bought_and_looked_after(plan_of: PlanOf) -> None:
    """One at 640 €: 768 € TTC the first year, and 5.2 % of 22 623 + 640 every year; it waits for no quote any more."""
    programme = plan_of({}, prices={"prix_borne_wifi": 640})

    assert amounts(programme, "borne_wifi", "ttc_central") == {2027: 768}
    assert set(amounts(programme, "maintenance").values()) == {1_209.68}
    assert "borne_wifi" not in waiting(programme)


# services on a quote


def test_services_wait_for_a_quote(plan_of: PlanOf) -> None:
    """4 classes and a maternelle: an access point, two lines, two ENT, four teachers, hours to agree."""
    programme = plan_of({}, MATERNELLE)

    assert waiting(programme) == {"borne_wifi": 1, "internet": 2, "ent": 2, "formation": 4, "referent": None}
    assert "service" not in set(programme.lines["nature"])


def test_quoted_services_are_lines(plan_of: PlanOf) -> None:
    """Two lines at 600 € HT, two ENT at 45.50, every year; four teachers at 120, once; 2 × 36 hours at 30, untaxed."""
    programme = plan_of({}, MATERNELLE, prices=PRICES, referent_hours_per_year=36)
    years = range(2027, 2032)

    assert amounts(programme, "internet", "ttc_central") == dict.fromkeys(years, 1_440)
    assert amounts(programme, "ent", "ttc_central") == dict.fromkeys(years, 109.20)
    assert amounts(programme, "formation", "ttc_central") == {2027: 576}
    assert amounts(programme, "referent", "ttc_central") == dict.fromkeys(years, 2_160)
    assert waiting(programme) == {"borne_wifi": 1}


def test_a_quoted_service_is_a_running_cost_without_a_range(plan_of: PlanOf) -> None:
    """Its account, its VAT; the same in the three cases, never leased, without life nor upkeep."""
    lines = plan_of({}, MATERNELLE, prices=PRICES, referent_hours_per_year=36).lines
    services = lines[lines["nature"] == "service"].drop_duplicates("item").set_index("item")

    assert services["account"].to_dict() == {
        "internet": "6262",
        "ent": "65811",
        "formation": "6184",
        "referent": "6218",
    }
    assert services["vat_rate"].to_dict() == {"internet": 0.2, "ent": 0.2, "formation": 0.2, "referent": 0}
    assert set(services["section"]) == {"fonctionnement"}
    assert not services[["leasable", "maintained"]].to_numpy().any()
    assert services["life_years"].isna().all()
    for name in ("quantity", "unit_ht", "ht", "ttc"):
        assert services[f"{name}_low"].equals(services[f"{name}_central"])
        assert services[f"{name}_low"].equals(services[f"{name}_high"])


def test_a_price_without_hours_is_still_to_agree(plan_of: PlanOf) -> None:
    """No hour is invented; nought hour is an answer: no line, and nothing to ask for."""
    assert waiting(plan_of({}, prices=PRICES)) == {"borne_wifi": 1, "referent": None}

    none = plan_of({}, prices=PRICES, referent_hours_per_year=0)
    assert waiting(none) == {"borne_wifi": 1}
    assert "referent" not in set(none.lines["item"])


def test_hours_already_recognised_are_not_hours_to_pay(plan_of: PlanOf) -> None:
    """50 hours told by the town hall are paid already; those to add are for the consultant to say: 36 a school."""
    told = {"contacts": [{"role": "referent", "ecole": "A", "heures": 50}]}

    assert waiting(plan_of({}, {}, told=told))["referent"] is None
    assert waiting(plan_of({}, {}, told=told, referent_hours_per_year=36))["referent"] == 72
    assert amounts(plan_of({}, {}, told=told, prices=PRICES), "referent") == {}


def test_a_line_that_is_too_slow_is_asked_again(plan_of: PlanOf) -> None:
    """Paid or not: A's line is short of its need, B's is not measured, C's is enough."""
    rates = {"A": 20, "B": None, "C": 300}
    told = {
        "services": [{"service": "internet", "ecole": "commune"}],
        "reseau": [{"ecole": uai, "ligne": "fibre", "debit_descendant": rate} for uai, rate in rates.items()],
    }

    assert waiting(plan_of({}, {}, {}, told=told))["internet"] == 1


def test_a_service_that_is_there_is_not_asked_again(plan_of: PlanOf) -> None:
    """A has a line, the commune an ENT for all; B's line is asked for."""
    told = {
        "services": [{"service": "ent", "ecole": "commune"}],
        "reseau": [{"ecole": "A", "ligne": "cuivre"}, {"ecole": "B", "ligne": "aucune"}],
    }

    found = waiting(plan_of({}, {}, told=told))
    assert "ent" not in found
    assert found["internet"] == 1
    assert amounts(plan_of({}, {}, told=told, prices=PRICES), "internet", "ht_central")[2027] == 600
    assert "ent" not in set(plan_of({}, {}, told=told, prices=PRICES).lines["item"])


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ([], 4 + 2),  # one a class where teachers are not told
        ([{"ecole": "A", "enseignants": 9, "formes": 4}], 5 + 2),
        ([{"ecole": "A", "enseignants": 9}], 9 + 2),
        ([{"ecole": "A", "formes": 3}], 4 + 2),
        ([{"ecole": "A", "enseignants": 9, "formes": 9}, {"ecole": "B", "enseignants": 3, "formes": 0}], 3),
        (
            [{"ecole": "M", "enseignants": 3}],
            4 + 2 + 3,
        ),  # a maternelle has no class of the socle, and may have teachers
    ],
)
def test_teachers_to_train(plan_of: PlanOf, told: list[Row], count: int) -> None:
    """Those not yet trained."""
    schools = ({"uai": "A"}, {"uai": "B", "classes": 2}, {"uai": "M", **MATERNELLE})

    assert waiting(plan_of(*schools, told={"competences": told}))["formation"] == count


def test_no_training_where_all_are_trained(plan_of: PlanOf) -> None:
    """Neither a line nor a quote."""
    told = {"competences": [{"ecole": "A", "enseignants": 9, "formes": 9}]}

    assert "formation" not in waiting(plan_of({}, told=told))
    assert amounts(plan_of({}, told=told, prices=PRICES), "formation") == {}


def test_a_school_left_out_of_the_programme_is_left_out_of_its_services(plan_of: PlanOf) -> None:
    """Maternelles switched off: neither their line, nor their ENT, nor their teachers."""
    told = {"competences": [{"ecole": "A", "enseignants": 9, "formes": 4}, {"ecole": "B", "enseignants": 3}]}

    found = waiting(plan_of({}, MATERNELLE, told=told, maternelles=False))
    assert (found["internet"], found["ent"]) == (1, 1)
    assert found["formation"] == 5


def test_what_must_be_renewed_without_a_price_waits_for_a_quote_too(plan_of: PlanOf) -> None:
    """Two access points of 2015, due since 2022, none missing: they are to be priced, not forgotten."""
    told = {"equipements": [{"ecole": "A", "type": "borne_wifi", "nombre": 2, "annee": 2015}]}

    assert waiting(plan_of({"classes": 8}, told=told)).get("borne_wifi") == 2


# the end of life

DEVICES: list[Row] = [
    {"ecole": "A", "type": "ecran_interactif", "nombre": 4, "annee": 2016},  # due 2024: 2027, 11 years old
    {"ecole": "A", "type": "ecran_interactif", "nombre": 2, "annee": 2017},  # 2027, 10 years old: counted
    {"ecole": "A", "type": "ecran_interactif", "nombre": 2, "annee": 2018},  # 2027, 9
    {"ecole": "A", "type": "ecran_interactif", "nombre": 9, "annee": 2024},  # due 2032: stays
    {"ecole": "A", "type": "portable_enseignant", "nombre": 5, "annee": 2024},  # 2029, 5
    {"ecole": "A", "type": "tablette", "nombre": 12},  # 2027 + 2, of unknown age
    {"ecole": "A", "type": "portable_enseignant", "nombre": 3, "annee": 2025, "etat": "en_panne"},  # 2027, 2
    {"ecole": "A", "type": "imprimante", "nombre": 1, "annee": 2012, "etat": "en_panne"},  # 2027, 15
    {"ecole": "commune", "type": "portable_eleve", "nombre": 6, "annee": 2020},  # due 2025: 2027, 7
    {"ecole": "A", "type": "tablette", "nombre": 1, "annee": 2026, "etat": "a_remplacer"},  # 2027, 1
]


def test_what_leaves_and_what_must_be_used_again(plan_of: PlanOf) -> None:
    """2027: 4 + 2 + 2 + 3 + 1 + 6 + 1 = 19, 2 + 2 + 3 + 6 + 1 = 14 of ten years at most: 7. 2029: 17, all: 9."""
    leaving = plan_of({}, told={"equipements": DEVICES}).leaving

    assert leaving.loc[2027].to_dict() == {"leaving": 19, "under_age": 14, "to_reuse": 7}
    assert leaving.loc[2029].to_dict() == {"leaving": 17, "under_age": 17, "to_reuse": 9}
    assert leaving.index.tolist() == [2027, 2029]


def test_what_the_programme_bought_leaves_in_its_turn(plan_of: PlanOf) -> None:
    """Orlu over 8 years: laptop, sound, 12 mobiles, direction and printer leave in 2032, after 5 years: 16, so 8."""
    leaving = plan_of(ORLU, horizon_years=8).leaving

    assert leaving.to_dict("index") == {2032: {"leaving": 16, "under_age": 16, "to_reuse": 8}}


def test_what_was_renewed_leaves_twice(plan_of: PlanOf) -> None:
    """4 laptops of 2022: they leave in 2027, and those of 2027 leave in 2032."""
    told = {"equipements": [{"ecole": "A", "type": "portable_enseignant", "nombre": 4, "annee": 2022}]}
    leaving = plan_of({}, told=told, horizon_years=6).leaving

    assert leaving.loc[2027, "leaving"] == 4
    # the direction's, 4 sets of sound, 12 mobiles and a printer were bought in 2027 too
    assert leaving.loc[2032, "leaving"] == 4 + 1 + 4 + 12 + 1


def test_what_is_in_surplus_leaves_when_it_is_due(plan_of: PlanOf) -> None:
    """3 displays of 2016 and 3 of 2023 for 4 classes: 2 old ones in surplus and the renewed one in 2027, 3 in 2031.

    9 desktops of pupils of 2023, which stand for nothing, leave in 2029, after 6 years.
    """
    rows = [
        {"ecole": "A", "type": "ecran_interactif", "nombre": 3, "annee": 2016},
        {"ecole": "A", "type": "ecran_interactif", "nombre": 3, "annee": 2023},
        {"ecole": "A", "type": "fixe_eleve", "nombre": 9, "annee": 2023},
    ]
    leaving = plan_of({}, told={"equipements": rows}).leaving

    assert leaving.to_dict("index") == {
        2027: {"leaving": 3, "under_age": 0, "to_reuse": 0},
        2029: {"leaving": 9, "under_age": 9, "to_reuse": 5},
        2031: {"leaving": 3, "under_age": 3, "to_reuse": 2},
    }


def test_access_points_that_cannot_be_cut_leave_when_others_are_bought(plan_of: PlanOf) -> None:
    """One of 2024, not due before 2031, but replaced in 2027: by law, Wi-Fi is off when it does not serve."""
    told = {
        "equipements": [{"ecole": "A", "type": "borne_wifi", "nombre": 1, "annee": 2024}],
        "reseau": [{"ecole": "A", "wifi": True, "wifi_debrayable": False}],
    }
    programme = plan_of({}, told=told, prices={"prix_borne_wifi": 420})

    assert amounts(programme, "borne_wifi") == {2027: 420}
    assert programme.leaving.to_dict("index") == {2027: {"leaving": 1, "under_age": 1, "to_reuse": 1}}


def test_the_figures_of_the_end_of_life_are_remembered_as_read(
    law: Law, schools_of: Callable[..., pd.DataFrame], inventory_of: Callable[..., Inventory]
) -> None:
    """The report ends with the table of the figures it used (design §3): the share, and the age."""
    told = {"equipements": [{"ecole": "A", "type": "tablette", "nombre": 9, "annee": 2020}]}
    plan_programme(schools_of({}), law, Assumptions(), inventory_of({}, told=told))

    assert {"reen_part_reemploi", "reen_age_maximal"} <= {figure.name for figure in law.read}


def test_nothing_leaves_when_nothing_is_due(plan_of: PlanOf) -> None:
    """Neither without a workbook over 5 years, nor with devices that last."""
    told = {"equipements": [{"ecole": "A", "type": "ecran_interactif", "nombre": 4, "annee": 2026}]}

    assert plan_of({}).leaving.empty
    assert plan_of({}, told=told).leaving.empty


@pytest.mark.parametrize(
    ("day", "shares"),
    [(date(2026, 11, 22), {2027: 0.5}), (date(2024, 6, 1), {2025: 0.5}), (date(2023, 6, 1), {2024: 0.35, 2025: 0.5})],
)
def test_the_share_is_that_of_the_year_of_leaving(plan_of: PlanOf, day: date, shares: dict[int, float]) -> None:
    """Décret n° 2023-266: 25 % of what is discarded in 2023, 35 % in 2024, 50 % from 2025 on; 20 tablets a year."""
    rows = [{"ecole": "A", "type": "tablette", "nombre": 20, "annee": year - 4} for year in shares]

    leaving = plan_of({}, told={"equipements": rows}, on=day).leaving
    assert leaving["to_reuse"].to_dict() == {year: ceil(20 * share) for year, share in shares.items()}


def test_a_private_school_left_out_discards_nothing_of_the_commune(plan_of: PlanOf) -> None:
    """Its devices are not the commune's to give away."""
    told = {"equipements": [{"ecole": "B", "type": "tablette", "nombre": 20, "annee": 2020}]}

    assert plan_of({}, {"sector": "prive_sous_contrat"}, told=told).leaving.empty


def test_what_waits_for_its_replacement_does_not_leave(plan_of: PlanOf) -> None:
    """4 displays due since 2024, one renewed a year under 4 000 €: one leaves each year, the last stays."""
    told = {
        "equipements": [
            {"ecole": "A", "type": "ecran_interactif", "nombre": 4, "annee": 2016},
            {"ecole": "A", "type": "portable_enseignant", "nombre": 4, "annee": 2026},
            {"ecole": "A", "type": "son_et_image", "nombre": 4, "annee": 2026},
            {"ecole": "A", "type": "portable_eleve", "nombre": 15, "annee": 2026},
            {"ecole": "A", "type": "poste_direction", "nombre": 1, "annee": 2026},
            {"ecole": "A", "type": "imprimante", "nombre": 1, "annee": 2026},
        ],
        "reseau": [{"ecole": "A", "classes_raccordees": 4, "wifi": True}],
    }
    programme = plan_of({}, told=told, ceiling_eur_per_year=4_000, horizon_years=3)

    assert programme.by_school[["year", "quantity_central"]].to_numpy().tolist() == [[2027, 1], [2028, 1], [2029, 1]]
    assert programme.leaving["leaving"].to_dict() == {2027: 1, 2028: 1, 2029: 1}


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "ecole": st.sampled_from(["A", "commune"]),
                "type": st.sampled_from(["ecran_interactif", "tablette", "fixe_eleve", "serveur", "autre"]),
                "nombre": st.integers(1, 30),
                "annee": st.none() | st.integers(2000, 2026),
                "etat": st.sampled_from([None, "en_panne", "a_remplacer"]),
            }
        ),
        max_size=6,
    )
)
def test_at_least_the_share_is_used_again(plan_of: PlanOf, rows: list[Row]) -> None:
    """Half of what is of ten years at most, rounded up; nothing listed leaves twice; years are in order."""
    leaving = plan_of({}, told={"equipements": rows}).leaving

    assert leaving.index.is_monotonic_increasing
    for row in leaving.to_dict("records"):
        assert row["to_reuse"] == ceil(row["under_age"] / 2)
        assert 0 <= row["under_age"] <= row["leaving"]
    assert leaving["leaving"].sum() <= sum(row["nombre"] for row in rows)
    assert set(leaving.index) <= set(range(2027, 2032))


def test_cases_of_help_and_upkeep_are_ranged(plan_of: PlanOf) -> None:
    """Low, central and high are 15, 20 and 30 % of their own investment."""
    programme = plan_of({})
    invested = [
        programme.lines.loc[programme.lines["section"] == "investissement", f"ht_{case}"].sum() for case in CASES
    ]
    helped = [amounts(programme, "accompagnement", f"ht_{case}")[2027] for case in CASES]

    assert helped == [
        pytest.approx(share * ht, abs=0.0051) for share, ht in zip((0.15, 0.2, 0.3), invested, strict=True)
    ]
