"""Remake the workbook of Bourg-Exemple (00001), which is invented: `pupitre build`, then `python data/make_example.py`.

It is written from the store as `pupitre workbook` does, then filled as a town hall would: with gaps, an old stock, a
school that did not answer, another without network. Names are invented, and addresses end in `.invalid`. The same store
gives the same bytes, on one version of openpyxl and of zlib.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from pupitre.data.codes import FICTIONAL
from pupitre.data.dossier import known_schools, load_dossier
from pupitre.data.project import raw_dir, store_path
from pupitre.data.sheets import COMMUNE, WHOLE_COMMUNE, Sheet, sheet
from pupitre.data.workbook_writer import HEADER_ROW, build_workbook
from pupitre.diagnostic.assumptions import assumption_rows
from pupitre.formats import typeset
from pupitre.law import baremes

NAME = "bourg-exemple.xlsx"
PREPARED_ON, FILLED_ON, MEASURED_ON = date(2026, 5, 4), date(2026, 6, 12), date(2026, 5, 19)
COQUELICOTS, MOULIN, TILLEULS, PRES, LAVOIR, HAMEAU = SCHOOLS = (
    "0000011M", "0000012N", "0000021Y", "0000022Z", "0000023A", "0000031J",
)  # fmt: skip
Row = Mapping[str, object]


def _rows(keys: str, *rows: tuple[object, ...]) -> list[Row]:
    """Rows written as tuples, under the keys of their sheet; a shorter tuple leaves the last cells empty."""
    return [dict(zip(keys.split(), row, strict=False)) for row in rows]


TABLES: dict[str, list[Row]] = {
    "contacts": _rows(
        "role ecole nom courriel heures compensation",
        ("elu", COMMUNE, "Camille Exemple", "camille@exemple.invalid"),
        ("dgs", COMMUNE, "Dominique Exemple", "dominique@exemple.invalid"),
        ("ien", COMMUNE, "Claude Exemple", "claude@exemple.invalid"),
        ("erun", COMMUNE, "Sacha Exemple", "sacha@exemple.invalid"),
        ("direction", TILLEULS, "Alix Exemple", "alix@exemple.invalid"),
        ("referent", TILLEULS, "Lou Exemple", "lou@exemple.invalid", 20, "indemnite"),
        ("maintenance", COMMUNE, "Informatique Exemple", "depannage@exemple.invalid"),
        ("direction", COQUELICOTS, "Morgan Exemple", "morgan@exemple.invalid"),
        ("direction", PRES, "Charlie Exemple", "charlie@exemple.invalid"),
        ("direction", LAVOIR, "Andrea Exemple", "andrea@exemple.invalid"),
        ("direction", HAMEAU, "Noa Exemple"),
        ("referent", PRES, "Maxence Exemple", "maxence@exemple.invalid", None, "aucune"),
    ),
    "ecoles": _rows(
        "ecole classes inventaire_complet priorite projet remarque",
        (COQUELICOTS, None, "Oui", None, "Non"),
        (MOULIN, None, None, None, None, "Pas de réponse : direction en cours de remplacement"),
        (TILLEULS, 9, "Oui", None, "Oui", "Dont une classe ULIS"),
        (PRES, 8, "Oui", None, "Oui", "Ouverture d'une classe en septembre 2025"),
        (LAVOIR, None, "Oui", 1, "Non", "Toiture refaite en 2027 : prévoir le câblage en même temps"),
        (HAMEAU, None, "Non", None, None, "Relevé fait au téléphone, à compléter sur place"),
    ),
    "equipements": _rows(
        "ecole type nombre annee etat lieu cout remarque",
        (COQUELICOTS, "poste_direction", 1, 2014, "a_remplacer", "direction", None, "Windows 7"),
        (COQUELICOTS, "imprimante", 1, 2017, "en_service", "direction", 890),
        (COQUELICOTS, "videoprojecteur_mobile", 1, 2013, "en_service", "reserve"),
        (COQUELICOTS, "son_et_image", 1, None, "inutilise", "reserve", None, "Don des parents d'élèves"),
        (TILLEULS, "ecran_interactif", 3, 2012, "a_remplacer", "classe", 3900, "TNI : lampes introuvables"),
        (TILLEULS, "ecran_interactif", 2, 2012, "en_panne", "classe", 3900, "TNI"),
        (TILLEULS, "ecran_interactif", 3, 2016, "en_service", "classe", 2450, "VPI"),
        (TILLEULS, "portable_enseignant", 4, 2015, "a_remplacer", "classe", 520),
        (TILLEULS, "portable_enseignant", 3, 2021, "en_service", "classe", 545),
        (TILLEULS, "portable_enseignant", 1, 2019, "en_panne", "reserve", None, "Écran cassé"),
        (TILLEULS, "fixe_enseignant", 1, 2013, "en_service", "classe"),
        (TILLEULS, "tablette", 10, 2018, "inutilise", "chariot", 310, "Jamais mises à jour"),
        (TILLEULS, "portable_eleve", 12, 2018, "en_service", "chariot", 480),
        (TILLEULS, "fixe_eleve", 8, 2011, "inutilise", "salle_informatique", None, "Salle reprise par la cantine"),
        (TILLEULS, "poste_direction", 1, 2020, "en_service", "direction", 610),
        (TILLEULS, "imprimante", 1, 2019, "en_service", "direction"),
        (TILLEULS, "son_et_image", 3, 2016, "en_service", "classe"),
        (TILLEULS, "visualiseur", 2, 2017, "en_service", "classe", "95 €"),
        (TILLEULS, "borne_wifi", 2, 2018, "en_service", "autre", None, "Ne se coupent pas"),
        (TILLEULS, "commutateur", 1, 2013, "en_service", "autre"),
        (PRES, "ecran_interactif", 5, 2022, "en_service", "classe", 2980),
        (PRES, "ecran_interactif", 2, 2016, "en_service", "classe", 2450, "VPI"),
        (PRES, "portable_enseignant", 6, 2023, "en_service", "classe", 590),
        (PRES, "portable_enseignant", 1, 2017, "a_remplacer", "classe"),
        (PRES, "tablette", 16, 2023, "en_service", "chariot", 365, "Avec coques et gestion à distance"),
        (PRES, "portable_eleve", 8, 2020, "en_service", "chariot", 505),
        (PRES, "son_et_image", 7, 2022, "en_service", "classe"),
        (PRES, "poste_direction", 1, 2022, "en_service", "direction", 640),
        (PRES, "imprimante", 1, 2021, "en_service", "direction", "1 450 €"),
        (PRES, "borne_wifi", 2, 2023, "en_service", "autre", 390),
        (PRES, "commutateur", 1, 2022, "en_service", "autre"),
        (LAVOIR, "ecran_interactif", 1, 2012, "en_panne", "classe", None, "TNI, carte mère"),
        (LAVOIR, "videoprojecteur", 1, 2019, "en_service", "classe", 780),
        (LAVOIR, "videoprojecteur_mobile", 2, 2014, "en_service", "reserve"),
        (LAVOIR, "portable_enseignant", 2, 2016, "en_service", "classe"),
        (LAVOIR, "portable_enseignant", 1, None, "en_service", "classe", None, "Don d'une entreprise"),
        (LAVOIR, "fixe_eleve", 9, 2013, "inutilise", "salle_informatique", None, "Windows 7, salle fermée"),
        (LAVOIR, "poste_direction", 1, 2013, "a_remplacer", "direction"),
        (LAVOIR, "imprimante", 1, "ne sait pas", "en_panne", "direction"),
        (HAMEAU, "videoprojecteur", 1, None, "en_service", "classe", None, "Acheté par la coopérative scolaire"),
        (HAMEAU, "portable_enseignant", 1, 2015, "en_service", "classe"),
        (HAMEAU, "tablette", 4, 2018, "inutilise", "reserve", None, "Sans internet, plus rien ne s'installe"),
        (COMMUNE, "portable_eleve", 15, 2019, "en_service", "chariot", 512, "Valise prêtée aux écoles, à réserver"),
        (COMMUNE, "serveur", 1, 2014, "a_remplacer", "autre"),
    ),
    "reseau": _rows(
        "ecole ligne debit_descendant debit_montant mesure_le classes_raccordees wifi wifi_debrayable conseil_informe "
        "filtrage charte",
        (COQUELICOTS, "cuivre", 18, "1,1", MEASURED_ON, None, "Non", None, None, "Oui", "Non"),
        (MOULIN, "cuivre"),
        (TILLEULS, "fibre", None, None, None, 4, "Oui", "Non", "Non", "Oui", "Oui"),
        (PRES, "fibre", 300, 210, MEASURED_ON, 7, "Oui", "Oui", "Oui", "Oui", "Oui"),
        (LAVOIR, "cuivre", 6, 0.8, MEASURED_ON, 1, "Non", None, None, None, "Non"),
        (HAMEAU, "aucune", None, None, None, 0, "Non"),
    ),
    "services": _rows(
        "service ecole prestataire cout_annuel delai etp remarque",
        ("internet", COQUELICOTS, "Opérateur Exemple", 420),
        ("internet", MOULIN, "Opérateur Exemple", 420),
        ("internet", TILLEULS, "Opérateur Exemple", 540),
        ("internet", PRES, "Opérateur Exemple", 900),
        ("internet", LAVOIR, "Opérateur Exemple", 420),
        ("ent", TILLEULS, "ENT Exemple", 310),
        ("ent", PRES, "ENT Exemple", 260),
        ("ressources", PRES, "Éditions Exemple", 180),
        ("parc", PRES, "Informatique Exemple", 240, None, None, "Pour les 16 tablettes seulement"),
        ("maintenance", COMMUNE, "Informatique Exemple", 6500, 10, 0.2, "Contrat jusqu'en juin 2027"),
    ),
    "competences": _rows(
        "ecole enseignants formes heures accompagnement agents",
        (COQUELICOTS, 4, 0, 0, "Non", 3),
        (TILLEULS, 12, 3, 3, "Oui", 1),
        (PRES, 10, 7, 6, "Oui", 2),
        (LAVOIR, 6, 1, None, "Non", 0),
        (HAMEAU, 2),
    ),
    "usages": _rows(
        "ecole salle affichage mobiles raison remarque",
        (COQUELICOTS, "absente", "rarement", "absente", "acces"),
        (TILLEULS, "jamais", "semaine", "rarement", "temps", "Un quart d'heure pour allumer les ordinateurs"),
        (PRES, "absente", "jour", "semaine"),
        (LAVOIR, "rarement", "mois", "absente", "panne"),
        (HAMEAU, "absente", "semaine", "jamais", "reseau"),
    ),
    "initiatives": _rows(
        "nature nom annee ecole conclusion",
        ("experience", "Dix tablettes pour les CM2", 2018, TILLEULS,
         "Utilisées trois mois. Sans formation ni mise à jour, elles sont restées dans leur chariot."),
        ("projet", "Web radio des élèves", 2025, PRES, "Une émission par mois ; d'autres écoles voudraient en être."),
        ("association", "Club informatique de l'Exemple", 2016, COMMUNE,
         "Remet en état des ordinateurs ; prête à aider les écoles un samedi par mois."),
        ("entreprise", "Menuiserie Exemple", 2022, LAVOIR, "A donné un ordinateur ; ouverte à un mécénat."),
        ("autre", "Médiathèque de l'Exemple", None, COMMUNE, "Prête ses liseuses pendant l'année scolaire."),
    ),
    "hypotheses": _rows("nom valeur", ("prix_affichage", 2790), ("prix_borne_wifi", 420),
        ("gift_company_eur", 8000), ("gift_in_kind_eur", 3000), ("gift_return_eur", 1500),
        ("donor_turnover_eur", 2400000),
    ),
}  # fmt: skip
FORMS: dict[str, Row] = {
    "lisez_moi": {"rempli_par": "Dominique Exemple", "rempli_le": FILLED_ON},
    "finances": {
        "tfpb_base_eur": 4_520_000,
        "fctva": "2",
        "plafond": 60_000,
        "investissement": 12_400,
        "fonctionnement": 9_850,
        "epargne_brute": 410_000,
        "dette": 2_050_000,
    },
}


def make_example(store: Path, out: Path) -> None:
    """Write the workbook of the fictional commune, filled, over the former one."""
    dossier = load_dossier(FICTIONAL, PREPARED_ON, store)
    schools = known_schools(dossier.schools)
    places = {COMMUNE: WHOLE_COMMUNE} | {uai: f"{nom} ({uai})" for nom, uai in schools[["nom", "uai"]].to_numpy()}
    with tempfile.TemporaryDirectory() as folder:
        blank = Path(folder) / NAME
        build_workbook(dossier, assumption_rows(baremes.on(PREPARED_ON)), PREPARED_ON, blank)
        book = openpyxl.load_workbook(blank)
        for key, answers in FORMS.items():
            _fill_form(book[sheet(key).title], sheet(key), _written(answers, sheet(key), places))
        for key, rows in TABLES.items():
            _fill_table(book[sheet(key).title], sheet(key), [_written(row, sheet(key), places) for row in rows])
        book.save(blank)
        _freeze(blank, out)


def _written(row: Row, table: Sheet, places: Mapping[str, str]) -> Row:
    """The answers of a row as a town hall sees them: choices and places by their words in the list."""
    words = {one.key: {key: typeset(choice) for key, choice in one.choices.items()} for one in table.columns}
    words |= {one.key: dict(places) for one in table.columns if one.kind in ("place", "school")}
    return {key: words[key].get(str(value), value) for key, value in row.items() if value is not None}


def _fill_form(page: Any, form: Sheet, answers: Row) -> None:
    """Each answer on the right of its question."""
    rows = {str(cell.value): cell.row for (cell,) in page.iter_rows(max_col=1) if cell.value}
    for key, value in answers.items():
        column = form.column(key)
        page.cell(rows.get(typeset(column.header)) or rows[typeset(column.label)], 2).value = value


def _fill_table(page: Any, table: Sheet, rows: Iterable[Row]) -> None:
    """Each row where its first cell is written beforehand, else in the first row that is free."""
    keys = [column.key for column in table.columns]
    free = list(range(HEADER_ROW + 2, page.max_row + 1))
    for answers in rows:
        first = next(iter(answers.values()))
        row = next(row for row in free if page.cell(row, 1).value in (first, None))
        free.remove(row)
        for key, value in answers.items():
            page.cell(row, keys.index(key) + 1).value = value


def _freeze(filled: Path, out: Path) -> None:
    """The parts of a file without the time of the day: openpyxl writes it in each, and in its properties."""
    out.parent.mkdir(parents=True, exist_ok=True)
    day = FILLED_ON.isoformat().encode()
    with zipfile.ZipFile(filled) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as frozen:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>%sT00:00:00Z" % day, content)
            frozen.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    make_example(store_path(), raw_dir() / "communes" / FICTIONAL / NAME)
