"""« Bourg-Exemple » (00001), recomputed by hand from the rows of its workbook, on 22 November 2026.

Six schools, 60 000 € TTC a year at most (Finances), two quotes: 2 790 € HT a display, 420 an access point (Hypothèses).
A display lives 8 years, a laptop 5, a desktop 6, a tablet 4, sound and a printer 5, an access point 7. What is due by
2027 is renewed when the ceiling lets it; what falls due later, in its year.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES
from pupitre.formats import cents
from pupitre.study import Study

COQUELICOTS, MOULIN, TILLEULS = "0000011M", "0000012N", "0000021Y"
GRANDS_PRES, LAVOIR, HAMEAU = "0000022Z", "0000023A", "0000031J"
PRICES = {  # HT, low, central, high
    "affichage": (2_790, 2_790, 2_790),
    "borne_wifi": (420, 420, 420),
    "poste_enseignant": (491, 539, 592),
    "poste_direction": (491, 539, 592),
    "son_et_image": (50, 100, 200),
    "prise_reseau": (67, 93, 125),
    "appareil_mobile": (447, 518, 572),
    "imprimante": (150, 300, 600),
}
Lines = dict[tuple[str, str, int], tuple[int, int, int]]

# Vieux Lavoir, 5 classes as published (its own count is empty), priority 1: all that is missing or due, in 2027.
LAVOIR_LINES: Lines = {
    # rows 36 to 38: a broken TNI is not there, a projector of 2019 is due in 2027, mobile projectors serve no class
    ("affichage", "achat", 2027): (4, 4, 4),
    ("affichage", "renouvellement", 2027): (1, 1, 1),
    # rows 39, 40: two laptops of 2016, and one of unknown age: half of 5 years from 2027, 2030; never in the low case
    ("poste_enseignant", "achat", 2027): (2, 2, 2),
    ("poste_enseignant", "renouvellement", 2027): (2, 2, 2),
    ("poste_enseignant", "renouvellement", 2030): (0, 1, 1),
    ("son_et_image", "achat", 2027): (5, 5, 5),
    # Réseau, row 9: one class of 5 is wired: 4 sockets are missing at one a class, 8 at two; no Wi-Fi
    ("prise_reseau", "achat", 2027): (4, 8, 8),
    ("borne_wifi", "achat", 2027): (2, 2, 2),
    # row 41: pupils' desktops are not mobile; two sets of 10, 12 or 15
    ("appareil_mobile", "achat", 2027): (20, 24, 30),
    # row 42: to be replaced; row 43: broken
    ("poste_direction", "renouvellement", 2027): (1, 1, 1),
    ("imprimante", "achat", 2027): (1, 1, 1),
}

# Tilleuls, 9 classes, served fourth: 3 954 € are left of 2027 (60 000 - Lavoir 37 753.20 - Moulin 3 994.80 - Hameau
# 14 298). 3 displays (10 044) and 6 (20 088) do not fit; a laptop (646.80) does, 8 (5 174.40) do not; 6 sounds (720), 3
# (360) and 10 sockets (1 116) do; neither mobiles nor 3 access points (1 512 of 1 111.20) do; the direction's laptop
# (646.80) and the printer (360) do: 104.40 are left, and nothing else fits.
# 2028: Grands Prés's 6 laptops of 2023 fall due (3 880.80) and leave 56 119.20: the displays, the 8 laptops, 14 mobiles
# (8 702.40), not the 22 others (13 675.20 of 12 110.40), the access points. 2029: those 22.
TILLEULS_LINES: Lines = {
    # rows 9 to 11: 3 TNI to be replaced, 2 broken, 3 VPI of 2016, due in 2024
    ("affichage", "achat", 2028): (3, 3, 3),
    ("affichage", "renouvellement", 2028): (6, 6, 6),
    # rows 12 to 15: 4 to be replaced, 3 of 2021 (2026), one broken, a desktop of 2013: 8 of 9, all due
    ("poste_enseignant", "achat", 2027): (1, 1, 1),
    ("poste_enseignant", "renouvellement", 2028): (8, 8, 8),
    # row 21: 3 of 9, of 2016
    ("son_et_image", "achat", 2027): (6, 6, 6),
    ("son_et_image", "renouvellement", 2027): (3, 3, 3),
    # Réseau, row 7: 4 classes of 9 are wired; a Wi-Fi that cannot be cut is none: 3 access points, one a set
    ("prise_reseau", "achat", 2027): (5, 10, 10),
    ("borne_wifi", "achat", 2028): (3, 3, 3),
    # rows 16 to 18: 10 unused tablets and 12 laptops of 2018, for three sets of 10, 12 or 15; desktops are not mobile
    ("appareil_mobile", "achat", 2028): (8, 14, 23),
    ("appareil_mobile", "renouvellement", 2029): (22, 22, 22),
    # rows 19, 20: of 2020 and 2019
    ("poste_direction", "renouvellement", 2027): (1, 1, 1),
    ("imprimante", "renouvellement", 2027): (1, 1, 1),
}

# TTC by year; HT before VAT:
# Lavoir, 2027: 5 × 2 790 + 5 × 539 + 5 × 100 + 8 × 93 + 2 × 420 + 24 × 518 + 300 = 31 461; low 5 × 2 790 + 5 × 491
#   + 5 × 50 + 4 × 67 + 840 + 20 × 447 + 150 = 26 853; high 13 950 + 2 960 + 1 000 + 1 000 + 840 + 17 160 + 600.
# Tilleuls, 2027: 2 × 539 + 9 × 100 + 930 + 300 = 3 208; low 982 + 450 + 335 + 150; high 1 184 + 1 800 + 1 250 + 600.
#   2028: 9 × 2 790 + 8 × 539 + 14 × 518 + 3 × 420 = 37 934; low 25 110 + 3 928 + 3 576 + 1 260; high 25 110 + 4 736
#   + 13 156 + 1 260. 2029: 22 × 447, 518, 572.
AMOUNTS = {
    LAVOIR: {2027: (32_223.60, 37_753.20, 45_012.00), 2030: (0, 646.80, 710.40)},
    TILLEULS: {
        2027: (2_300.40, 3_849.60, 5_800.80),
        2028: (40_648.80, 45_520.80, 53_114.40),
        2029: (11_800.80, 13_675.20, 15_100.80),
    },
}


@pytest.fixture(scope="module")
def study(study_of: Callable[..., Study]) -> Study:
    """With the workbook of its own folder."""
    return study_of("00001")


@pytest.fixture(scope="module")
def programme(study: Study) -> Programme:
    """What the schools are to receive."""
    assert study.programme is not None
    return study.programme


@pytest.fixture(scope="module")
def inventory(study: Study) -> Inventory:
    """What they have."""
    assert study.diagnostic.inventory is not None
    return study.diagnostic.inventory


def test_the_workbook_sets_what_it_says(study: Study) -> None:
    """Finances, then Hypothèses: prices of quotes, and gifts that a firm promises."""
    assert study.assumptions.overrides() == {
        "tfpb_base_eur": 4_520_000,
        "fctva_delay_years": 2,
        "ceiling_eur_per_year": 60_000,
        "prix_affichage": 2_790,
        "prix_borne_wifi": 420,
        "savings_eur": 410_000,
        "debt_eur": 2_050_000,
        "gift_company_eur": 8_000,
        "gift_in_kind_eur": 3_000,
        "gift_return_eur": 1_500,
        "donor_turnover_eur": 2_400_000,
    }


def test_coverage_by_hand(inventory: Inventory) -> None:
    """Of 8 items in each élémentaire, 2 in a maternelle; a school that did not answer has none.

    Coquelicots: a projector and a direction's computer, both there. Lavoir: 1/5 displays, 3/5 posts, 1/5 sockets, the
    direction. Hameau: 1/2, 1/2, and 4 mobiles of 12. Tilleuls: 6/9, 8/9, 3/9, 4/9, 22/36, direction and printer; its
    Wi-Fi cannot be cut, and counts for none. Grands Prés, 8 classes this year: 7/8 four times, and four items whole.
    """
    coverage = inventory.schools["coverage"]

    assert coverage[COQUELICOTS] == 1
    assert coverage.isna().to_dict() == {uai: uai == MOULIN for uai in coverage.index}
    assert coverage[TILLEULS] == pytest.approx((6 / 9 + 8 / 9 + 3 / 9 + 4 / 9 + 22 / 36 + 2) / 8)
    assert coverage[GRANDS_PRES] == pytest.approx(7.5 / 8)
    assert coverage[LAVOIR] == pytest.approx(2 / 8)
    assert coverage[HAMEAU] == pytest.approx((1 / 2 + 1 / 2 + 4 / 12) / 8)


def test_lines_upkeep_and_people_by_hand(inventory: Inventory, programme: Programme) -> None:
    """Two lines are short, two not measured, one is enough for 33 users, Hameau has none; 0.2 technician.

    105 terminals: 1 + 39 + 32 + 13 + 5, and the 15 laptops that are lent. To train: 4 + 9 + 3 + 5 + 2.
    Three lines are to be asked for: two are short, one is absent; ENT for the four schools that have none.
    """
    assert inventory.lines["status"].to_dict() == {
        COQUELICOTS: "short", MOULIN: "unmeasured", TILLEULS: "unmeasured",
        GRANDS_PRES: "enough", LAVOIR: "short", HAMEAU: "none",
    }  # fmt: skip
    assert inventory.lines.loc[GRANDS_PRES, "users"] == 33
    assert (inventory.terminals, inventory.terminals_per_technician) == (105, 525)
    quotes = {quote.item.key: quote.quantity for quote in programme.quotes}
    assert (quotes["internet"], quotes["ent"], quotes["formation"], quotes["referent"]) == (3, 4, 23, None)


def test_schools_are_served_by_priority_then_by_what_they_lack(programme: Programme) -> None:
    """Lavoir is the commune's choice; Moulin is not known; then from the least equipped to the best."""
    assert programme.order == (LAVOIR, MOULIN, HAMEAU, TILLEULS, GRANDS_PRES, COQUELICOTS)


@pytest.mark.parametrize(("uai", "expected"), [(LAVOIR, LAVOIR_LINES), (TILLEULS, TILLEULS_LINES)])
def test_what_two_schools_receive(programme: Programme, uai: str, expected: Lines) -> None:
    """Item, why, year; in each case, with its price."""
    rows = programme.by_school[programme.by_school["uai"] == uai].to_dict("records")

    found = {
        (row["item"], row["nature"], row["year"]): tuple(row[f"quantity_{case}"] for case in CASES) for row in rows
    }
    assert found == expected
    for row in rows:
        for case, unit in zip(CASES, PRICES[row["item"]], strict=True):
            assert row[f"ht_{case}"] == row[f"quantity_{case}"] * unit
            assert row[f"ttc_{case}"] == cents(row[f"quantity_{case}"] * unit * 1.2)


@pytest.mark.parametrize("uai", [LAVOIR, TILLEULS])
@pytest.mark.parametrize("rank", range(3), ids=CASES)
def test_what_two_schools_cost_year_by_year(programme: Programme, uai: str, rank: int) -> None:
    """TTC, to the cent."""
    rows = programme.by_school[programme.by_school["uai"] == uai]

    found = rows.groupby("year")[f"ttc_{CASES[rank]}"].sum().map(cents).to_dict()
    assert found == {year: amounts[rank] for year, amounts in AMOUNTS[uai].items()}


def test_the_ceiling_is_kept_and_nothing_is_left_out(programme: Programme) -> None:
    """Central case, TTC.

    2027: Lavoir 37 753.20, Moulin 3 994.80, Hameau 14 298, Tilleuls 3 849.60.
    2028: Tilleuls 45 520.80; Grands Prés 6 laptops due, 3 displays, a sound, 2 sockets: 14 268.
    2029: Tilleuls 13 675.20; Grands Prés 2 laptops, 7 sounds, 24 mobiles, direction, printer: 18 058.80; Coquelicots
    3 994.80. 2030: 5 displays of 2022, 2 access points of 2023, Lavoir's laptop. 2031: Hameau's projector.
    """
    lines = programme.lines[programme.lines["section"] == "investissement"]

    assert lines.groupby("year")["ttc_central"].sum().map(cents).to_dict() == {
        2027: 59_895.60,
        2028: 59_788.80,
        2029: 35_728.80,
        2030: 18_394.80,
        2031: 3_348.00,
    }
    assert programme.unfunded.empty


def test_what_goes_with_it_by_hand(programme: Programme) -> None:
    """20 % of 49 913, 49 824, 29 774, 15 329 and 2 790 € HT; 5.2 % of what is in service.

    There, at today's prices: 16 displays, 23 laptops, 10 sounds, 50 mobiles, 2 printers, 2 access points = 85 377 €.
    Bought in 2027: 6, 6, 13, 32, 2 and 3 = 39 710: 125 087 in all; in 2028: 4 displays, a sound, 14 mobiles, 3 access
    points = 19 772: 144 859; in 2029, a laptop: 145 398; then nothing that was missing.
    """
    lines = programme.lines.set_index(["item", "year"])["ht_central"]

    assert lines["accompagnement"].to_dict() == {
        2027: 9_982.60,
        2028: 9_964.80,
        2029: 5_954.80,
        2030: 3_065.80,
        2031: 558,
    }
    assert lines["maintenance"].to_dict() == {2027: 6_504.52, 2028: 7_532.67} | dict.fromkeys(
        range(2029, 2032), 7_560.70
    )


# low: 125 713 € HT of investment, 15 % of each year, 3.5 % of 111 653, 127 699, then 128 190:
#   150 855.60 + 22 628.34 + 4 689.43 + 5 363.36 + 3 × 5 383.98.
# central: 177 156 + 35 431.20 + 7 805.42 + 9 039.20 + 3 × 9 072.84.
# high: 172 500 HT, 30 %, 9.4 % of 143 132, 168 908, then 169 500:
#   207 000 + 62 100 + 16 145.29 + 19 052.82 + 3 × 19 119.60.
@pytest.mark.parametrize(
    ("rank", "invested", "total"),
    [(0, 150_855.60, 199_688.67), (1, 177_156.00, 256_650.34), (2, 207_000.00, 361_656.91)],
    ids=CASES,
)
def test_the_commune_in_all(programme: Programme, rank: int, invested: float, total: float) -> None:
    """TTC over the five years, to the cent."""
    assert programme.ttc(CASES[rank], "investissement") == invested
    assert programme.ttc(CASES[rank]) == total


def test_without_a_ceiling_all_is_bought_the_first_year(study_of: Callable[..., Study]) -> None:
    """151 532.40 € in 2027, and what falls due later in its year: the same total."""
    free = study_of("00001", ceiling_eur_per_year=1_000_000).programme
    assert free is not None
    lines = free.lines[free.lines["section"] == "investissement"]

    found = lines.groupby("year")["ttc_central"].sum().map(cents).to_dict()
    assert found == {2027: 151_532.40, 2028: 3_880.80, 2030: 18_394.80, 2031: 3_348.00}
