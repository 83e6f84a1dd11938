from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.formats import number, typeset
from pupitre.funding.aids import aids
from pupitre.funding.scenarios import SCENARIOS
from pupitre.law import baremes
from pupitre.show import (
    show_cash,
    show_comparables,
    show_debt,
    show_effort,
    show_law,
    show_mix,
    show_payers,
    show_plans,
    show_programme,
    show_risk,
)
from pupitre.show.html import NOTHING, Html
from pupitre.study import Study, compute_study
from pupitre.study.texts import LABELS

StudyOf = Callable[..., Study]
OTHERS = {
    "gift_company_eur": 2_000, "gift_in_kind_eur": 1_000, "gift_skills_eur": 500, "groupement_share": 0.2,
    "horizon_years": 3, "tfpb_base_eur": 4e6,
}  # fmt: skip
BORNE_BY_OTHERS = (
    "Part rendue par l'État (FCTVA)", "Subventions et participations, comptées pour leur probabilité",
    "Dons, comptés pour leur probabilité", "Part des familles", "Part de l'intercommunalité ou d'un syndicat",
)  # fmt: skip


def parsed(piece: Html) -> Any:
    """Markup as a browser reads it."""
    return BeautifulSoup(piece.markup, "html.parser")


def values(row: Any) -> list[float]:
    """The figures of a row."""
    return [float(tag["value"]) for tag in row.find_all("data")]


@pytest.mark.parametrize("code", ["09194", "13028", "09220"])
def test_items_add_up_to_the_programme(code: str, study_of: StudyOf) -> None:
    """In each case, to the cent, and the dearest comes first, in the title too."""
    figure = parsed(show_programme(study_of(code))).figure
    *rows, total = figure.table.tbody.find_all("tr")

    for column, end in zip(zip(*map(values, rows), strict=True), values(total), strict=True):
        assert sum(column) == pytest.approx(end, abs=0.005)
    assert [values(row)[1] for row in rows] == sorted((values(row)[1] for row in rows), reverse=True)
    assert rows[0].th.get_text().lower() in figure.figcaption.get_text().lower()


def test_each_line_has_its_section_account_and_vat(study_of: StudyOf) -> None:
    """Bought lines have a quantity and a price, services have neither; TTC is HT and its VAT."""
    table = parsed(show_programme(study_of("09194"))).find_all("table")[1]
    for item in table.find_all("tbody"):
        head, *rows = item.find_all("tr")
        [(section, account)] = re.findall(r"(Investissement|Fonctionnement), compte (\d+)", head.get_text())
        *unit, vat = values(head)

        assert account.startswith("2" if section == "Investissement" else "6")
        assert bool(unit) == (section == "Investissement")
        for row in rows:
            assert (row.td.data is not None) == bool(unit)
            ht, ttc = values(row)[-2:]
            assert ttc == pytest.approx(ht * (1 + vat), abs=0.02)
            assert not unit or ht == pytest.approx(values(row)[0] * unit[0], abs=0.02)


@pytest.mark.parametrize("code", ["00001", "13028"])
def test_an_item_has_one_price_whatever_the_year(code: str, study_of: StudyOf) -> None:
    """It is said once, over the years; so are the section, the account and the VAT."""
    lines = study_of(code).programme.lines
    told = ["section", "account", "vat_rate", "unit_ht_low", "unit_ht_central", "unit_ht_high"]
    bought = lines[~lines["item"].isin(["accompagnement", "maintenance"])]

    assert bought.groupby("item")[told].nunique().eq(1).all(axis=None)
    assert lines.groupby("item")[told[:3]].nunique().eq(1).all(axis=None)


def test_the_cheapest_way_is_not_the_advice_when_families_decide(study_of: StudyOf) -> None:
    """La Ciotat: the families' devices cost least; the gap between the next two is not said of them."""
    study = study_of("13028")
    assert study.advice is not None
    cheapest = parsed(show_plans(study)).li.get_text()

    assert study.figures["advice.winner.total"] == "byod_tripartite" != study.advice.best
    assert "La commune n’en décide pas seule. Nous conseillons l’achat avec subventions" in cheapest
    assert "coûterait" not in cheapest


def test_ht_and_vat_come_to_ttc(study_of: StudyOf) -> None:
    """And the two sections too."""
    table = parsed(show_programme(study_of("13028"))).find_all("table")[2]
    invested, running, ht, vat, ttc, _ = [values(row) for row in table.tbody.find_all("tr")]

    assert [a + b for a, b in zip(invested, running, strict=True)] == pytest.approx(ttc, abs=0.015)
    assert [a + b for a, b in zip(ht, vat, strict=True)] == pytest.approx(ttc, abs=0.015)


def test_payers_of_each_year_come_to_the_total_cost(study_of: StudyOf) -> None:
    """Commune and State, all years of a plan: its cost to all payers."""
    study = study_of("09194")
    rows = parsed(show_payers(study)).tbody.find_all("tr")
    for key, label in (("achat", "Achat, "), ("leasing", "Location")):
        paid = sum(sum(values(row)) for row in rows if row.th.get_text().startswith(label))

        assert paid == pytest.approx(float(study.figures[f"plan.{key}.central.cost_eur"] or 0), abs=0.05)


def test_the_till_ends_where_the_reste_a_charge_is(study_of: StudyOf) -> None:
    """Once FCTVA has come back, what went out is what the commune bears, one column a way to pay."""
    study = study_of("09194")
    page = parsed(show_cash(study))
    last = values(page.tbody.find_all("tr")[-1])

    assert [header.get_text() for header in page.select("thead th")[1:]] == [LABELS[key] for key in study.plans]
    assert last == pytest.approx([plans["central"].reste_a_charge_eur for plans in study.plans.values()], abs=0.05)


@pytest.mark.parametrize("code", ["00001", "09194", "09220"])
def test_each_curve_bears_its_name(code: str, study_of: StudyOf) -> None:
    """However many ways to pay, and though some come to the same."""
    study = study_of(code, gift_company_eur=500, call_rate=0.2)
    svg = base64.b64decode(parsed(show_cash(study)).img["src"].partition(",")[2]).decode()

    assert len(study.plans) >= 5
    assert [LABELS[key] for key in study.plans if f">{LABELS[key]}<" not in svg] == []


def test_the_comparison_holds_cost_less_the_state_is_reste_a_charge(study_of: StudyOf) -> None:
    """For each way to pay, and the notes say what each supposes."""
    page = parsed(show_plans(study_of("09194", **OTHERS)))
    rows = {row.th.get_text(): values(row) for row in page.tbody.find_all("tr")}
    cost, *others = (rows[typeset(name)] for name in ("Coût total, tous payeurs", *BORNE_BY_OTHERS))

    assert [total - sum(parts) for total, *parts in zip(cost, *others, strict=True)] == pytest.approx(
        rows["Reste à charge de la commune"], abs=0.015
    )
    for header in page.select("thead th")[1:]:
        assert any(item.strong.get_text().startswith(header.get_text()) for item in page.find_all("li"))


def test_a_row_that_is_nought_for_all_is_left_out(study_of: StudyOf) -> None:
    """No gift, no groupement, no rent after the horizon: no row; what one way alone bears has its row, the others 0."""
    usual, with_others = (
        [row.th.get_text() for row in parsed(show_plans(study_of("09194", **told))).tbody.find_all("tr")]
        for told in ({}, OTHERS)
    )
    optional = [
        typeset(name)
        for name in (
            "Dons, comptés pour leur probabilité", "Part de l'intercommunalité ou d'un syndicat",
            "dont loyers qui tombent après la période",
        )
    ]  # fmt: skip

    assert not {*optional} & {*usual}
    assert {*optional} <= {*with_others}
    assert {"Part des familles", "Subventions et participations, comptées pour leur probabilité"} <= {*usual}


def test_what_a_payer_does_not_bear_is_a_dash(study_of: StudyOf) -> None:
    """One column a payer, who bears something somewhere; « – » rather than a nought."""
    page = parsed(show_payers(study_of("09194", **OTHERS)))
    headers = [header.get_text() for header in page.select("thead th")]
    cells = [cell.get_text() for row in page.tbody.find_all("tr") for cell in row.find_all("td")]

    assert headers[3:] == ["L’intercommunalité ou un syndicat", "L’État", "Les mécènes", "Les familles"]
    assert "–" in cells
    assert "0\u00a0€" not in cells


def plain(words: str) -> str:
    """A text as a table's cell is compared: typeset, with plain spaces."""
    return re.sub(r"\s", " ", typeset(words))


def table(page: Any, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so, French spaces and line breaks as plain ones."""
    for line_break in page.find_all("br"):
        line_break.replace_with(" ")
    found = next(table for table in page.find_all("table") if table.caption.get_text().startswith(caption))
    rows = found.tbody.find_all("tr")
    return [[re.sub(r"\s", " ", cell.get_text()) for cell in row.find_all(["th", "td"])] for row in rows]


def test_law_speaks_of_every_way_to_pay(study_of: StudyOf) -> None:
    """Eligible or not, in the order of the report; each with its reasons and an article."""
    study = study_of("09194")
    rows = table(parsed(show_law(study)), "Ce que permet la loi")

    assert [row[0] for row in rows] == [plain(scenario.label) for scenario in SCENARIOS]
    assert [row[1] != "Non retenu" for row in rows] == [study.verdicts[scenario.key].eligible for scenario in SCENARIOS]
    assert [scenario.key for scenario, row in zip(SCENARIOS, rows, strict=True) if "familles" in row[1]] == [
        "byod_tripartite"
    ]
    for scenario, (_, _, known) in zip(SCENARIOS, rows, strict=True):
        assert all(plain(reason) in known for reason in study.verdicts[scenario.key].reasons)
    articles = r"CGCT|code de l’éducation|commande publique|CGI|programme d’investissements d’avenir"
    assert all(re.search(articles, row[2]) for row in rows)


def test_law_speaks_of_every_aid(study_of: StudyOf) -> None:
    """Open or closed, with its article; a closed one its last year, an open one whether it is asked for."""
    rows = table(parsed(show_law(study_of("09194"))), "Les aides")
    told = {row[0]: row for row in rows}

    assert [row[0] for row in rows] == [plain(aid.label) for aid in aids().values()]
    assert all(plain(aid.article) in row[4] for aid, row in zip(aids().values(), rows, strict=True))
    assert all(re.search(r"\d %", row[2]) for row in rows)
    assert told["DETR"][1] == "Oui, demandée à 40 % dans le calcul"
    assert told["DSIL"][1] == "Oui"
    closed = {row[0]: row[1] for row in rows if row[1].startswith("Close")}
    assert list(closed.values()) == ["Close (2021)", "Close (2020)", "Close (2018)", "Close (2009)"]
    assert told["Appel à projets « socle numérique »"][3].startswith("3 500 € par classe au plus")
    assert "(à vérifier)" in told["DETR"][2]


def test_comparables_say_how_many_and_where(study_of: StudyOf) -> None:
    """Their number, as data; the département, else the size, else the whole of France."""
    study = study_of("09194")
    page = parsed(show_comparables(study))
    known = study.operation.comparables if study.operation else None
    words = {
        "departement": "d’écoles du département, aidés",
        "size": "d’écoles de communes de taille voisine, dans toute la France, aidés",
        "all": "d’écoles de toute la France, aidés",
    }

    assert known is not None
    assert known.scope == "size"
    assert page.find("data", attrs={"data-figure": "comparable.n"})["value"] == str(known.n)
    for scope, said in words.items():
        told = replace(study, operation=replace(study.operation, comparables=replace(known, scope=scope, n=1)))
        text = parsed(show_comparables(told)).get_text()
        assert said in text
        assert "1\u00a0projet d’équipement" in text


def test_without_comparables_nothing_is_said_of_them(study_of: StudyOf) -> None:
    """No list loaded: no section, and the aid is asked for at its lowest rate."""
    known = study_of("09194").dossier
    empty = replace(known, financed_projects=known.financed_projects.iloc[:0])
    study = compute_study(empty, baremes.on(known.on), Assumptions())

    assert show_comparables(study) == NOTHING
    assert "son taux le plus bas" in show_law(study).markup
    assert study.figures["aid.detr.asked_rate"] == 0.2


@pytest.mark.parametrize(
    ("savings", "debt", "years"),
    [(1e5, 3e5, ["3,0", "3,5"]), (-2e4, 3e5, ["non connu"] * 2), (1e4, 0, ["0,0", "non connu"])],
)
def test_savings_and_debt_once_the_project_is_paid(
    savings: float, debt: float, years: list[str], study_of: StudyOf
) -> None:
    """One row a way to pay; savings that are not positive repay nothing, and it is said so, never « inf »."""
    study = study_of("09194", savings_eur=savings, debt_eur=debt)
    page = parsed(show_debt(study))
    rows = table(page, "Épargne et dette")

    assert [row[0] for row in rows] == [LABELS[key] for key in study.plans]
    assert rows[0][1] == number(savings).replace("\u202f", " ") + " €"
    assert rows[0][4:] == years
    assert "Repères d’usage" in page.get_text()


def test_savings_that_are_not_known_show_nothing(study_of: StudyOf) -> None:
    """Nor does a debt alone."""
    assert show_debt(study_of("09194")) == show_debt(study_of("09194", debt_eur=3e5)) == NOTHING


def test_a_loan_adds_to_the_debt(study_of: StudyOf) -> None:
    """What the purchase borrows, aids off; what a lease borrows not."""
    study = study_of("09194", savings_eur=1e5, debt_eur=3e5, loan_share=1)
    rows = {row[0]: row[3] for row in table(parsed(show_debt(study)), "Épargne et dette")}

    assert rows["Achat"] == "354 731 €"
    assert rows["Location"] != rows["Achat"]


def test_the_best_mix_says_how_each_line_is_paid(study_of: StudyOf) -> None:
    """Each item of the investment once a mode, with its years; then who helps, then three simpler plans."""
    study = study_of("09194")
    page = parsed(show_mix(study))
    ways, simple = table(page, "Ce que le mélange"), table(page, "Trois façons")
    assert study.mix is not None
    assert study.mix.plan is not None
    assert study.operation is not None
    labels = {plain(label) for label in study.operation.investments["label"]}

    assert "Le mélange le moins cher" in page.strong.get_text()
    assert {row[0] for row in ways} >= labels
    assert {row[2] for row in ways if row[0] in labels} <= {
        "acheté", "loué", "donné", "apporté par les familles, prêté aux autres",
    }  # fmt: skip
    assert [row[0] for row in ways if row[0] not in labels] == list(
        dict.fromkeys(grant.label for grant in study.mix.plan.grants)
    )
    assert len(simple) == len(study.mix.neighbours) == 3
    assert [values(row)[1] for row in page.find_all("table")[1].tbody.find_all("tr")] == sorted(
        neighbour.extra_eur for neighbour in study.mix.neighbours
    )
    assert "30\u00a0% (à vérifier) du coût au plus aux familles" in page.get_text()


def test_the_limits_of_the_mix_are_those_given(study_of: StudyOf) -> None:
    """The consultant's shares, and the ceilings that he set; with nothing uncertain nor brought, nothing of it."""
    study = study_of("09194", family_limit=0, uncertain_limit=0, ceiling_eur_per_year=50_000)
    told = parsed(show_mix(study)).get_text()

    assert "0\u00a0% du coût au plus aux familles\u00a0; 0\u00a0% au plus d’argent incertain" in told
    assert "le plafond d’investissement" in told
    assert "le plafond de fonctionnement" not in told
    assert "qui peut ne pas venir" not in told
    assert "apporté par les familles" not in told


def test_limits_that_conflict_are_named(study_of: StudyOf) -> None:
    """1 000 € of running a year: no mix; each year's excess, and the least ceiling that would do."""
    study = study_of("09194", running_ceiling_eur_per_year=1_000)
    page = parsed(show_mix(study))
    items = [re.sub(r"\s", " ", item.get_text()) for item in page.find_all("li")]

    assert page.p.get_text() == "Aucun mélange ne respecte toutes les limites."
    assert not page.find_all("table")
    assert len(items) == 6
    assert items[0].startswith("Le plafond de fonctionnement de 2027 (1 000 €) est dépassé de 12 711 € au moins")
    assert "À eux seuls, les services de cette année coûtent 13 711 €." in items[0]
    assert items[-1].startswith("Pour qu’un plan existe, il suffit de porter ")
    assert items[-1].endswith("à 13 711 €.")
    wide_enough = study_of("09194", running_ceiling_eur_per_year=13_711)
    assert wide_enough.mix is not None
    assert wide_enough.mix.plan is not None


def test_given_things_are_in_the_mix(study_of: StudyOf) -> None:
    """Gifts in kind are a way to pay a line, gifts of money and skills are told with their worth."""
    study = study_of("09194", **OTHERS)
    rows = table(parsed(show_mix(study)), "Ce que le mélange")

    assert "donné" in {row[2] for row in rows}
    assert any(row[0] == "Dons en argent" and "€ attendus" in row[2] for row in rows)


def test_risk_says_what_may_happen(study_of: StudyOf) -> None:
    """One row a way to pay, three amounts that grow; each cause with its share; how draws are made."""
    study = study_of("09194")
    page = parsed(show_risk(study))
    quantiles, causes = page.find_all("table")
    assert study.risk is not None

    assert [row.th.get_text() for row in quantiles.tbody.find_all("tr")] == [LABELS[key] for key in study.plans]
    assert all(values(row) == sorted(values(row)) for row in quantiles.tbody.find_all("tr"))
    assert "plafond" not in quantiles.get_text()
    totals = [values(row)[1] for row in causes.tbody.find_all("tr")]
    assert totals == sorted(totals, reverse=True)
    assert len(totals) == len(study.risk.drivers)
    assert causes.tbody.th.get_text().lower() in page.find_all("figcaption")[1].get_text().lower()
    told = {item.strong.get_text() for item in page.find_all("li")}
    assert told >= {"Les prix", "Une subvention ou un don", "Un retard", "Ce qui ne varie pas", "La casse"}


def test_the_risk_of_passing_a_ceiling_is_told_when_there_is_one(study_of: StudyOf) -> None:
    """A percentage between 0 and 100, one column more."""
    for ceiling in ({"ceiling_eur_per_year": 30_000}, {"running_ceiling_eur_per_year": 9_000}):
        rows = table(parsed(show_risk(study_of("09194", **ceiling))), "Reste à charge possible")
        shares = [float(row[4].removesuffix(" %").replace(",", ".")) for row in rows]

        assert all(0 <= share <= 100 for share in shares)
        assert max(shares) > 0


def test_new_effort_appears_only_when_something_is_redeployed(study_of: StudyOf) -> None:
    """Each year, the reste à charge less what is redeployed."""
    assert show_effort(study_of("09194")) == NOTHING
    page = parsed(show_effort(study_of("09194", redeployed_eur_per_year=3000.0)))

    assert "3\u202f000\u00a0€" in page.caption.get_text()
    for row in page.tbody.find_all("tr"):
        borne, effort = values(row)
        assert effort == pytest.approx(borne - 3000, abs=0.005) or effort == 0


@pytest.mark.parametrize("show", [
    show_programme, show_payers, show_cash, show_plans, show_effort, show_law, show_mix, show_risk, show_comparables,
    show_debt,
])  # fmt: skip
def test_nothing_to_fund_shows_nothing(show: Callable[[Study], Html], study_of: StudyOf) -> None:
    """Neither an empty table nor a chart of zeros."""
    assert show(study_of("32258")) == NOTHING
