"""Remake the workbook of Bourg-Exemple (00001), which is invented: `pupitre build`, then `python data/make_example.py`.

It is written from the store as `pupitre workbook` does, then filled as a town hall would: with gaps, an old stock, a
school that did not answer, another without network. Names are invented, and addresses end in `.invalid`. The same store
gives the same bytes, on one version of openpyxl and of zlib.
"""

from __future__ import annotations

import csv
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import openpyxl

from pupitre.data import resource
from pupitre.data.codes import FICTIONAL
from pupitre.data.dossier import known_schools, load_dossier
from pupitre.data.project import raw_dir, store_path
from pupitre.data.sheets import COMMUNE, WHOLE_COMMUNE, Sheet, sheet
from pupitre.data.workbook_writer import HEADER_ROW, build_workbook
from pupitre.diagnostic.assumptions import assumption_rows
from pupitre.formats import typeset
from pupitre.law import baremes

NAME = "bourg-exemple.xlsx"
PREPARED_ON, FILLED_ON, MEASURED_ON = date(2026, 5, 4), date(2026, 11, 16), date(2026, 5, 19)
MEETING_ON, STARTED_ON, FIRST_REVIEW = date(2026, 5, 20), date(2025, 5, 20), date(2028, 6, 16)
SURVEYED_ON, CHANGED_ON = {"2025": STARTED_ON, "2026": date(2026, 10, 9)}, date(2026, 6, 5)
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
        "ecole classes inventaire_complet priorite projet pilote remarque",
        (COQUELICOTS, None, "Oui", None, "Non"),
        (MOULIN, None, None, None, None, None, "Pas de réponse : direction en cours de remplacement"),
        (TILLEULS, 9, "Oui", None, "Oui", None, "Dont une classe ULIS"),
        (PRES, 8, "Oui", None, "Oui", "Oui", "Ouverture d'une classe en septembre 2025"),
        (LAVOIR, None, "Oui", 1, "Non", None, "Toiture refaite en 2027 : prévoir le câblage en même temps"),
        (HAMEAU, None, "Non", None, None, None, "Relevé fait au téléphone, à compléter sur place"),
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
    "maturite": _rows(
        "point ecole echelon preuve remarque",
        ("plan_orientation", COMMUNE, 2, "documente", "Délibération de principe d'avril 2026"),
        ("comite_orientation", COMMUNE, 3, "documente", "Installé en mai 2026"),
        ("lettre_commune", COMMUNE, 1),
        ("projets_ecole", COMMUNE, 3, "documente", "Projets des Tilleuls et des Grands Prés"),
        ("debit", COMMUNE, 3, "declare", "Fibre dans la rue"),
        ("secours", COMMUNE, 1),
        ("affichage", COMMUNE, 4, "declare"),
        ("budget_ressources", COMMUNE, 2, "documente"),
        ("donnees", COMMUNE, 2, "declare", "Registre commencé"),
        ("contrat", COMMUNE, 3, "documente", "Contrat jusqu'en juin 2027"),
        ("delai", COMMUNE, 4, "declare"),
        ("renouvellement", COMMUNE, 1),
        ("crcn", COMMUNE, 2, "declare"),
        ("production", COMMUNE, 2, "declare"),
        ("production", PRES, 4, "documente", "Web radio : une émission par mois"),
        ("familles", COMMUNE, 2, "declare"),
        ("budget", COMMUNE, 2, "documente"),
        ("indicateurs", COMMUNE, 3, "documente", "Feuille Indicateurs"),
        ("restitution", COMMUNE, 1),
        ("reemploi", COMMUNE, 3, "documente", "Neuf appareils sur quatorze redonnés en 2026"),
    ),
    "concertation": _rows(
        "groupe theme besoin forme entendu_le personnes ecole",
        ("enseignants", "internet", "Un internet qui tient quand deux classes s'en servent.", "reunion", MEETING_ON, 21,
         COMMUNE),
        ("enseignants", "formation", "Du temps pour apprendre sur le matériel de la classe.", "reunion", MEETING_ON, 21,
         COMMUNE),
        ("enseignants", "inclusion", "Des outils pour lire, quand lire est difficile.", "reunion", MEETING_ON, 21,
         COMMUNE),
        ("directions", "entretien", "Une réparation en deux jours, et un seul numéro à appeler.", "entretien",
         date(2026, 5, 22), 5, COMMUNE),
        ("directions", "materiel", "Le même matériel dans les deux écoles du bourg.", "entretien", date(2026, 5, 22), 5,
         COMMUNE),
        ("parents", "protection", "Savoir combien de temps d'écran, et pour quoi faire.", "questionnaire",
         date(2026, 5, 29), 143, COMMUNE),
        ("parents", "apprentissages", "Que les enfants apprennent à créer, pas seulement à regarder.", "questionnaire",
         date(2026, 5, 29), 143, COMMUNE),
        ("mairie", "entretien", "Un coût connu d'avance chaque année.", "reunion", date(2026, 4, 28), 6, COMMUNE),
        ("eleves", "apprentissages", "Refaire la web radio, dans toutes les écoles.", "atelier", date(2026, 6, 2), 48,
         PRES),
    ),
    "objectifs": _rows(
        "rang objectif theme finalite public temps ecole reprend",
        (1, "Faire produire les élèves : écrire, enregistrer, publier", "apprentissages",
         "Écrire et parler pour un vrai public", "tous", "continu", COMMUNE,
         "Web radio des Grands Prés ; projets d'école des Tilleuls et des Grands Prés"),
        (2, "Donner à chaque classe du CP au CM2 un affichage et un internet qui marchent", "internet",
         "Montrer, écouter et chercher en classe sans perdre de temps", "elementaire", "scolaire", COMMUNE),
        (3, "Aider chaque enseignant à prendre en main les outils de sa classe, avec l'inspection", "formation",
         "Choisir l'outil qui sert la leçon, et s'en passer quand il ne sert pas", "enseignants", "scolaire", COMMUNE),
        (4, "Réparer en deux jours d'école", "entretien", "Que la leçon prévue ait lieu", "tous", "scolaire", COMMUNE),
        (5, "Lire avec un outil adapté quand on en a besoin", "inclusion", "Accéder au même texte que les autres",
         "particuliers", "continu", COMMUNE),
        (6, "Ouvrir le matériel au club du soir", "temps", "Prolonger la web radio après la classe", "cycle3",
         "periscolaire", PRES, "Club informatique de l'Exemple"),
    ),
    "gouvernance": _rows(
        "comite preside membres rythme premiere",
        ("orientation", "mairie",
         "Maire, adjoint à l'éducation, IEN, une direction par école, deux parents, un animateur", "semestre",
         date(2026, 5, 12)),
        ("pilotage", "mairie", "Adjoint à l'éducation, services, ERUN, deux directions, un parent", "mois",
         date(2027, 1, 26)),
    ),
    "responsabilites": _rows(
        "action mairie services inspection directions enseignants periscolaire operateur parents",
        ("diagnostic", "A", "R", "C", "R", "C", None, None, "I"),
        ("concertation", "A", "R", "C", "C", "C", "C", None, "C"),
        ("orientation", "A", "R", "C", "C", "C", "I", None, "C"),
        ("deploiement", "A", "R", "C", "C", "I", None, None, "I"),
        ("financement", "AR", "C", "I", "I", None, None, None, "I"),
        ("consultation", "A", "R", "C", "C", "C", None, "I"),
        ("choix", "A", "R", "C", "C", "C"),
        ("choix_ressources", "C", "I", "C", "A", "R"),
        ("installation", "I", "A", None, "C", "I", None, "R"),
        ("maintenance", "I", "A", None, "I", "I", None, "R"),
        ("referent", None, "C", "I", "A", "R"),
        ("formation", "I", "C", "AR", "C", "C", "I"),
        ("usages", "A", "R", "C", "C", "C", "C", None, "I"),
        ("apports", "I", None, "A", "C", "R", None, None, "I"),
        ("satisfaction", "A", "R", "C", "C", "C", None, None, "C"),
        ("communication", "AR", "R", "C", "C", "I", "I", "I", "I"),
    ),
    "calendrier": _rows(
        "jalon phase debut echeance apres responsable fait_le",
        ("Inventaire relu par les écoles", "diagnostiquer", date(2026, 9, 1), date(2026, 10, 16), None, "services",
         date(2026, 11, 5)),
        ("Plan d'orientation validé", "cap", date(2026, 10, 19), date(2026, 12, 11), "Inventaire relu par les écoles",
         "mairie"),
        ("Plan voté par le conseil municipal", "cap", None, date(2026, 12, 18), "Plan d'orientation validé", "mairie"),
        ("Lettre commune signée", "cadrer", None, date(2027, 1, 22), "Plan voté par le conseil municipal", "mairie"),
        ("Aide et mécénat demandés", "cadrer", date(2027, 1, 4), date(2027, 2, 26),
         "Plan voté par le conseil municipal", "services"),
        ("Budget voté, ligne numérique ouverte", "cadrer", None, date(2027, 3, 31),
         "Plan voté par le conseil municipal", "mairie"),
        ("Fournisseurs consultés", "deployer", date(2027, 4, 1), date(2027, 5, 28),
         "Budget voté, ligne numérique ouverte", "services"),
        ("Vieux Lavoir et Hameau équipés", "deployer", date(2027, 7, 5), date(2027, 8, 27), "Fournisseurs consultés",
         "operateur"),
        ("Enseignants des deux écoles formés", "deployer", date(2027, 9, 1), date(2027, 12, 17),
         "Vieux Lavoir et Hameau équipés", "inspection"),
        ("Premier bilan au conseil municipal", "evaluer", None, FIRST_REVIEW, "Enseignants des deux écoles formés",
         "mairie"),
        ("Toutes les écoles équipées", "deployer", date(2028, 7, 3), date(2029, 8, 31),
         "Premier bilan au conseil municipal", "operateur"),
        ("Bilan final rendu aux familles", "evaluer", date(2031, 4, 1), date(2031, 6, 13), "Toutes les écoles équipées",
         "mairie"),
    ),
    "indicateurs": _rows(
        "indicateur perimetre objectif definition numerateur denominateur source periodicite unite depart depart_le "
        "cible cible_le alerte responsable modifie_le motif",
        ("Classes dont l'affichage sert", "usages", 2,
         "Classes du CP au CM2 dont l'affichage a servi dans la semaine, sur toutes ces classes",
         "Classes dont l'affichage a servi dans la semaine", "Classes du CP au CM2", "Relevé des directions",
         "trimestre", "%", 46, STARTED_ON, 100, date(2029, 9, 28), 75, "services"),
        ("Écoles au débit suffisant", "equipement", 2, "Écoles dont le débit mesuré atteint le débit à prévoir",
         "Écoles au débit suffisant", None, "Mesure faite dans l'école", "an", "écoles", 1, STARTED_ON, 6,
         date(2028, 9, 29), 3, "services"),
        ("Élèves de CM2 qui ont publié", "usages", 1,
         "Élèves de CM2 auteurs d'une production publiée dans l'année, sur tous les CM2",
         "Élèves de CM2 auteurs d'une production publiée", "Élèves de CM2", "Relevé des directions", "an", "%", None,
         None, 80, FIRST_REVIEW, 40, "directions"),
        ("Enseignants formés", "apports", 3,
         "Enseignants formés aux outils de leur classe depuis trois ans au plus, sur tous les enseignants",
         "Enseignants formés depuis trois ans au plus", "Enseignants", "Inspection", "semestre", "%", 22, STARTED_ON,
         90, FIRST_REVIEW, 60, "inspection"),
        ("Attente d'une réparation", "equipement", 4, "Jours d'école entre l'appel et la remise en marche, au plus",
         "Jours d'attente", None, "Cahier d'appels", "trimestre", "jours", 12, STARTED_ON, 1, date(2027, 12, 17), 5,
         "services"),
        ("Attente d'une réparation", "equipement", 4, "Jours d'école entre l'appel et la remise en marche, au plus",
         "Jours d'attente", None, "Cahier d'appels", "trimestre", "jours", 12, STARTED_ON, 2, date(2027, 12, 17), 5,
         "services", CHANGED_ON, "Le futur contrat de dépannage ne pourra promettre moins de deux jours."),
        ("Textes lus avec un outil adapté", "apports", 5,
         "Élèves suivis qui lisent chaque semaine avec un outil adapté, sur ceux qui le doivent",
         "Élèves qui lisent chaque semaine avec leur outil", "Élèves qui en ont besoin", "Enseignants", "semestre",
         "%", None, None, 90, FIRST_REVIEW, 60, "enseignants"),
        ("Satisfaction des enseignants", "satisfaction_enseignants", None,
         "Réponses 4 ou 5 sur 5 au questionnaire sans nom, sur toutes les réponses", "Réponses 4 ou 5", "Réponses",
         "Questionnaire sans nom", "an", "%", 45, STARTED_ON, 75, FIRST_REVIEW, 50, "services"),
    ),
    "mesures": _rows(
        "indicateur le valeur sur remarque",
        ("Classes dont l'affichage sert", date(2025, 11, 18), 50, 24),
        ("Classes dont l'affichage sert", date(2026, 2, 3), 50, 24),
        ("Classes dont l'affichage sert", MEASURED_ON, 54, 24),
        ("Classes dont l'affichage sert", date(2026, 11, 10), 58, 24, "Relevé fait une semaine de novembre"),
        ("Écoles au débit suffisant", MEASURED_ON, 1, 6, "Aucun raccordement fait depuis un an"),
        ("Enseignants formés", date(2025, 12, 9), 30, 37),
        ("Enseignants formés", CHANGED_ON, 35, 37),
        ("Enseignants formés", date(2026, 11, 10), 46, 37, "Première session de l'ERUN"),
        ("Attente d'une réparation", date(2025, 9, 30), 12),
        ("Attente d'une réparation", date(2025, 12, 19), 11),
        ("Attente d'une réparation", date(2026, 3, 31), 10),
        ("Attente d'une réparation", date(2026, 6, 30), 10),
        ("Attente d'une réparation", date(2026, 10, 30), 9),
        ("Satisfaction des enseignants", SURVEYED_ON["2026"], 59, 29),
    ),
    "questions": _rows(
        "question intitule groupe echelle perimetre",
        ("E1", "Le matériel de ma classe marche quand j'en ai besoin.", "enseignants", "accord", "equipement"),
        ("E2", "Quand il est en panne, l'aide vient vite.", "enseignants", "accord", "equipement"),
        ("E3", "L'affichage de ma classe me sert…", "enseignants", "frequence", "usages"),
        ("E4", "Mes élèves se servent d'un appareil…", "enseignants", "frequence", "usages"),
        ("E5", "Je me suis formé cette année aux outils de ma classe.", "enseignants", "oui_non", "apports"),
        ("E6", "Le numérique aide mes élèves à lire, à écrire, à parler.", "enseignants", "accord", "apports"),
        ("E7", "Ma satisfaction, de 1 à 5.", "enseignants", "note", "satisfaction_enseignants"),
        ("E8", "Que faudrait-il changer d'abord ?", "enseignants", "libre", "usages"),
        ("L1", "Le matériel de l'école marche bien.", "eleves", "oui_non", "equipement"),
        ("L2", "En classe, je me sers d'un ordinateur ou d'une tablette…", "eleves", "frequence", "usages"),
        ("L3", "Cette année, j'ai créé quelque chose que d'autres ont lu ou écouté.", "eleves", "oui_non", "usages"),
        ("L4", "Mon avis sur le numérique à l'école, de 1 à 5.", "eleves", "note", "satisfaction_eleves"),
        ("F1", "Je sais ce que mon enfant fait avec un écran à l'école.", "parents", "accord", "usages"),
        ("F2", "Je fais confiance à l'école pour en décider.", "parents", "oui_non", "usages"),
        ("D1", "Je sais qui décide de quoi dans ce projet.", "directions", "accord", "usages"),
    ),
    "vagues": _rows(
        "vague groupe le invites",
        ("2025", "enseignants", SURVEYED_ON["2025"], 36),
        ("2026", "enseignants", SURVEYED_ON["2026"], 37),
        ("2025", "eleves", SURVEYED_ON["2025"], 201),
        ("2026", "eleves", SURVEYED_ON["2026"], 204),
        ("2026", "parents", date(2026, 5, 29), 432),
        ("2026", "directions", SURVEYED_ON["2026"], 6),
    ),
    "paroles": _rows(
        "texte edition",
        ("Quand l'écran marche, la leçon gagne dix minutes. Quand il ne marche pas, elle en perd vingt.", "maire"),
        ("J'ai enregistré ma voix et ma grand-mère l'a écoutée.", "public"),
    ),
    "budget": _rows(
        "annee section vote realise",
        (2025, "investissement", 14000, 12400),
        (2025, "fonctionnement", 9500, 9850),
        (2026, "investissement", 16500),
        (2026, "fonctionnement", 10200),
    ),
    "livraisons": _rows(
        "ecole type prevu prevu_le livre livre_le fournisseur montant",
        (PRES, "visualiseur", 4, date(2026, 9, 30), 4, date(2026, 9, 22), "Optique Exemple", 412),
        (TILLEULS, "autre", 6, date(2026, 9, 18), 4, date(2026, 10, 16), "Informatique Exemple", 480),
        (LAVOIR, "visualiseur", 2, date(2026, 12, 4), 0),
    ),
    "reemploi": _rows(
        "annee reformes remis achats achats_reemploi",
        (2025, 0, 0, 31400, 4900),
        (2026, 14, 9),
    ),
    "priorites": _rows("critere poids", ("couverture", 3), ("age", 1), ("internet", 2), ("ips", 2), ("eleves", 1),
        ("projet", 1),
    ),
    "hypotheses": _rows("nom valeur", ("prix_affichage", 2790), ("prix_borne_wifi", 420),
        ("gift_company_eur", 8000), ("gift_in_kind_eur", 3000), ("gift_return_eur", 1500),
        ("donor_turnover_eur", 2400000),
    ),
}  # fmt: skip
FORMS: dict[str, Row] = {
    "lisez_moi": {"rempli_par": "Dominique Exemple", "rempli_le": FILLED_ON},
    "orientation": {
        "ambition": "Que chaque enfant, de la maternelle au CM2, apprenne à créer avec le numérique, dans une école "
        "où tout marche.",
        "perimetre": "Les six écoles publiques. Du CP au CM2 d'abord ; en maternelle, un affichage partagé.",
        "territoire": "La fibre dans chaque école avant la fermeture du cuivre ; le Hameau d'abord, sans ligne.",
        "collaboration": "Avec l'inspection, l'ERUN, les parents élus, le club informatique et la médiathèque.",
        "temps": "Le matériel sert à l'école ; une partie s'ouvre au club du soir. Aucun écran n'est demandé chez soi.",
        "projets": "La web radio des Grands Prés, et les projets d'école qui ont déjà un volet numérique.",
        "pedt": "oui",
        "pedt_fin": date(2028, 8, 31),
        "debut": date(2026, 9, 1),
        "duree": 5,
    },
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


# Chances of each answer, in the order of its scale, in 2025 then in 2026; parents and heads answered once.
CHANCES: dict[str, tuple[tuple[int, ...], ...]] = {
    "E1": ((6, 10, 9, 3), (3, 9, 13, 6)),
    "E2": ((9, 10, 6, 2), (6, 10, 11, 4)),
    "E3": ((6, 8, 6, 6, 3), (4, 6, 5, 10, 6)),
    "E4": ((9, 9, 6, 4, 0), (5, 9, 9, 7, 1)),
    "E5": ((20, 9), (20, 11)),
    "E6": ((2, 8, 13, 4), (2, 7, 15, 7)),
    "E7": ((3, 7, 8, 7, 2), (1, 5, 10, 11, 4)),
    "L1": ((50, 50), (38, 62)),
    "L2": ((14, 34, 28, 20, 4), (8, 26, 30, 28, 8)),
    "L3": ((74, 26), (58, 42)),
    "L4": ((6, 10, 24, 34, 26), (4, 8, 20, 38, 30)),
    "F1": ((), (28, 40, 24, 8)),
    "F2": ((), (30, 70)),
    "D1": ((), (1, 2, 2, 1)),
}
FREE = ("Un seul numéro à appeler.", "Des prises près du tableau.", "Du temps pour préparer.", "Le débit.")
TEACHERS = {COQUELICOTS: 4, TILLEULS: 10, PRES: 9, LAVOIR: 6, HAMEAU: 2}
PUPILS = {TILLEULS: 71, PRES: 62, LAVOIR: 34, HAMEAU: 8}
PARENTS, HEADS = {None: 143}, {None: 5}


def surveys() -> dict[str, list[Row]]:
    """The answers by file, « » for the sheet Enquêtes: invented, drawn from one seed."""
    draw = Random(1)  # noqa: S311 (an example, no secret)
    teachers = [
        row | {"code": _code(uai, rank)} if rank % 5 else row
        for wave in SURVEYED_ON
        for uai, count in TEACHERS.items()
        for rank, row in enumerate(_answered(draw, wave, uai, count - (wave == "2025"), "E"), 1)
    ]
    for row in teachers[::7]:
        row["E8"] = draw.choice(FREE)
    pupils = [
        row
        for wave in SURVEYED_ON
        for uai, count in PUPILS.items()
        for row in _answered(draw, wave, uai, count - (0 if wave == "2026" else count // 8), "L")
    ]
    once = [
        _answered(draw, "2026", uai, n, key) for key, told in (("F", PARENTS), ("D", HEADS)) for uai, n in told.items()
    ]
    return {"": [*teachers, *once[1]], "enquetes-eleves.csv": pupils, "enquetes-familles.csv": once[0]}


def _answered(draw: Random, wave: str, uai: str | None, count: int, letter: str) -> list[dict[str, object]]:
    """So many people's answers to the questions of a letter: each is much the same from one wave to the next."""
    asked = [question for question in CHANCES if question.startswith(letter)]
    rows: list[dict[str, object]] = []
    for rank in range(count):
        row: dict[str, object] = {"vague": wave, "ecole": uai}
        for question in asked:
            chances = _lifted(CHANCES[question][wave == "2026"], (uai == PRES) - (uai in (LAVOIR, HAMEAU)))
            own = Random(f"{uai}{rank}{question}").random()  # noqa: S311
            place = 0.6 * own + 0.4 * draw.random()
            step = sum(place * sum(chances) > sum(chances[:most]) for most in range(1, len(chances)))
            row[question] = None if draw.random() < 1 / 30 else _step(question, step)
        rows.append(row)
    return rows


def _lifted(chances: tuple[int, ...], by: int) -> list[float]:
    """Better answers where all is equipped (1), worse where little is (-1)."""
    middle = (len(chances) - 1) / 2
    return [chance * (1 + by * 0.5 * (step - middle) / middle) for step, chance in enumerate(chances)]


def _code(uai: str, rank: int) -> str:
    """What a teacher chose and remembers."""
    return "".join(Random(f"{uai}-{rank}").choices("bcdfghjkmnpqrstvwxz23456789", k=6))  # noqa: S311


def _step(question: str, step: int) -> str:
    scale = next(row["echelle"] for row in TABLES["questions"] if row["question"] == question)
    return str(resource("workbook")["scale"][scale]["steps"][step])


def make_example(store: Path, out: Path) -> None:
    """Write the workbook of the fictional commune, filled, over the former one."""
    dossier = load_dossier(FICTIONAL, PREPARED_ON, store)
    schools = known_schools(dossier.schools)
    places = {COMMUNE: WHOLE_COMMUNE} | {uai: f"{nom} ({uai})" for nom, uai in schools[["nom", "uai"]].to_numpy()}
    answers = {name: [_written(row, sheet("enquetes"), places) for row in rows] for name, rows in surveys().items()}
    with tempfile.TemporaryDirectory() as folder:
        blank = Path(folder) / NAME
        build_workbook(dossier, assumption_rows(baremes.on(PREPARED_ON)), PREPARED_ON, blank)
        book = openpyxl.load_workbook(blank)
        for key, told in FORMS.items():
            _fill_form(book[sheet(key).title], sheet(key), _written(told, sheet(key), places))
        for key, rows in TABLES.items():
            _fill_table(book[sheet(key).title], sheet(key), [_written(row, sheet(key), places) for row in rows])
        _fill_answers(book[sheet("enquetes").title], answers.pop(""))
        book.save(blank)
        _freeze(blank, out)
    for name, rows in answers.items():
        with out.with_name(name).open("w", encoding="utf-8", newline="") as file:
            names = sorted({name for row in rows for name in row}, key=lambda name: (name[-1].isdigit(), name))
            writer = csv.DictWriter(file, names, delimiter=";", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _fill_answers(page: Any, rows: list[Row]) -> None:
    """Each question in a column of its own, on the right of those of the sheet."""
    names = [column.key for column in sheet("enquetes").columns]
    names += sorted({question for row in rows for question in row} - set(names))
    for rank, name in enumerate(names, 1):
        page.cell(HEADER_ROW + 1, rank).value = page.cell(HEADER_ROW + 1, rank).value or name
        for row, answers in enumerate(rows, HEADER_ROW + 2):
            page.cell(row, rank).value = answers.get(name)


def _written(row: Row, table: Sheet, places: Mapping[str, str]) -> Row:
    """The answers of a row as a town hall sees them: choices and places by their words in the list."""
    words = {one.key: {key: typeset(choice) for key, choice in one.choices.items()} for one in table.columns}
    words |= {one.key: dict(places) for one in table.columns if one.kind in ("place", "school")}
    return {key: words.get(key, {}).get(str(value), value) for key, value in row.items() if value is not None}


def _fill_form(page: Any, form: Sheet, answers: Row) -> None:
    """Each answer on the right of its question."""
    rows = {str(cell.value): cell.row for (cell,) in page.iter_rows(max_col=1) if cell.value}
    for key, value in answers.items():
        column = form.column(key)
        page.cell(rows.get(typeset(column.header)) or rows[typeset(column.label)], 2).value = value


def _fill_table(page: Any, table: Sheet, rows: Iterable[Row]) -> None:
    """Each row where its grey cells are written beforehand, else in the first row that is free."""
    places = {column.key: rank for rank, column in enumerate(table.columns, 1)}
    free = list(range(HEADER_ROW + 2, page.max_row + 1))
    for answers in rows:
        given = [(places[key], answers[key]) for key in answers if key in table.given]
        row = next(row for row in free if all(page.cell(row, rank).value in (value, None) for rank, value in given))
        free.remove(row)
        for key, value in answers.items():
            page.cell(row, places[key]).value = value


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
