"""The scenarios, in the order of the report. A new one is one file and one line here."""

from pupitre.funding.scenarios import achat, byod_tripartite, efran, leasing, mecenat, subventions

SCENARIOS = (
    achat.SCENARIO,
    subventions.SCENARIO,
    leasing.SCENARIO,
    mecenat.SCENARIO,
    efran.SCENARIO,
    byod_tripartite.SCENARIO,
)
