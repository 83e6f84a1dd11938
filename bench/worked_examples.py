"""The worked examples that third parties published, computed again; their errors are flagged as errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.funding.aids import Request, aids, amount_eur
from pupitre.funding.finance import fctva, implicit_rate, lease_rent, loan_schedule, net_present_value
from pupitre.funding.gifts import company_gift, individual_gift
from pupitre.funding.operation import Operation
from pupitre.law import baremes

LAW = baremes.on(date(2026, 11, 22))
VAT = 1 + LAW["tva_taux_normal"]


@dataclass(frozen=True)
class Example:
    """A published result and ours; `wrong` when the source is known to be in error, or rounded beyond use."""

    name: str
    published: float
    ours: float
    precision: float
    wrong: bool = False

    def __str__(self) -> str:
        """One line: agreement is expected, but for a published error."""
        agrees = abs(self.published - self.ours) <= self.precision
        verdict = "agrees" if agrees else "published error" if self.wrong else "DIFFERS"
        return f"{self.name:<62} published {self.published:>13.2f}   ours {self.ours:>13.4f}   {verdict}"

    @property
    def as_expected(self) -> bool:
        """Whether it agrees, or disagrees with a source that is wrong."""
        return (abs(self.published - self.ours) <= self.precision) != self.wrong


def aid(key: str, on: date, base_eur: float, *, schools: int = 1, brackets: str = "marginal") -> float:
    """What an aid gives on a base, at its highest rate."""
    law = baremes.on(on)
    assumptions = Assumptions.model_validate({"aid_brackets": brackets})
    operation = Operation(replace(small_programme(), schools=schools), law, assumptions)
    return amount_eur(Request(aids()[key], law[aids()[key].rate]), base_eur, operation)


def small_programme() -> Programme:
    """The programme of a school of one class."""
    school = {
        "uai": "S",
        "sector": "public",
        "level": "elementaire",
        "classes": 1,
        "pupils": 20,
        "pupils_maternelle": 0,
    }
    counted = dict.fromkeys(("classes", "pupils", "pupils_maternelle"), "Int64")
    return plan_programme(pd.DataFrame([school]).astype(counted), LAW, Assumptions())


def examples() -> list[Example]:
    """The examples, in the order of the digest."""
    loan = loan_schedule(21_400, 0.0985, 4)
    spring_2020, spring_2023 = date(2020, 3, 1), date(2023, 3, 1)
    return [
        Example("W1 Villaudric, FCTVA taken on HT", 1_617, fctva(9_860 * VAT, 0, LAW), 0.5, wrong=True),
        Example("W1 the same, on TTC", 1_940.92, fctva(9_860 * VAT, 0, LAW), 0.005),
        Example("FCTVA of 120 000 € TTC", 19_684.80, fctva(120_000, 0, LAW), 0.005),
        Example("W2 individual, gift of 200 €", 132, individual_gift(200, 60_000, LAW).total_reduction_eur, 0.005),
        Example("W4 individual, gift of 150 €", 99, individual_gift(150, 60_000, LAW).total_reduction_eur, 0.005),
        Example("W4b gift of 3 000 €, « 2 000 »", 2_000, individual_gift(3_000, 60_000, LAW).total_reduction_eur, 0.5,
                wrong=True),
        Example("W5 income 60 000 €, 10 000 € are under the ceiling", 10_000,
                float(individual_gift(10_000, 60_000, LAW).by_year["base_eur"].iloc[0]), 0.005),
        Example("W6 company, gift of 25 000 €, turnover 5 M€: net cost", 10_000,
                company_gift(25_000, 5_000_000, LAW).net_cost_eur, 0.005),
        Example("W7 what a donor of 10 000 € may receive", 2_500, LAW["mecenat_contreparties_part"] * 10_000, 0.005),
        Example("W8 550 tablets at 566 €, 30 % for the département", 93_400, 0.3 * 550 * 566, 10),
        Example("W10 lease of 100 000 €, 4 %, 60 rents in advance", 1_820.50,
                lease_rent(100_000, 0.04, 60, residual_eur=1_000), 0.005),
        Example("W12 five yearly rents of 26 000 €: rate in %", 15.15,
                100 * implicit_rate(100_000, [26_000] * 5, periods_per_year=1), 0.005),
        Example("W14 loan of 21 400 € at 9.85 %: annuity", 6_729.17, loan.loc[1, "annuity_eur"], 0.005),
        *(Example(f"W14 interest of year {year}", told, loan.loc[year, "interest_eur"], 0.015)
          for year, told in enumerate((2_107.90, 1_652.70, 1_152.67, 603.41), 1)),
        Example("W14 interest in all", 5_516.68, loan["interest_eur"].sum(), 0.005),
        Example("textbook lease of 20 000 €, value 6 000 €, 48 rents", 357.01,
                lease_rent(20_000, 0.06, 48, residual_eur=6_000), 0.005),
        Example("textbook loan of 20 000 €, 48 months", 469.70, lease_rent(20_000, 0.06, 48, in_advance=False), 0.005),
        Example("W16 Étampes, 70 % and 50 % of two parts", 32_571, 0.7 * 39_307 + 0.5 * 10_112, 1),
        Example("W17 Mèze, 59 000 € at 70 %, « 41 000 »", 41_000, aid("tne", spring_2023, 59_000), 500),
        Example("W18 Le Pecq, 79 000 € HT with VAT", 94_800, 79_000 * VAT, 0.005),
        Example("W18 FCTVA of it", 15_551, fctva(79_000 * VAT, 0, LAW), 0.5),
        Example("W19 Label 2020, 3 000 € in a school", 1_500, aid("label_2020", spring_2020, 3_000), 0.005),
        Example("W19 Label 2020, 14 000 € in a school", 7_000, aid("label_2020", spring_2020, 14_000), 0.005),
        Example("W20 works for an aid of 20 000 € at 50 %", 40_000, 20_000 / 0.5, 0.005),
        Example("W21 Doubs, TNE 70 % and département 10 %, in %", 80, 100 * (LAW["aide_tne"] + 0.1), 0.005),
        Example("W22 100 € in 22 years at 3.2 %", 50, net_present_value(0.032, {22: 100.0}), 0.05),
        Example("W23 ENR, 80 % of 11 250 €", 9_000, aid("enr", date(2009, 6, 1), 11_250), 0.005),
        Example("W24 FCTVA of the cloud, 46.6 to 134.98 M€, in %", 189, 100 * (134.98 / 46.6 - 1), 1),
        Example("TNE, 210 000 € HT, marginal", 145_000, aid("tne", spring_2023, 210_000), 0.005),
        Example("TNE, 210 000 € HT, cliff", 105_000, aid("tne", spring_2023, 210_000, brackets="cliff"), 0.005),
    ]  # fmt: skip


def main() -> None:
    """Print each, and how many are as expected."""
    found = examples()
    for example in found:
        print(example)
    expected = sum(example.as_expected for example in found)
    print(f"{expected} of {len(found)} as expected")
    if expected < len(found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
