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

from pupitre.data.dossier import Dossier
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.formats import SPECS, fill, placeholders
from pupitre.funding.compare import Advice
from pupitre.funding.plan import Verdict
from pupitre.funding.scenarios import SCENARIOS, achat, leasing
from pupitre.law import baremes
from pupitre.study import Study, compute_study, texts
from pupitre.study.texts import ARTICLES, LABELS, dated, inert, say, say_all, say_rows

StudyOf = Callable[..., Study]
SEVEN = ("09032", "09122", "09194", "09220", "09225", "13028", "92062")
NBSP = "\u00a0"
NOUNS = "écoles?|élèves?|classes?|ans?|habitants?|ménages?"

each_commune = pytest.mark.parametrize("code", SEVEN)


ALWAYS = ("advice", "unknown", "ips_of_unlisted_schools", "internet_in_2019")
OF_A_PROGRAMME = (
    "sets", "cost_note", "items_picture", "payers_picture", "cash_picture", "cases", "plan_notes",
)  # fmt: skip


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


def assert_reads_well(study: Study) -> None:
    """No hole, no brace, no slip of agreement, no doubled space or sign."""
    for text in filled(study):
        assert not re.search(r"\bnan\b|\bNone\b|<NA>|\binf\b|[{}]|  |\.\.|\( ", text), text
        for number, noun in re.findall(rf"(?<![\d,.\u202f-])([\d\u202f]+){NBSP}({NOUNS})\b", text):
            several = int(number.replace("\u202f", "")) >= 2
            assert noun.endswith("s") == several, text


@pytest.fixture
def mirepoix(study_of: StudyOf) -> Dossier:
    """The reference commune."""
    return study_of("09194").dossier


@each_commune
@pytest.mark.parametrize(
    "assumptions",
    [
        {},
        {"fctva_delay_years": 1, "tfpb_base_eur": 5e6, "loan_share": 1, "loan_years": 1},
        {"include_private": True, "maternelles": False, "horizon_years": 1, "redeployed_eur_per_year": 100},
        {"horizon_years": 15, "lease_years": 3, "lease_option_share": 0, "loan_rate": 0},
    ],
    ids=["usual", "known", "private", "long"],
)
def test_every_figure_of_every_sentence_is_there(code: str, assumptions: dict[str, object], study_of: StudyOf) -> None:
    """By name, with a spec that exists; and the sentence reads well."""
    study = study_of(code, **assumptions)
    for template in templates(study):
        for _, name, spec in placeholders(template):
            assert name is None or name in study.figures, template
            assert spec in SPECS or "|" in spec, template
    assert_reads_well(study)


@each_commune
def test_a_sentence_types_no_figure_of_its_own(code: str, study_of: StudyOf) -> None:
    """Amounts, rates and counts are named: what is typed is a year, an article of law, or « pour 100 élèves »."""
    study = study_of(code)
    for template in set(templates(study)) - set(study.dossier.caveats):
        typed = re.findall(r"\d[\d ]*\d|\d", re.sub(r"\{[^}]*\}|L\. [\d-]+|^Les 2 plus grandes", "", template))
        assert set(typed) <= {"2018", "2019", "100", "1 000"}, template


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
    bare = " ".join(filled(computed(replace(mirepoix, niveau_vie=None, fibre=None))))

    for words in ("matériel déjà présent", "prix d'aujourd'hui", "régime de FCTVA", "base de taxe foncière", "DETR"):
        assert words in usual
    assert re.search(rf"supposé versé 2{NBSP}ans\b.* après la dépense", usual)
    assert "régime de FCTVA" not in given_
    assert "base de taxe foncière" not in given_
    assert "coût par foyer n'est pas calculé" in bare
    assert "accès à la fibre" in bare
    assert "Par foyer" not in bare


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

    assert "sans option d'achat" in told
    assert "avec une option" not in told


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

    assert say_all(study, "advice")[0].startswith("**Faites d'abord l'inventaire.**")
    assert "**L'achat coûte moins que la location" in advised(study, significant=True, steady=True)
    assert "**La location coûte moins que l'achat" in advised(study, significant=True, steady=True, best="leasing")
    assert "pas d'écart significatif" not in advised(study, significant=True, steady=True)
    assert "pas d'écart significatif" in advised(study, significant=False, steady=True)
    assert "pas d'écart significatif" in advised(study, significant=False, steady=False)
    assert "coûte moins que" not in advised(study, significant=False, steady=False)


def test_a_refused_scenario_is_explained(study_of: StudyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reason; nothing is said of its rate, nor compared."""
    dossier = study_of("09194").dossier
    refused = replace(leasing.SCENARIO, check=lambda *_: Verdict(eligible=False, reasons=("Sans objet.",)))
    monkeypatch.setattr("pupitre.study.study.SCENARIOS", (achat.SCENARIO, refused))
    study = computed(dossier)
    told = " ".join(filled(study))

    assert "non retenu. Sans objet." in told
    assert "Location supposée" not in told
    assert len(say_all(study, "advice")) == 1


def test_each_scenario_has_its_article() -> None:
    """A new one is told in sentences too."""
    assert set(ARTICLES) == set(LABELS) == {scenario.key for scenario in SCENARIOS}


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
        **study.figures,
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
