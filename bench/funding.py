"""What it costs to plan every scenario of a commune, and to compare them, in a warm process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

from pupitre.data.project import edition_date, project_root
from pupitre.funding.compare import advise, compare
from pupitre.study import Study, load_study

ON = edition_date(project_root()).isoformat()
RUNS = 15


def median_ms(work: Callable[[], object]) -> float:
    """Median time of a warm call, in milliseconds."""
    times = []
    for _ in range(RUNS + 3):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[3:])


def compared(study: Study) -> None:
    """Every scenario planned in each case, and the advice."""
    if study.operation and study.programme:
        _, plans = compare(study.operation, study.programme)
        advise(plans, study.operation.borrowing_rate)


def main() -> None:
    """Print the time of a commune without and with a workbook, and what part of the whole study it is."""
    for code in ("09194", "13028", "00001"):
        study = load_study(code, ON)
        planned = median_ms(partial(compared, study))
        whole = median_ms(partial(load_study, code, ON))
        share = planned / whole
        print(f"{code}   scenarios compared {planned:6.1f} ms (aim: 50)   study {whole:6.1f} ms   ratio {share:.2f}")


if __name__ == "__main__":
    main()
