"""What it costs to assess the risk of one commune: the draws of every scenario, and the indices of one."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pupitre.data.project import edition_date, project_root, raw_dir
from pupitre.data.store import build_store
from pupitre.funding.operation import Operation
from pupitre.funding.risk import assess_risk, drawn, inputs_of, model_of
from pupitre.funding.scenarios import leasing
from pupitre.study import load_study

ON = edition_date(project_root())
CODE = "13028"
DRAWS, SOBOL = 10_000, 1_024
RUNS = 5
LOANS = {"loan_share": 0.5, "gift_company_eur": 20_000, "call_rate": 0.4}


def median_s(work: Callable[[], object]) -> tuple[float, float]:
    """Median time of a warm call, in seconds: of the wall, of the processor."""
    times = []
    for _ in range(RUNS + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    walls, cpus = zip(*times[1:], strict=True)
    return statistics.median(walls), statistics.median(cpus)


def measure(label: str, work: Callable[[], object]) -> None:
    """Time it, print one line."""
    wall, cpu = median_s(work)
    print(f"{label:<58} {wall:6.3f} s   processor {cpu:6.3f} s")


def main() -> None:
    """Print the whole (aim: 2 s), the same with a loan and gifts, and what each part costs for one scenario."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "pupitre.sqlite"
        build_store(raw_dir(), store)

        def operation(**assumptions: object) -> Operation:
            found = load_study(CODE, ON.isoformat(), str(store), assumptions).operation
            if found is None:
                raise SystemExit(f"{CODE} has nothing to fund")
            return found

        usual, loans = operation(), operation(**LOANS)
    inputs = inputs_of(usual)
    model = model_of(leasing.SCENARIO, usual, inputs)
    cube = np.random.default_rng(0).random((len(inputs), DRAWS))
    print(f"{CODE}, {len(inputs)} inputs, {DRAWS} draws, Sobol's n = {SOBOL}")
    measure(
        "all scenarios, draws and indices (aim: 2 s)", lambda: assess_risk(usual, "leasing", draws=DRAWS, sobol=SOBOL)
    )
    measure("the same with a loan, gifts and a call", lambda: assess_risk(loans, "leasing", draws=DRAWS, sobol=SOBOL))
    measure("one scenario: its model, from its plans", lambda: model_of(leasing.SCENARIO, usual, inputs))
    measure("one scenario: the draws", lambda: model.charges(drawn(inputs, cube)))


if __name__ == "__main__":
    main()
