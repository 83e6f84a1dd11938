"""What it costs to load a dossier, from a store of seven communes and from one of all France."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from pupitre.data.dossier import load_dossier
from pupitre.data.project import edition_date, project_root, raw_dir
from pupitre.data.store import build_store

ON = edition_date(project_root())
RUNS = 50


def median_ms(store: Path, code: str) -> float:
    """Median time of a warm `load_dossier`, in milliseconds."""
    times = []
    for _ in range(RUNS + 3):
        start = time.perf_counter()
        load_dossier(code, ON, store)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[3:])


def measure(label: str, raw: Path, code: str, folder: Path) -> float:
    """Build a store, time it, print one line."""
    store = folder / f"{label.replace(' ', '-')}.sqlite"
    start = time.perf_counter()
    build_store(raw, store)
    built = time.perf_counter() - start
    median = median_ms(store, code)
    print(f"{label:<15} build {built:5.1f} s   load_dossier({code}) {median:5.1f} ms (aim: 20)")
    return median


def main() -> None:
    """Print both, and their ratio when the publishers' files are at hand."""
    bulk = project_root().parent / "shared" / "data" / "bulk"
    with tempfile.TemporaryDirectory() as folder:
        small = measure("seven communes", raw_dir(), "09194", Path(folder))
        if not bulk.is_dir():
            print("all of France   not measured: the publishers' files are not here")
            return
        large = measure("all of France", bulk, "35238", Path(folder))
        print(f"ratio           {large / small:.2f}")


if __name__ == "__main__":
    main()
