"""The scenarios, in the order of the report. A new one is one file and one line here."""

from pupitre.funding.scenarios import achat, leasing

SCENARIOS = (achat.SCENARIO, leasing.SCENARIO)
