"""The wording: no sentence names a figure that is not there, none contradicts its number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from pupitre.data.codes import FICTIONAL
from pupitre.data.dossier import Dossier
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.formats import SPECS, fill, placeholders
from pupitre.funding.compare import Advice
from pupitre.funding.plan import Verdict
from pupitre.funding.scenarios import SCENARIOS, achat, leasing
from pupitre.law import baremes
from pupitre.study import Study, compute_study, texts
from pupitre.study.texts import ADVICE, LABELS, NOUNS, dated, inert, say, say_all, say_rows

StudyOf = Callable[..., Study]
SEVEN = ("09032", "09122", "09194", "09220", "09225", "13028", "92062")
NBSP = "\u00a0"
COUNTED = "écoles?|élèves?|classes?|ans?|habitants?|ménages?"

each_commune = pytest.mark.parametrize("code", SEVEN)


ALWAYS = ("advice", "unknown", "ips_of_unlisted_schools", "internet_in_2019")
OF_A_PROGRAMME = (
    "sets", "items_picture", "payers_picture", "cash_picture", "cases", "wins", "plan_notes", "aids_notes",
    "comparables_notes", "donor_notes",
)  # fmt: skip
LATE = ("cost_note", "mix_lead", "mix_conflicts", "mix_note", "spread_picture", "risk_notes", "risk_picture")
TABLES = ("cost_table", "plans_table", "payers_table", "verdicts_table", "aids_table")
LATE_TABLES = ("neighbours_table", "risk_table")
GIFTS = {"gift_company_eur": 3_000, "gift_in_kind_eur": 4_000, "gift_skills_eur": 1_000, "gift_individuals_eur": 500}
CALL = {"call_rate": 0.5, "call_ceiling_eur": 20_000, "call_years": 3, "call_research_share": 0.2}


def cells(study: Study, *tables: str) -> Iterator[str]:
    """The cells of tables, captions and headers too."""
    for name in tables:
        for row in say_rows(study, name, hidden=()):
            yield from row


def late_templates(study: Study) -> Iterator[str]:
    """Every sentence on the best mix, on risk, on debt, and every cell of the tables of the funding chapter."""
    for name in LATE:
        yield from say_all(study, name, costliest="Accord des subventions")
    yield from cells(study, *TABLES, *LATE_TABLES)
    if study.assumptions.savings_eur is not None:
        yield from cells(study, "debt_table")
        yield say(study, "debt_note")


def templates(study: Study) -> Iterator[str]:
    """Every sentence that a study may print."""
    yield say(study, "identity")
    for card in say_rows(study, "key_figures"):
        yield from card
    for name in ALWAYS:
        yield from say_all(study, name)
    if study.figures["schools.public.with_ips_compared"] and study.diagnostic.ips_reference is not None:
        yield from say_all(study, "ips_picture")
    if study.figures.get("niveau_vie.median_eur") is not None:
        yield say(study, "niveau_vie")
    if study.dossier.fibre is not None:
        yield say(study, "fibre")
    if study.diagnostic.situation == "schools":
        yield from say_all(study, "pupils_picture", shown=2)
        yield from say_all(study, "pupils_picture", shown=99)
    if study.programme is not None:
        yield say_all(study, "cost_table")[0]
        for name in OF_A_PROGRAMME:
            yield from say_all(study, name, costliest="Affichage collectif")


def filled(study: Study) -> list[str]:
    """The same, as they are read."""
    return [fill(template, study.figures) for template in templates(study)]


def computed(dossier: Dossier, **assumptions: object) -> Study:
    """The study of a dossier on its own date."""
    return compute_study(dossier, baremes.on(dossier.on), Assumptions.model_validate(assumptions))


def schools_of(dossier: Dossier) -> pd.DataFrame:
    """A copy of the schools, to change."""
    assert dossier.schools is not None
    return dossier.schools.copy()


def assert_reads_well(study: Study, late: bool = False) -> None:
    """No hole, no brace, no slip of agreement, no doubled space or sign."""
    more = [fill(template, study.figures) for template in late_templates(study)] if late else []
    for text in filled(study) + more:
        assert not re.search(r"\bnan\b|\bNone\b|<NA>|\binf\b|[{}]|  |\.\.|\( ", text), text
        for number, noun in re.findall(rf"(?<![\d,.\u202f-])([\d\u202f]+){NBSP}({COUNTED})\b", text):
            several = int(number.replace("\u202f", "")) >= 2
            assert noun.endswith("s") == several, text


@pytest.fixture
def mirepoix(study_of: StudyOf) -> Dossier:
    """The reference commune."""
    return study_of("09194").dossier


@pytest.mark.parametrize("code", ["09194", "09220", "13028"])
@pytest.mark.parametrize(
    "assumptions",
    [
        {"fctva_delay_years": 1, "tfpb_base_eur": 5e6, "loan_share": 1, "loan_years": 1},
        {"include_private": True, "maternelles": False, "horizon_years": 1, "redeployed_eur_per_year": 100},
        {"horizon_years": 15, "lease_years": 3, "lease_option_share": 0, "loan_rate": 0},
    ],
    ids=["known", "private", "long"],
)
def test_every_figure_is_there_whatever_is_assumed(
    code: str, assumptions: dict[str, object], study_of: StudyOf
) -> None:
    """A commune that is usual, one whose only school is small, one that is large."""
    assert_figures_are_there(study_of(code, **assumptions))


@each_commune
def test_every_figure_of_every_sentence_is_there(code: str, study_of: StudyOf) -> None:
    """By name, with a spec that exists; and the sentence reads well."""
    assert_figures_are_there(study_of(code))


def assert_figures_are_there(study: Study) -> None:
    """Each placeholder names a figure of the study, and a way to write it."""
    for template in templates(study):
        for _, name, spec in placeholders(template):
            assert name is None or name in study.figures, template
            assert spec in SPECS or "|" in spec, template
    assert_reads_well(study)


@pytest.mark.parametrize(
    ("code", "assumptions"),
    [
        (FICTIONAL, {}),
        ("09194", GIFTS | {"savings_eur": -5_000, "debt_eur": 1e6}),
        ("09194", CALL | {"byod_state_share": 0.3, "savings_eur": 1e5}),
        ("09220", {"running_ceiling_eur_per_year": 1_000, "ceiling_eur_per_year": 5_000}),
        ("13028", {"aide_detr": 0.5, "aide_dsil": 0.2, "aid_brackets": "cliff", "aid_probability": 1}),
        ("92062", {"lease_rent_per_1000_eur": 18.2, "wifi": False, "groupement_share": 0.4}),
    ],
    ids=["fictional", "gifts", "call", "ceilings", "aids", "cables"],
)
def test_every_figure_of_every_new_sentence_is_there(
    code: str, assumptions: dict[str, object], study_of: StudyOf
) -> None:
    """Ways to pay, law, aids, mix, risk, debt: by name, with a spec that exists; and the sentence reads well."""
    study = study_of(code, **assumptions)
    for template in (*templates(study), *late_templates(study)):
        for _, name, spec in placeholders(template):
            assert name is None or name in study.figures, template
            assert spec in SPECS or "|" in spec, template
    assert_reads_well(study, late=True)


@each_commune
def test_a_sentence_types_no_figure_of_its_own(code: str, study_of: StudyOf) -> None:
    """Amounts, rates and counts are named: what is typed is a year, an article of law, or « pour 100 élèves »."""
    study = study_of(code)
    articles = r"[LR]\. [\d-]+|articles? 238 bis"
    for template in {*templates(study), *(say_all(study, "mix_note"))} - set(study.dossier.caveats):
        typed = re.findall(r"\d[\d ]*\d|\d", re.sub(rf"\{{[^}}]*\}}|{articles}|^Les 2 plus grandes", "", template))
        assert set(typed) <= {"2018", "2019", "100", "1 000"}, template


def test_the_advice_waits_for_neither_mix_nor_risk(
    study_of: StudyOf, mirepoix: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take a second: its sentences, and those of the plans, are said without them; only its cost needs risk."""

    def never(*_: object) -> None:
        raise AssertionError("computed too early")

    monkeypatch.setattr("pupitre.study.study.best_mix", never)
    monkeypatch.setattr("pupitre.study.study.assess_risk", never)

    assert len(filled(computed(mirepoix))) > 50


def test_mirepoix_in_one_sentence(study_of: StudyOf) -> None:
    """Two public schools, one private; 191 and 94 pupils."""
    study = study_of("09194")
    text = fill(say(study, "identity"), study.figures).replace("\u202f", "").replace(NBSP, " ")

    assert text.startswith("Mirepoix (Ariège) compte ")
    assert text.endswith(
        "et 2 écoles publiques : 191 élèves dans 10 classes à la rentrée 2024. "
        "S'y ajoute 1 école privée sous contrat, avec 94 élèves."
    )


def test_orlu_in_one_sentence(study_of: StudyOf) -> None:
    """One school, one class: all in the singular."""
    study = study_of("09220")
    text = fill(say(study, "identity"), study.figures).replace(NBSP, " ")

    assert text.endswith("et 1 école publique : 14 élèves dans 1 classe à la rentrée 2024.")


def test_several_private_schools_take_a_plural_verb(study_of: StudyOf) -> None:
    """Pamiers has four."""
    assert "S'y ajoutent {" in say(study_of("09225"), "identity")


def test_a_commune_without_a_school(mirepoix: Dossier) -> None:
    """Whom to ask, the EPCI by its name; no programme, no amount, nothing said of its schools' internet."""
    study = computed(replace(mirepoix, schools=schools_of(mirepoix).iloc[:0]))
    texts = filled(study)
    told = " ".join(texts)

    assert_reads_well(study)
    assert "n'a pas d'école sur son territoire" in texts[0]
    assert all(word in told for word in ("RPI", "SIVOS", "intercommunalité", str(mirepoix.commune.epci_nom)))
    assert "€ TTC" not in told.replace(NBSP, " ")
    assert "débit internet de chaque école" not in told
    assert say_all(study, "key_figures") == []


def test_a_commune_whose_schools_are_unknown(mirepoix: Dossier) -> None:
    """It never says that there is none."""
    study = computed(replace(mirepoix, schools=None))

    assert_reads_well(study)
    assert "n'avons pas la liste de ses écoles" in say(study, "identity")
    assert "n'a pas d'école" not in " ".join(filled(study))
    assert "liste des écoles" in say_all(study, "advice")[0]


def test_a_commune_whose_only_school_is_private(mirepoix: Dossier) -> None:
    """Its schools are known: nothing to gather, and no costing is spoken of; the law on private schools is."""
    schools = schools_of(mirepoix)
    study = computed(replace(mirepoix, schools=schools[schools["sector"] != "public"]))
    told = " ".join(filled(study))

    assert_reads_well(study)
    assert study.diagnostic.situation == "no_public_school"
    assert "n'a pas d'école publique" in told
    assert "L. 442-5" in told
    assert "Rassemblez d'abord la liste des écoles" not in told
    assert "le chiffrage central" not in told


def test_schools_without_count_are_not_counted_twice(mirepoix: Dossier) -> None:
    """A school whose classes are unknown is not said to have « toutes leurs classes » counted."""
    schools = schools_of(mirepoix)
    columns = ["rentree", "classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis"]
    schools.loc[0, columns] = pd.NA
    study = computed(replace(mirepoix, schools=schools))
    told = [text for text in filled(study) if "école" in text and "classes" in text]

    assert_reads_well(study)
    assert any(f"Les classes et les élèves de 1{NBSP}école" in text for text in told)
    assert not any("comptées comme élémentaires" in text for text in told)


def test_one_school_takes_the_singular_throughout(study_of: StudyOf) -> None:
    """Orlu: « toutes ses classes », not « toutes leurs classes »."""
    [text] = [text for text in filled(study_of("09220")) if "part de la maternelle" in text]

    assert "leurs" not in text


def test_a_maternelle_without_split_is_not_counted_as_elementaire(mirepoix: Dossier) -> None:
    """Its classes are not in the socle: the sentence on unknown splits would be false."""
    schools = schools_of(mirepoix)
    schools.loc[1, ["pupils_maternelle", "pupils_elementaire"]] = pd.NA
    study = computed(replace(mirepoix, schools=schools))

    assert study.figures["need.0090313S.classes_in_scope"] == 0
    assert not any("comptées comme élémentaires" in text for text in filled(study))


def test_rents_after_the_horizon_are_counted_and_said(study_of: StudyOf) -> None:
    """Three years compared, leases of five: two years of rents fall later; none does when all leases end inside."""
    short = " ".join(filled(study_of("09194", horizon_years=3)))

    assert "tombent après les 3" in short
    assert "Ils sont comptés" in short
    assert "tombent après" not in " ".join(filled(study_of("09194")))


def test_what_is_missing_is_said(study_of: StudyOf, mirepoix: Dossier) -> None:
    """Inventory, prices, regime, tax base, households, fibre; and no longer once it is given."""
    usual = " ".join(filled(study_of("09194")))
    given_ = " ".join(filled(study_of("09194", fctva_delay_years=1, tfpb_base_eur=5e6)))
    unknown = computed(replace(mirepoix, niveau_vie=None, fibre=None))
    bare = " ".join([*filled(unknown), *say_all(unknown, "cost_note")])

    for words in ("matériel déjà présent", "prix d'aujourd'hui", "régime de FCTVA", "base de taxe foncière"):
        assert words in usual
    assert "Si une subvention sera accordée, et à quel taux" in usual
    assert re.search(rf"supposé versé 2{NBSP}ans\b.* après la dépense", usual)
    assert "régime de FCTVA" not in given_
    assert "base de taxe foncière" not in given_
    assert "coût par foyer n'est pas calculé" in bare
    assert "accès à la fibre" in bare
    assert "Par foyer" not in bare
    assert "Par foyer" in " ".join(say_all(study_of("09194"), "cost_note"))


def test_quotes_for_every_price_leave_a_report(study_of: StudyOf) -> None:
    """The consultant quotes all six: no price is read in law/, and no sentence says of which years they are."""
    prices = {figure.name: 500 for figure in study_of("09194").law.all() if figure.name.startswith("prix_")}
    study = study_of("09194", **prices)

    assert len(prices) >= 6
    assert_reads_well(study)
    assert "prices.first_year" not in study.figures


def test_a_commune_whose_only_school_is_a_maternelle_has_its_report(mirepoix: Dossier) -> None:
    """One of a RPI: no élémentaire, so no mobile set, and no figure of the socle is read for it."""
    schools = schools_of(mirepoix)
    study = computed(replace(mirepoix, schools=schools[schools["level"] == "maternelle"]))

    assert study.programme is not None
    assert_reads_well(study)


def test_enrolments_that_are_not_of_this_year_are_said(study_of: StudyOf, mirepoix: Dossier) -> None:
    """On 22 November 2026 the school year is that of 2026; those of 2024 are the last known."""
    schools = schools_of(mirepoix).assign(rentree=pd.array([2026] * 3, dtype="Int64"))

    assert any("rentrée 2024" in text for text in filled(study_of("09194"))[1:] if "effectifs" in text)
    assert not any("effectifs d'aujourd'hui" in text for text in filled(computed(replace(mirepoix, schools=schools))))


def test_a_loan_is_told_as_it_is(study_of: StudyOf) -> None:
    """What it would cost when none is taken; its share of the first year when there is one."""
    without = " ".join(filled(study_of("09194"))).replace(NBSP, " ").replace("\u202f", "")
    with_it = " ".join(filled(study_of("09194", loan_share=0.5))).replace(NBSP, " ")

    assert "emprunté en entier** (54731 €) sur 5 ans à 3,54 %, les intérêts ajouteraient 5947 €" in without
    assert "emprunté** à hauteur de 50 % de la première année, sur 5 ans à 3,54 %" in with_it


def test_a_lease_without_option_says_that_all_is_given_back(study_of: StudyOf) -> None:
    """And never speaks of an option of 0 %."""
    told = " ".join(filled(study_of("09194", lease_option_share=0)))

    assert "Sans option d'achat" in told
    assert "L'option d'achat est à" not in told


def test_a_caveat_with_braces_is_read_as_it_is(mirepoix: Dossier) -> None:
    """What comes from a file is no template."""
    study = computed(replace(mirepoix, caveats=("Fichier {nom} incomplet.",)))

    assert fill(say_all(study, "unknown")[0], study.figures) == "Fichier {nom} incomplet."


HOSTILE = "Fichier {nom} {{ 7 * 7 }} {% raw %} {# **gras** #}\n| <script> | {x:euros} \\ $x$"


def test_a_text_of_a_file_is_no_template(mirepoix: Dossier) -> None:
    """A caveat, the name of a school, a source: neither Jinja, nor placeholder, nor emphasis, nor line, nor cell."""
    sources = tuple(replace(source, title=HOSTILE, publisher=HOSTILE) for source in mirepoix.sources)
    schools = schools_of(mirepoix).assign(nom=HOSTILE)
    study = computed(replace(mirepoix, caveats=(HOSTILE,), schools=schools, sources=sources))
    read = fill(inert(HOSTILE), {}).replace("\u2060", "")
    [first, second, *_], given_ = say_all(study, "unknown"), {"schools": [("0090312R", HOSTILE)], "kinds": []}

    assert read == "Fichier {nom} {{ 7 * 7 }} {% raw %} {# **gras** #} | <script> | {x:euros} \\ $x$"
    assert fill(first, study.figures).replace("\u2060", "") == read
    assert second.startswith("Le matériel déjà présent")
    assert "**" not in first
    assert {len(row) for row in say_rows(study, "socle_table", **given_)[1:]} == {2}
    assert {len(row) for row in say_rows(study, "sources_table")[1:]} == {5}


def test_a_misspelt_figure_is_refused(study_of: StudyOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a macro reads it: printed, as a condition, beside « is none »."""
    (tmp_path / "a.j2").write_text(
        '{% macro printed() %}{{ f["x"] }}{% endmacro %}{% macro tested() %}{% if f["x"] %}{% endif %}{% endmacro %}'
        '{% macro compared() %}{% if f["x"] is none %}{% endif %}{% endmacro %}{% macro _own() %}{% endmacro %}'
    )
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    monkeypatch.setattr(texts, "macros", texts.macros.__wrapped__)

    assert set(texts.macros()) == {"printed", "tested", "compared"}
    for name in texts.macros():
        with pytest.raises(UndefinedError, match="x"):
            say(study_of("09194"), name)


def test_a_cell_may_be_empty_and_a_plural_is_no_cell(
    study_of: StudyOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells stand between spaces; empty lines are no rows, no-break spaces stay."""
    (tmp_path / "a.j2").write_text("{% macro a() %}\n\n  | {n:an|ans} |  | 5\u00a0%, x .\n \n b |\n{% endmacro %}")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    monkeypatch.setattr(texts, "macros", texts.macros.__wrapped__)

    assert say_rows(study_of("09194"), "a") == [["", "{n:an|ans}", "", "5\u00a0%, x."], ["b", ""]]


def test_each_macro_has_one_name() -> None:
    """In all the templates together: none hides another."""
    names = [
        name for path in texts.FOLDER.glob("*.j2") for name in re.findall(r"{% macro (\w+)", path.read_text("utf-8"))
    ]

    assert len(names) == len(set(names))
    assert set(texts.macros()) == {name for name in names if not name.startswith("_")}


def test_what_is_not_official_is_to_be_checked(study_of: StudyOf) -> None:
    """In a sentence too."""
    study = study_of("09194")

    assert dated(study, "fctva_taux", "percent") == "{law.fctva_taux.value:percent}"
    assert dated(study, "maintenance_part", "percent").endswith("(à vérifier)")


def advised(study: Study, *, significant: bool, steady: bool, best: str = "achat") -> str:
    """The advice of a study as it would be said with another result."""
    second = "leasing" if best == "achat" else "achat"
    told = Advice(best, second, significant, steady, {"low": 1, "central": 2, "high": 3})
    return " ".join(say_all(replace(study, advice=told), "advice"))


def test_the_advice_never_says_more_than_the_comparison(study_of: StudyOf) -> None:
    """The inventory first; « pas d'écart significatif » when ranges overlap; « coûte moins » only when steady."""
    study = study_of("09194")
    to_buy, to_lease = (advised(study, significant=True, steady=True, best=best) for best in ("achat", "leasing"))

    assert say_all(study, "advice")[0].startswith("**Faites d'abord l'inventaire.**")
    less = "coûte {advice.gap.central_eur:about} de moins que"
    assert f"**{ADVICE['achat']}** : l'achat {less} la location" in to_buy
    assert f"**{ADVICE['leasing']}** : la location {less} l'achat" in to_lease
    assert "{advice.leasing_over_achat_eur:about} de plus que l'achat seul" in to_buy
    assert "**La location**" not in to_lease
    assert "pas d'écart significatif" not in advised(study, significant=True, steady=True)
    assert "pas d'écart significatif" in advised(study, significant=False, steady=True)
    assert "pas d'écart significatif" in advised(study, significant=False, steady=False)
    assert "de moins que" not in advised(study, significant=False, steady=False)


def test_a_refused_scenario_is_explained(study_of: StudyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reason; nothing is said of its rate, nor compared."""
    dossier = study_of("09194").dossier
    refused = replace(leasing.SCENARIO, check=lambda *_: Verdict(eligible=False, reasons=("Sans objet.",)))
    monkeypatch.setattr("pupitre.funding.compare.SCENARIOS", (achat.SCENARIO, refused))
    monkeypatch.setitem(texts.macros()["verdicts_table"].globals, "SCENARIOS", (achat.SCENARIO, refused))
    study = computed(dossier)
    told = " ".join(filled(study))

    assert [row[:2] for row in say_rows(study, "verdicts_table")[2:]] == [["Achat", "Oui"], ["Location", "Non retenu"]]
    assert say_rows(study, "verdicts_table")[3][2].startswith("Sans objet.")
    assert "Location supposée" not in told
    assert len(say_all(study, "advice")) == 1
    assert "Les subventions (DETR, DSIL, département) : aucune n'est comptée." in told


def test_each_scenario_has_its_noun_and_its_advice() -> None:
    """A new one is told in sentences too: « par l'achat », « la location coûte moins », an order to the mayor."""
    assert set(NOUNS) == set(LABELS) == set(ADVICE) == {scenario.key for scenario in SCENARIOS}
    assert all(noun.startswith(("l'", "la ", "le ")) for noun in NOUNS.values())
    assert all(re.match(r"[A-Z]\w+ez\b", advice) and not advice.endswith(".") for advice in ADVICE.values())


@pytest.mark.parametrize("best", ["subventions", "mecenat", "efran", "byod_tripartite"])
def test_each_way_to_pay_can_be_advised(best: str, study_of: StudyOf) -> None:
    """By its own order, by its noun, with what is at risk when it hangs on others."""
    study = study_of("09194", **GIFTS, **CALL)
    told = Advice(best, "achat", True, True, {"low": 1, "central": 2, "high": 3}, at_risk_eur=1_234.0)
    other = replace(study, advice=told)
    first = " ".join(say_all(other, "advice"))

    assert f"**{ADVICE[best]}** : {NOUNS[best]} coûte {{advice.gap.central_eur:about}} de moins que l'achat" in first
    assert "**Rien n'est promis**" in first
    assert "1\u202f230\u00a0€ de plus" in fill(first, other.figures)
    assert f"par {NOUNS[best]} ;" in " ".join(cell for row in say_rows(other, "key_figures") for cell in row)


def test_what_hangs_on_nobody_is_not_said_to_be_uncertain(study_of: StudyOf) -> None:
    """An aid that is certain, or none: neither « Rien n'est promis » nor « si rien n'est accordé »."""
    for sure in ({"aid_probability": 1}, {"aid_probability": 0}):
        told = " ".join(filled(study_of("09194", **sure)))
        assert "Rien n'est promis" not in told
        assert "si rien n'est accordé" not in told
        assert "Si aucune aide" not in told
    assert "si rien n'est accordé" in " ".join(filled(study_of("09194")))


def test_a_gap_goes_from_the_least_to_the_most(study_of: StudyOf) -> None:
    """« de 6 490 € à 7 730 € », whichever case has the larger one; no range where both ends read the same."""
    study = study_of("09194", **GIFTS, gift_probability=1, aid_probability=0)
    told = fill(" ".join(say_all(study, "advice")), study.figures).replace("\u202f", "")
    ends = re.findall(r"de (\d+)\u00a0€ à (\d+)\u00a0€ selon le cas", told)

    assert study.advice is not None
    assert study.advice.best == "mecenat"
    assert all(int(least) < int(most) for least, most in ends)


def test_a_ceiling_that_may_be_passed_is_said_once_in_ten_or_more(study_of: StudyOf) -> None:
    """« 0 fois sur dix : gardez une marge » is no warning."""
    for ceiling in (5_000, 20_000, 30_000, 45_000, 60_000, 65_000, 70_000):
        study = study_of("09194", ceiling_eur_per_year=ceiling)
        told = fill(" ".join(say_all(study, "cost_note")), study.figures)

        assert "dépassé 0 fois sur dix" not in told, ceiling


def test_gifts_are_told_with_their_chances(study_of: StudyOf) -> None:
    """For the donor what it costs, for the commune what is counted; nothing for a commune that has none."""
    study = study_of("09194", **GIFTS)
    told = fill(" ".join(say_all(study, "donor_notes")), study.figures).replace("\u202f", "").replace(NBSP, " ")

    assert "un don de 8000 € coûte 3200 € une fois l'impôt réduit" in told
    assert "les dons promis comptent pour 4250 €" in told
    assert "**Mécénat.**" in " ".join(say_all(study, "plan_notes"))
    assert "Pour la commune" not in " ".join(say_all(study_of("09194"), "donor_notes"))
    assert "Mécénat" not in " ".join(say_all(study_of("09194"), "plan_notes"))


def test_a_donor_s_ceiling_is_said_when_it_is_passed(study_of: StudyOf) -> None:
    """150 000 € from a company whose gifts stop at 20 000 € a year: what is lost is told; unknown, a condition is."""
    small = study_of("09194", gift_company_eur=150_000, donor_turnover_eur=100_000)
    usual = " ".join(say_all(study_of("09194"), "donor_notes"))

    assert "resteraient sans réduction" in " ".join(say_all(small, "donor_notes"))
    assert "si le plafond de ses dons n'est pas atteint" not in " ".join(say_all(small, "donor_notes"))
    assert "si le plafond de ses dons n'est pas atteint" in usual


def verdict(study: Study, label: str) -> list[str]:
    """The row of one way to pay in the table of what law allows, filled."""
    rows = [[fill(cell, study.figures) for cell in row] for row in say_rows(study, "verdicts_table")[2:]]
    return next(row for row in rows if row[0] == label)


def test_a_call_for_projects_is_told(study_of: StudyOf) -> None:
    """e-FRAN closed since its day, the consultant's own call possible; too small or alone, why not."""
    label, closed = "Appel à projets (e-FRAN)", "clos depuis le 12 juillet 2016"
    open_call = study_of("09194", **CALL)
    short = study_of("09194", call_rate=0.9, call_minimum_eur=1e6, call_partners_required=3)

    assert verdict(study_of("09194"), label)[1] == "Non retenu"
    assert closed in verdict(study_of("09194"), label)[2]
    assert verdict(open_call, label)[1] == "Oui"
    assert closed not in verdict(open_call, label)[2]
    assert f"**{LABELS['efran']}.**" in " ".join(say_all(open_call, "plan_notes"))
    assert verdict(short, label)[1] == "Non retenu"
    assert re.search(r"Le projet pèse 45.609.€ HT.*1.000.000.€ au moins", verdict(short, label)[2])
    assert f"demande 3{NBSP}partenaires" in verdict(short, label)[2]


def test_every_aid_asked_for_is_told(study_of: StudyOf) -> None:
    """Two at once: each with its rate, in the notes as in the table."""
    study = study_of("09194", aide_detr=0.3, aide_dsil=0.2)
    notes, rows = " ".join(say_all(study, "aids_notes")), say_rows(study, "aids_table")[2:]

    assert [row[0] for row in rows if "demandée" in row[1]] == ["DETR", "DSIL"]
    assert "{aid.detr.asked_rate:percent1}" in notes
    assert "{aid.dsil.asked_rate:percent1}" in notes


def test_an_aid_is_said_to_be_dear_when_it_is(study_of: StudyOf) -> None:
    """Above what nine projects in ten obtained; not below; and by whom its rate was given."""
    dear, usual = (
        " ".join(say_all(study, "aids_notes")) for study in (study_of("09194", aide_detr=0.8), study_of("09194"))
    )

    assert "**Ce taux est optimiste**" in dear
    assert "taux donné par le consultant" in dear
    assert "optimiste" not in usual
    assert "taux médian des projets semblables" in usual


def test_brackets_are_told_as_they_are_read(study_of: StudyOf) -> None:
    """On the part above the threshold, or on the whole."""
    usual, cliff = (
        " ".join(say_all(study_of("09194", aid_brackets=read), "aids_notes")) for read in ("marginal", "cliff")
    )

    assert "sur la seule part qui dépasse" in usual
    assert "sur toute la dépense" in cliff


def test_an_aid_refused_by_law_says_by_how_much(study_of: StudyOf) -> None:
    """80 % and 10 %: more than law allows, so not kept; the nearest plan is told."""
    row = verdict(study_of("09194", aide_detr=0.8, aide_dsil=0.1), "Achat avec subventions")

    assert row[1] == "Non retenu"
    assert "CGCT, L. 1111-10" in row[2]
    assert "de trop. Ramenez les aides de" in row[2]


@pytest.mark.parametrize(
    ("above", "known", "words"),
    [
        (0, 1, "La seule école publique dont l'indice est connu à la rentrée 2022 n'est pas au-dessus de la médiane"),
        (1, 1, "est au-dessus de la médiane du département"),
        (0, 3, "Aucune des 3 écoles publiques dont l'indice est connu à la rentrée 2022 ne dépasse la médiane"),
        (1, 3, "1 des 3 écoles publiques dont l'indice est connu à la rentrée 2022 dépasse la"),
        (2, 3, "2 des 3 écoles publiques dont l'indice est connu à la rentrée 2022 dépassent la"),
    ],
)
def test_schools_against_the_median(above: int, known: int, words: str, study_of: StudyOf) -> None:
    """None, one, several: the verb agrees."""
    study = replace(study_of("09194"))
    study.__dict__["figures"] = {
        **study_of("09194").figures,
        "ips.public_above_median": above,
        "schools.public.with_ips_compared": known,
    }
    text = fill(say_all(study, "ips_picture")[0], study.figures)

    assert words in text


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "level": st.sampled_from(["maternelle", "elementaire", "primaire"]),
                "sector": st.sampled_from(["public", "prive_sous_contrat"]),
                "classes": st.none() | st.integers(1, 12),
                "pupils": st.none() | st.integers(1, 300),
                "split": st.booleans(),
            }
        ),
        max_size=4,
    )
)
def test_any_commune_is_told_in_good_french(study: Study, schools: list[dict[str, object]]) -> None:
    """No « nan », no « None », no « 1 écoles », whatever is known of its schools."""
    rows = []
    for rank, school in enumerate(schools):
        known = {**school, "uai": f"009{rank:04d}X", "nom": f"École {rank}", "rpi": None, "rentree": 2024}
        known |= {"pupils_maternelle": 0 if school["split"] and school["pupils"] else None}
        known |= {"pupils_elementaire": school["pupils"] if school["split"] else None, "pupils_ulis": None}
        if school["classes"] is None:
            known |= dict.fromkeys(("rentree", "pupils", "pupils_maternelle", "pupils_elementaire"))
        rows.append(known)
    frame = pd.DataFrame(rows, columns=list(schools_of(study.dossier))).astype(schools_of(study.dossier).dtypes)

    assert_reads_well(computed(replace(study.dossier, schools=frame)))


@pytest.fixture(scope="session")
def study(study_of: StudyOf) -> Study:
    """Mirepoix, once for all examples."""
    return study_of("09194")
