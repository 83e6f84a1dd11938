"""BYOD shared by the family, the commune and the Éducation nationale: families bring some of the shared devices.

Who pays: families by quotient familial, the commune (loan pool, aid to families, insurance, management), the Éducation
nationale for the share that the consultant supposes, nothing by default. The same number of devices serves in class.
Belongs here: what families may bring, and under which conditions. Does not: figures (`law/byod.toml`).
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.funding.aids import requests
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario

TO_CHECK = (
    "Aucun exemple français de ce partage à trois n'a été trouvé en primaire : un essai dans une école d'abord.",
    "L'achat d'un appareil ne peut pas être exigé des familles (code de l'éducation, L. 132-1).",
)


def check(operation: Operation) -> Verdict:
    """The programme has devices that a pupil may own, and Wi-Fi to connect them."""
    reasons = []
    if not operation.family_rows:
        reasons.append("Ce programme n'a pas d'appareil qu'un élève puisse apporter.")
    if not operation.assumptions.wifi:
        reasons.append("Les appareils des familles ne se relient pas par câble : il faut le Wi-Fi (wifi=oui).")
    return Verdict(eligible=not reasons, reasons=tuple(reasons) or TO_CHECK)


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Families bring the shared devices, the commune lends some; the rest is bought."""
    return fund(operation, case, SCENARIO.key, Ways(families=operation.family_rows, aids=requests(operation)))


SCENARIO = Scenario(
    key="byod_tripartite",
    label="Appareils des familles (BYOD)",
    noun="l'appareil des familles",
    advice="Essayez dans une école l'appareil apporté par des familles volontaires",
    summary=(
        "Des familles volontaires achètent l'appareil de leur enfant, aidées selon leur quotient familial ; la commune "
        "en prête aux autres."
    ),
    at_the_end="La famille garde son appareil ; la commune garde ceux qu'elle prête.",
    rules=(
        "L'école publique est gratuite (code de l'éducation, L. 132-1) : la famille est volontaire, et l'élève sans "
        "appareil en reçoit un en prêt. Le calcul garde le nombre d'appareils partagés du programme, et non un par "
        "élève ; la commune en prête {law.byod_pret_part.value:percent}.",
        "Un appareil connecté n'entre à l'école que pour un usage pédagogique prévu au règlement intérieur "
        "(code de l'éducation, L. 511-5), voté en conseil d'école.",
        "L'aide aux familles passe par la caisse des écoles (code de l'éducation, L. 212-10) : c'est du "
        "fonctionnement, sans FCTVA.",
        "Données personnelles : le directeur académique (DASEN) est responsable du traitement, la commune l'est avec "
        "lui pour l'ENT qu'elle achète ; un contrat de sous-traitance lie l'éditeur (RGPD, article 28).",
        "**Ce qui a échoué dans les lycées du Grand Est** : {law.byod_grand_est.value}.",
        "**Et à Drancy**, une tablette par élève, à la maison : {law.byod_drancy.value}.",
    ),
    check=check,
    plan=plan,
    decided_by_commune=False,
)
