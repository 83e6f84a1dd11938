from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pupitre.data.dossier import Dossier, load_dossier
from pupitre.data.project import find_workbook
from pupitre.data.sheets import schema, sheets
from pupitre.data.workbook import Workbook, load_workbook, workbook_code
from pupitre.data.workbook_writer import build_workbook
from pupitre.errors import UsageError, WorkbookError

ON = dt.date(2026, 11, 22)
JAURES, MATERNELLE, PRIVATE = "0090312R", "0090313S", "0090633P"
SCHOOL = f"École élémentaire publique Jean Jaures ({JAURES})"
ROWS = [{"nom": "loan_rate", "sens": "Taux de l'emprunt"}, {"nom": "prix_affichage", "sens": "Prix HT"}]
Answers = Mapping[str, Mapping[str, object]]
Fill = Callable[..., Path]


@pytest.fixture(scope="module")
def mirepoix(store: Path) -> Dossier:
    """Three schools, of which one is private."""
    return load_dossier("09194", ON, store)


@pytest.fixture(scope="module")
def blank(mirepoix: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook as it is sent."""
    path = tmp_path_factory.mktemp("workbook") / "09194-mirepoix.xlsx"
    build_workbook(mirepoix, ROWS, ON, path)
    return path


@pytest.fixture
def fill(blank: Path, tmp_path: Path) -> Fill:
    """Fill a copy: `fill({"Écoles": {"C5": 6}})`, then what `change` does to the open workbook."""

    def _fill(answers: Answers, change: Callable[[Any], None] = lambda book: None) -> Path:
        book = openpyxl.load_workbook(blank)
        for title, cells in answers.items():
            for cell, value in cells.items():
                book[title][cell] = value
        change(book)
        book.save(tmp_path / "rempli.xlsx")
        return tmp_path / "rempli.xlsx"

    return _fill


def read(path: Path, dossier: Dossier) -> Workbook:
    """The workbook of Mirepoix."""
    assert dossier.schools is not None
    return load_workbook(path, "09194", dossier.schools, ON)


def refused(path: Path, dossier: Dossier) -> WorkbookError:
    """The error of a workbook that is refused."""
    with pytest.raises(WorkbookError) as caught:
        read(path, dossier)
    return caught.value


def equipment(row: int, **other: object) -> dict[str, object]:
    """A row of Équipements that is right, but for `other` columns."""
    cells: dict[str, object] = {"A": SCHOOL, "B": "Vidéoprojecteur fixe", "C": 1, **other}
    return {f"{column}{row}": value for column, value in cells.items()}


GOOD: Answers = {
    "Lisez-moi": {"B6": "Camille", "B7": dt.datetime(2026, 10, 3)},
    "Contacts et rôles": {"C5": "Camille Dupont", "D5": "05 61 00 00 00", "B13": "toute la commune", "E13": "36 heures",
                          "A16": "Direction d'école", "C16": "Dominique"},
    "Écoles": {"C5": "7 classes", "D5": "Oui", "F6": True, "H5": "Travaux\nen 2027"},
    "Équipements": equipment(5, C=12.0, D="2019", E="en service", G="1 620,50 €", H="+ une télécommande")
    | equipment(6, A=MATERNELLE, B="tablette", C=" 6 ", D=dt.datetime(2021, 9, 1), F="CLASSE")
    | equipment(9, A="Toute la commune", D="09/2018", E="ne sait pas", F="?"),
    "Réseau": {"B5": "Fibre", "C5": "94,5 Mbit/s", "D5": 12.5, "E5": "12/03/2026", "G5": "o", "H5": False, "I5": "NON",
               "E6": dt.datetime(2026, 3, 13), "E7": "2026-03-14"},
    "Finances de la commune": {"B5": "4 500 000 €", "B6": 1, "B7": "120\u00a0000", "B8": "30 %", "B9": 0},
    "Hypothèses": {"C5": "0,035", "C6": 2800},
}  # fmt: skip


def test_the_blank_workbook_is_read_and_says_nothing(blank: Path, mirepoix: Dossier) -> None:
    """Prefilled cells alone are no answer; every table is there, empty, with its columns and types."""
    workbook = read(blank, mirepoix)

    assert (workbook.code_insee, workbook.file, workbook.filled_on) == ("09194", blank.name, None)
    assert workbook.notices == ()
    assert len(workbook.sha256) == 64
    assert "lisez_moi" not in workbook.tables
    for sheet in sheets()[1:]:
        assert list(workbook.table(sheet.key)) == [column.key for column in sheet.columns]
        assert workbook.table(sheet.key).empty
        schema(sheet, ON).validate(workbook.table(sheet.key))


def check_good(workbook: Workbook) -> None:
    """What `GOOD` says, table by table."""
    ecoles, lots, reseau = workbook.table("ecoles"), workbook.table("equipements"), workbook.table("reseau")
    finances, contacts = workbook.table("finances"), workbook.table("contacts")

    assert workbook.filled_on == dt.date(2026, 10, 3)
    assert ecoles.index.tolist() == [5, 6]
    assert ecoles["ecole"].tolist() == [JAURES, MATERNELLE]
    assert ecoles["classes"].tolist() == [7, pd.NA]
    assert ecoles["classes_publiees"].tolist() == [7, 3]
    assert ecoles["inventaire_complet"].tolist() == [True, pd.NA]
    assert ecoles["projet"].tolist() == [pd.NA, True]
    assert ecoles["remarque"].tolist() == ["Travaux en 2027", None]
    assert lots.index.tolist() == [5, 6, 9]
    assert lots["ecole"].tolist() == [JAURES, MATERNELLE, "commune"]
    assert lots["type"].tolist() == ["videoprojecteur", "tablette", "videoprojecteur"]
    assert lots["nombre"].tolist() == [12, 6, 1]
    assert lots["annee"].tolist() == [2019, 2021, 2018]
    assert lots["etat"].tolist() == ["en_service", None, None]
    assert lots["lieu"].tolist() == [None, "classe", None]
    assert lots["cout"].tolist() == [1620.5, pd.NA, pd.NA]
    assert lots["remarque"].tolist() == ["+ une télécommande", None, None]
    assert reseau["ligne"].tolist() == ["fibre", None, None]
    assert reseau["debit_descendant"].tolist() == [94.5, pd.NA, pd.NA]
    assert reseau["mesure_le"].tolist() == [dt.date(2026, 3, day) for day in (12, 13, 14)]
    assert reseau.loc[5, ["wifi", "wifi_debrayable", "conseil_informe"]].tolist() == [True, False, False]
    assert finances.index.tolist() == [0]
    assert finances.loc[0, ["tfpb_base_eur", "fctva", "plafond", "part_groupement"]].tolist() == [
        4.5e6,
        "1",
        120e3,
        0.3,
    ]
    assert finances.loc[0, "redeploiement"] == 0
    assert workbook.table("hypotheses")["valeur"].tolist() == ["0,035", "2800"]
    assert contacts.index.tolist() == [5, 13, 16]
    assert contacts["role"].tolist() == ["elu", "maintenance", "direction"]
    assert contacts["ecole"].tolist() == [None, "commune", None]
    assert contacts["heures"].tolist() == [pd.NA, 36, pd.NA]
    assert contacts["courriel"].tolist() == ["05 61 00 00 00", None, None]
    for sheet in sheets()[1:]:
        schema(sheet, ON).validate(workbook.table(sheet.key))


def test_what_a_town_hall_types_is_understood(fill: Fill, mirepoix: Dossier) -> None:
    """Units, decimal commas, spaces, oui and non, dates of every sort, capitals: one meaning, one value."""
    path = fill(GOOD)

    assert workbook_code(path) == "09194"
    check_good(read(path, mirepoix))


def test_what_libreoffice_saves_is_read_the_same(fill: Fill, mirepoix: Dossier, tmp_path: Path) -> None:
    """It rewrites styles, booleans and dates; formulas then have a result."""
    if shutil.which("soffice") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("soffice is not installed: see .ci/apt.txt")
        pytest.skip("needs soffice: see .ci/apt.txt")
    path = fill({**GOOD, "Usages": {"F5": '="a"&"b"'}, "Services et ressources": {
        "A5": "ENT", "B5": "Toute la commune", "D5": "=3*400", "F5": "=1/4"}})  # fmt: skip
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path / "out", path], check=True, capture_output=True, timeout=120)
    workbook = read(tmp_path / "out" / path.name, mirepoix)

    check_good(workbook)
    assert workbook.notices == ()
    assert workbook.table("usages")["remarque"].tolist() == ["ab"]
    assert workbook.table("services").loc[5, ["service", "cout_annuel", "etp"]].tolist() == ["ent", 1200, 0.25]


FAULTS: list[tuple[str, str, object, str]] = [
    ("Lisez-moi", "B7", "hier", "« hier » : on attend une date du 01/01/1990 au 22/11/2026"),
    ("Contacts et rôles", "E5", "beaucoup", "« beaucoup » : on attend un nombre de 0 à 2 000"),
    ("Contacts et rôles", "F6", "Prime", "« Décharge de service », « Indemnité »"),
    ("Contacts et rôles", "C7", "a\u202eb", "donnée personnelle, non répétée"),
    ("Contacts et rôles", "A20", "Sorcier", "« Sorcier »"),
    ("Contacts et rôles", "B21", "École inconnue", "« Toute la commune »"),
    ("Écoles", "A7", "École des Lilas (0750001A)", "« École des Lilas (0750001A) » : on attend une école"),
    ("Écoles", "C5", "douze", "« douze » : on attend un nombre entier de 0 à 150. Écrivez 12."),
    ("Écoles", "D5", "peut-être", "oui ou non"),
    ("Écoles", "E5", 0, "de 1 à 99"),
    ("Écoles", "F5", 2, "oui ou non"),
    ("Écoles", "H5", "x" * 1001, "d'au plus 1 000 caractères"),
    ("Écoles", "C6", 12.5, "« 12.5 »"),
    ("Écoles", "E6", "-3", "« -3 »"),
    ("Équipements", "A5", None, "vide : on attend une école"),
    ("Équipements", "B6", "Minitel", "« Minitel »"),
    ("Équipements", "C7", None, "vide : on attend un nombre entier"),
    ("Équipements", "C8", 0, "de 1 à 2 000"),
    ("Équipements", "C9", 2001, "de 1 à 2 000"),
    ("Équipements", "C10", dt.datetime(2026, 3, 12), "« 12/03/2026 »"),
    ("Équipements", "C11", True, "« oui »"),
    ("Équipements", "C12", "1.234", "Milliers ou décimales"),
    ("Équipements", "C13", "#REF!", "Écrivez la valeur"),
    ("Équipements", "C14", "?", "« ? »"),
    ("Équipements", "D15", "2019-2020", "une année de 1990 à 2026"),
    ("Équipements", "D16", 43709, "« 43709 »"),
    ("Équipements", "D17", 2027, "« 2027 »"),
    ("Équipements", "D18", 1989, "« 1989 »"),
    ("Équipements", "E19", "Neuf", "« Inutilisé »"),
    ("Équipements", "F20", "Cave", "« Réserve »"),
    ("Équipements", "G21", "cher", "un montant de 0 à 100 000 euros"),
    ("Équipements", "G22", "620 $", "« 620 $ »"),
    ("Équipements", "G23", 1e300, "un montant"),
    ("Équipements", "G24", "=1+1", "« =… »"),
    ("Équipements", "H25", "a\u009bb", "« a?b »"),
    ("Réseau", "B5", "Pigeon", "« ADSL ou VDSL »"),
    ("Réseau", "C5", "100 Gbit/s", "« 100 Gbit/s »"),
    ("Réseau", "E5", "12/13/2026", "« 12/13/2026 »"),
    ("Réseau", "E6", dt.datetime(2027, 1, 1), "au 22/11/2026"),
    ("Réseau", "E7", "12/03/26", "« 12/03/26 »"),
    ("Réseau", "F5", -1, "de 0 à 150"),
    ("Services et ressources", "D5", "=1/0", "« =… »"),
    ("Compétences et formation", "C5", 9, "au plus le nombre de « Enseignants »"),
    ("Usages", "A6", SCHOOL, "une seule ligne de ce nom"),
    ("Initiatives et écosystème", "B5", None, "vide : on attend un texte"),
    ("Finances de la commune", "B5", 999, "de 1 000 à 100 000 000 000"),
    ("Finances de la commune", "B8", "30", "Écrivez 30 %"),
    ("Finances de la commune", "B6", "Jamais", "« L'année suivante »"),
    ("Hypothèses", "C5", dt.datetime(2026, 3, 12), "un nombre, oui ou non"),
]
"""One fault a cell: sheet, cell, what stands there, a part of the message. A merged range makes fifty."""
AROUND: Answers = {
    "Équipements": {cell: value for row in range(5, 26) for cell, value in equipment(row).items()},
    "Écoles": {"F7": "oui"},
    "Services et ressources": {"A5": "ENT", "B5": "commune"},
    "Compétences et formation": {"B5": 8},
    "Usages": {"B5": "Jamais", "B6": "Jamais"},
    "Initiatives et écosystème": {"A5": "Association", "A8": "Association", "B8": "Amicale", "E8": "Bien"},
}


def test_fifty_faults_get_fifty_messages(fill: Fill, mirepoix: Dossier) -> None:
    """All at once, each with its sheet, its cell, what was read and what is expected; nothing else is refused."""
    answers = {title: dict(cells) for title, cells in AROUND.items()}
    for title, cell, value, _ in FAULTS:
        answers.setdefault(title, {})[cell] = value
    error = refused(fill(answers, lambda book: book["Initiatives et écosystème"].merge_cells("B8:C9")), mirepoix)
    faults = [*FAULTS, ("Initiatives et écosystème", "B8:C9", "", "« Amicale » : on attend des cellules séparées")]

    found = {(issue.sheet, issue.cell): str(issue) for issue in error.issues}
    assert set(found) == {(title, cell) for title, cell, _, _ in faults}
    assert len(error.issues) == len(faults) == 50
    for title, cell, _, fragment in faults:
        assert found[title, cell].startswith(f"feuille {title}, cellule {cell}, ")
        assert fragment in found[title, cell].replace("\u202f", " ")
    assert str(error).splitlines() == ["rempli.xlsx : 50 erreurs à corriger.", *map(str, error.issues)]
    assert "\u202e" not in str(error)


@pytest.mark.parametrize("value", ["3", 3, 0.3, "0,3", "30 %", "30,0%"])
def test_a_share_is_a_percentage_or_is_refused(value: object, fill: Fill, mirepoix: Dossier) -> None:
    """In a cell that is shown as a percentage the number is the ratio; elsewhere 3 may be 3 % or 300 %."""

    def general(book: Any) -> None:
        book["Finances de la commune"]["B8"].number_format = "General"

    path = fill({"Finances de la commune": {"B8": value}}, general)
    if value in ("3", 3):
        [issue] = refused(path, mirepoix).issues
        assert "Écrivez 3 %" in str(issue)
    else:
        assert read(path, mirepoix).table("finances").loc[0, "part_groupement"] == 0.3


@pytest.mark.parametrize("text", ["=1+1", "+33 5 61", "-10", "@SOMME(A1)", "<script>alert(1)</script>", "{nom} **a**"])
def test_a_text_stays_a_text(text: str, fill: Fill, mirepoix: Dossier) -> None:
    """Neither run nor changed."""

    def as_text(book: Any) -> None:
        cell = book["Écoles"]["H5"]
        cell.value, cell.data_type = text, "s"

    assert read(fill({}, as_text), mirepoix).table("ecoles")["remarque"].tolist() == [text]


def test_a_school_by_its_name_alone(fill: Fill, mirepoix: Dossier) -> None:
    """Accents and case do not count; its name must be hers alone."""
    rows = equipment(5, A="ecole primaire privee SAINT-MAURICE") | equipment(6, A=f" {JAURES.lower()} ")
    assert mirepoix.schools is not None

    assert read(fill({"Équipements": rows}), mirepoix).table("equipements")["ecole"].tolist() == [PRIVATE, JAURES]
    twins = mirepoix.schools.assign(nom="École primaire privée Saint-Maurice")
    with pytest.raises(WorkbookError, match=r"A5.*écrivez aussi leur UAI"):
        load_workbook(fill({"Équipements": rows}), "09194", twins, ON)


def test_schools_merged_over_their_rows(fill: Fill, mirepoix: Dossier) -> None:
    """The way of those who list equipment by school; a merge outside the answers changes nothing."""

    def merge(book: Any) -> None:
        book["Équipements"].merge_cells("A5:A7")
        book["Équipements"].merge_cells("A1:H1")
        book["Équipements"].merge_cells("J5:K9")

    rows = equipment(5) | equipment(6, A=None, C=2) | {"D7": None}
    lots = read(fill({"Équipements": rows}, merge), mirepoix).table("equipements")

    assert lots[["ecole", "nombre"]].to_numpy().tolist() == [[JAURES, 1], [JAURES, 2]]


def test_rows_and_columns_moved_added_or_removed(fill: Fill, mirepoix: Dossier) -> None:
    """Headers are found by their labels, without their units too; what is not ours is left out, and said."""

    def move(book: Any) -> None:
        page = book["Équipements"]
        page.insert_rows(1, 2)
        page["C6"], page["D6"] = "Année d'achat", "NOMBRE"
        page["F6"], page["J6"] = "Salle", "Couleur"
        page["J7"] = "bleu"
        book.create_sheet("Brouillon")["A1"] = "=HYPERLINK(1)"
        del book["Usages"]
        book["Réseau"].title = "RESEAU "

    rows = equipment(5, C=2019, D=4, F="Cave")
    workbook = read(fill({"Équipements": rows, "Réseau": {"B5": "Fibre"}}, move), mirepoix)

    assert workbook.table("equipements")[["nombre", "annee"]].to_numpy().tolist() == [[4, 2019]]
    assert workbook.table("equipements").index.tolist() == [7]
    assert workbook.table("reseau")["ligne"].tolist() == ["fibre"]
    assert workbook.table("usages").empty
    assert sorted(workbook.notices) == [
        "Feuille Équipements : « Où » est absent, rien n'en est lu.",
        "Feuille Équipements, cellule F6 : la colonne « Salle » n'est pas de ce classeur, elle n'est pas lue.",
        "Feuille Équipements, cellule J6 : la colonne « Couleur » n'est pas de ce classeur, elle n'est pas lue.",
        "La feuille « Brouillon » n'est pas de ce classeur : elle n'est pas lue.",
        "La feuille « Usages » est absente ou vide : rien n'en est lu.",
    ]


def test_headers_that_cannot_be_trusted(fill: Fill, mirepoix: Dossier) -> None:
    """A required column that is gone, a header twice, no header at all, a question twice: each with its cell."""

    def spoil(book: Any) -> None:
        book["Équipements"]["C4"] = None
        book["Équipements"]["E4"] = "Type"
        book["Réseau"].delete_rows(1, 4)
        book["Finances de la commune"]["A6"] = "Plafond d'investissement pour ce projet"

    error = refused(fill({"Équipements": equipment(5)}, spoil), mirepoix)

    assert [f"{issue.sheet} {issue.cell}" for issue in error.issues] == [
        "Équipements E4", "Équipements I4", "Réseau A1", "Finances de la commune A7",
    ]  # fmt: skip
    assert "« Nombre (appareils) », qui manque" in str(error)


def test_an_issue_found_later_has_its_cell(fill: Fill, mirepoix: Dossier) -> None:
    """Those who read the tables say which answer is wrong; the workbook knows where it stands."""
    workbook = read(fill(GOOD), mirepoix)

    assert str(workbook.issue("hypotheses", 5, "valeur", "0,035", "on attend mieux.")) == (
        "feuille Hypothèses, cellule C5, « 0,035 » : on attend mieux."
    )
    assert workbook.issue("finances", 0, "plafond", "1", "x").cell == "B7"
    assert workbook.issue("usages", 5, "salle", "", "x").cell == "B5"


def test_the_workbook_of_another_commune(blank: Path, store: Path) -> None:
    """Refused whole, whatever it says."""
    orlu = load_dossier("09220", ON, store)
    assert orlu.schools is not None

    with pytest.raises(WorkbookError, match="celui de 09194, pas de 09220") as caught:
        load_workbook(blank, "09220", orlu.schools, ON)
    assert caught.value.issues == ()


@pytest.mark.parametrize(("code", "words"), [
    (9194, "il manque un zéro"), ("Mirepoix", "cinq caractères"), ("09\u202e194", "cinq caractères"),
    (None, "ne donne pas le code INSEE"),
])  # fmt: skip
def test_a_workbook_whose_code_is_spoilt(code: object, words: str, fill: Fill, mirepoix: Dossier) -> None:
    """Nothing is guessed."""
    assert words in str(refused(fill({"Lisez-moi": {"B3": code}}), mirepoix))


def test_the_dossier_holds_the_workbook_and_names_it(fill: Fill, store: Path) -> None:
    """As one more source, of the day it was filled."""
    dossier = load_dossier("09194", ON, store, fill(GOOD))
    source = dossier.sources[-1]

    assert dossier.workbook is not None
    check_good(dossier.workbook)
    assert (source.file, source.publisher, source.vintage) == ("rempli.xlsx", "Mirepoix", "2026-10-03")
    assert source.sha256 == dossier.workbook.sha256
    assert load_dossier("09194", ON, store).workbook is None


def test_no_school_known_no_workbook(store: Path, blank: Path) -> None:
    """There is nothing to check it against."""
    with pytest.raises(UsageError, match="Aucune école"):
        load_dossier("32258", ON, store, blank)


def test_the_workbook_of_a_commune_is_the_only_one_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel's lock files and hidden files do not count; of two, the consultant chooses."""
    folder = tmp_path / "data" / "raw" / "communes" / "09194"
    for name in ("notebooks", "lib"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_workbook("09194") is None

    folder.mkdir(parents=True)
    for name in ("~$mirepoix.xlsx", ".mirepoix.xlsx", "notes.md", "mirepoix.xlsx"):
        (folder / name).write_text("")
    assert find_workbook("09194") == folder / "mirepoix.xlsx"

    (folder / "autre.xlsx").write_text("")
    with pytest.raises(UsageError, match=r"autre\.xlsx, mirepoix\.xlsx.*--workbook"):
        find_workbook("09194")


@pytest.mark.parametrize(("value", "shown"), [
    (60, "General"), ("60", "General"), ("60 %", "General"), (0.6, "0%"),
])  # fmt: skip
def test_a_target_in_percent_is_read_as_it_is_shown(value: object, shown: str, fill: Fill, mirepoix: Dossier) -> None:
    """60 % is the number 60 of an indicator, however Excel holds it; only a share is a ratio."""
    row = {"A5": "Classes", "B5": "Usages", "D5": "Ce qui est compté", "M5": value, "N5": dt.datetime(2028, 6, 16)}

    def format_as(book: Any) -> None:
        book["Indicateurs"]["M5"].number_format = shown

    assert read(fill({"Indicateurs": row}, format_as), mirepoix).table("indicateurs").loc[5, "cible"] == 60


def test_a_deadline_may_be_to_come_and_a_date_may_not(fill: Fill, mirepoix: Dossier) -> None:
    """Twenty years ahead for a milestone; what was heard was heard."""
    day, far = dt.datetime(2029, 8, 31), dt.datetime(2066, 1, 1)
    told = read(fill({"Calendrier": {"A5": "Toutes équipées", "D5": day}}), mirepoix).table("calendrier")
    heard = {"A5": "Parents", "B5": "Matériel", "C5": "Des écrans", "E5": day}
    [late] = refused(fill({"Concertation": heard}), mirepoix).issues
    [wild] = refused(fill({"Calendrier": {"A5": "Loin", "D5": far}}), mirepoix).issues

    assert told.loc[5, "echeance"] == day.date()
    assert (late.cell, late.expected) == ("E5", "on attend une date du 01/01/1990 au 22/11/2026, comme 12/03/2026")
    assert (wild.cell, "au 17/11/2046" in wild.expected) == ("D5", True)


@pytest.mark.parametrize("step", [0, 6, "7", 2.5, "trois et demi", -1])
def test_a_step_outside_one_to_five_is_refused(step: object, fill: Fill, mirepoix: Dossier) -> None:
    """With its cell and what may be chosen."""
    [issue] = refused(fill({"Maturité": {"G9": step}}), mirepoix).issues

    assert (issue.sheet, issue.cell) == ("Maturité", "G9")
    assert "« 1 », « 2 », « 3 », « 4 », « 5 », « Sans objet »" in issue.expected


def test_a_point_of_the_sheet_that_is_not_situated_has_no_row(fill: Fill, mirepoix: Dossier) -> None:
    """The forty grey rows are no answer; one situated is one row, one more for a school at the bottom another."""
    told = {"G5": 3, "H5": "Documenté", "B50": "Débit internet mesuré", "F50": SCHOOL, "G50": "sans objet"}
    table = read(fill({"Maturité": told}), mirepoix).table("maturite")

    assert table[["point", "ecole", "echelon", "preuve"]].values.tolist() == [
        ["plan_orientation", "commune", "3", "documente"], ["debit", SCHOOL[-9:-1], "sans_objet", None],
    ]  # fmt: skip


def test_an_indicator_without_target_or_date_is_refused(fill: Fill, mirepoix: Dossier) -> None:
    """What is promised, and for when: without them nothing can be followed."""
    row = {"A5": "Classes équipées", "B5": "Usages", "D5": "Ce qui est compté"}
    issues = refused(fill({"Indicateurs": row}), mirepoix).issues

    assert [(one.sheet, one.cell, one.found) for one in issues] == [
        ("Indicateurs", "M5", ""), ("Indicateurs", "N5", ""),
    ]  # fmt: skip
