"""What a report costs when there are hundreds: stock command lines, stock libraries, ours, and no notebook at all.

Four ways to the same reports, from one run on one machine:

- (a) per notebook, the `papermill` command, then `jupyter nbconvert` with the `mairie` template (it renders one
  notebook, though under a title without sense); one report after the other, start-up counted, being part of that way;
- (b) `papermill.execute_notebook` with its own engine, and one stock `HTMLExporter` reused; two processes, whose start
  is not counted;
- (c) ours: `pupitre batch --engine warm`, start-up counted in « whole », not in « marginal »;
- (d) the study, charts, page and documents called directly, no notebook; two processes, warmed by one report.

(a) and (b) leave one page per notebook and no document; (c) and (d) the whole report, and their pages must be equal.
Linear algebra has one thread, whatever the way. Reports are of communes with public schools, in blocks of the same mix
(see `mixed`), so that 2 reports compare with 300. « Marginal »: from the beginning of the first report to the end of
the last, as the ledger tells, over their number. `--quick` tries everything on a few reports.
"""

from __future__ import annotations

import ast
import csv
import json
import multiprocessing
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import NamedTuple, TypeVar

import nbformat
import papermill
from nbconvert import HTMLExporter

from pupitre import show
from pupitre.data.codes import FICTIONAL
from pupitre.data.project import edition_date, project_root, raw_dir
from pupitre.data.store import build_store, connect
from pupitre.run.documents import write_documents
from pupitre.run.ledger import Attempt, read_ledger
from pupitre.run.page import HIDDEN_TAGS
from pupitre.run.report import CHAPTERS, PUBLIC, pages_of
from pupitre.run.suivi import write_follow_up
from pupitre.study import Study, load_study

ROOT = project_root()
BIN = Path(sys.executable).parent
SCHOOLS = (*CHAPTERS["schools"], PUBLIC)
JOBS, STRATA = 2, 10
SAMPLED_EVERY, START_LIMIT = 0.5, 300  # seconds
QUIET = ["--log-level=CRITICAL"]  # a kernel told to stop complains of it otherwise
PROC, CHILDREN = Path("/proc"), ("child", "grandchild")
LIBRARIES = ("papermill", "nbclient", "ipykernel", "nbconvert", "pandas", "matplotlib")
WITH_SCHOOLS = """
    SELECT code_insee FROM communes JOIN schools USING (code_insee)
    WHERE sector = 'public' AND type = 'commune-actuelle' AND code_insee <> ?
    GROUP BY code_insee ORDER BY count(*), population, code_insee
"""
Made = TypeVar("Made")


class Asked(NamedTuple):
    """One report to make."""

    code_insee: str
    on: str


@dataclass(frozen=True)
class Counts:
    """How many reports each way makes; `watched`, one of `ours`, gives the ratios and the memory."""

    command_lines: int
    libraries: int
    direct: int
    ours: tuple[int, ...]
    watched: int


FULL = Counts(2, 6, 20, (10, 100, 300), 100)
QUICK = Counts(1, 2, 4, (4, 8), 8)


@dataclass(frozen=True)
class Lot:
    """What some reports took, in seconds: the whole, start-up and all, and without it; by part, the mean of a report.

    `memory`: what was sampled while they were made, each time the MB of each process by its part.
    """

    name: str
    reports: int
    whole_s: float
    span_s: float
    parts: Mapping[str, float] = field(default_factory=dict)
    memory: Sequence[Sequence[tuple[str, float]]] = ()

    @property
    def per_minute(self) -> float:
        """Reports per minute, start-up and all."""
        return 60 * self.reports / self.whole_s

    @property
    def marginal_s(self) -> float:
        """Seconds that one more report takes, once started."""
        return self.span_s / self.reports

    def peak_mb(self, part: str) -> float:
        """The largest process of a part: what it shares, divided among those who share it, included."""
        return max((mb for sample in self.memory for name, mb in sample if name == part), default=float("nan"))

    @property
    def sum_mb(self) -> float:
        """The most that all took together."""
        return max((sum(mb for _, mb in sample) for sample in self.memory), default=float("nan"))

    @property
    def added_mb(self) -> float:
        """What a report at work adds, its kernel with it: the most that the forked ones make of the parent alone."""
        families = [[one for one in sample if one[0] != "batch"] for sample in self.memory]
        alone = [sum(mb for _, mb in one) for one in families if not any(part in CHILDREN for part, _ in one)]
        full = [sum(mb for _, mb in one) for one in families]
        return (max(full) - max(alone)) / JOBS if alone else float("nan")

    def __str__(self) -> str:
        """One line of the table."""
        figures = (self.whole_s, self.per_minute, self.whole_s / self.reports, self.marginal_s)
        return f"{self.name:<48}{self.reports:>5}" + "".join(f"{figure:>9.2f}" for figure in figures)


@dataclass(frozen=True)
class Target:
    """A figure to reach: at least the aim, or at most."""

    name: str
    measured: float
    aim: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is reached; what was not measured is not."""
        return self.measured >= self.aim if self.at_least else self.measured <= self.aim

    def __str__(self) -> str:
        """One line: what was measured, what was wanted."""
        sign, verdict = "≥" if self.at_least else "≤", "met" if self.met else "MISSED"
        return f"{self.name:<62}{self.measured:>8.2f}   {sign} {self.aim:<6g}{verdict}"


def mixed(codes: Sequence[str]) -> list[str]:
    """The codes, given from the smallest commune to the largest, in blocks of one commune of each tenth.

    A block has the same mix as another, and its first communes, two by two, are balanced around the middle; within a
    tenth, by code, which says nothing of the size. What does not fill a block is left out.
    """
    strata = min(STRATA, len(codes))
    depth, half = len(codes) // strata, strata // 2
    outwards = [*range(half // 2, half), *range(half // 2)]
    ranks = [rank for low in outwards for rank in (low, strata - 1 - low)] + [half] * (strata % 2)
    layers = [sorted(codes[rank * depth : (rank + 1) * depth]) for rank in ranks]
    return [code for block in zip(*layers, strict=True) for code in block]


def asked(codes: Sequence[str], count: int, last: date) -> list[Asked]:
    """The first reports of the blocks; once all communes are taken, again one day earlier."""
    turns = (divmod(rank, len(codes)) for rank in range(count))
    return [Asked(codes[place], (last - timedelta(days=turn)).isoformat()) for turn, place in turns]


def span_s(attempts: Sequence[Attempt]) -> float:
    """Seconds from the beginning of the first report to the end of the last."""
    began = [datetime.fromisoformat(attempt.began).timestamp() for attempt in attempts]
    ends = [start + attempt.seconds["total"] for start, attempt in zip(began, attempts, strict=True)]
    return max(ends) - min(began)


def means(records: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each part."""
    return {name: statistics.fmean(record.get(name, 0) for record in records) for name in records[0]}


def by_command_lines(store: Path, out: Path, reports: Sequence[Asked]) -> Lot:
    """Way (a)."""
    start = time.perf_counter()
    for one in reports:
        folder = out / one.code_insee
        folder.mkdir(parents=True)
        given = ["-r", "code_insee", one.code_insee, "-r", "on", one.on, "-r", "data", str(store)]
        for name in SCHOOLS:
            done = folder / f"{name}.ipynb"
            run([BIN / "papermill", f"notebooks/{name}.ipynb", done, *given, "-y", "assumptions: {}"])
            bases = "--TemplateExporter.extra_template_basedirs=lib/pupitre/templates"
            run([BIN / "jupyter", "nbconvert", "--to", "html", "--template", "mairie", bases, done])
    whole = time.perf_counter() - start
    return Lot("(a) papermill, jupyter nbconvert commands", len(reports), whole, whole)


def run(command: Sequence[str | Path]) -> None:
    """A command of the project, which must succeed."""
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def by_libraries(store: Path, out: Path, reports: Sequence[Asked]) -> Lot:
    """Way (b)."""
    _, span, _ = in_processes(exporter, partial(one_by_libraries, store, out), reports)
    return Lot(f"(b) execute_notebook, HTMLExporter, {JOBS} processes", len(reports), span, span)


def one_by_libraries(store: Path, out: Path, one: Asked) -> None:
    """One report of way (b)."""
    folder = out / one.code_insee
    folder.mkdir(parents=True)
    given = {"code_insee": one.code_insee, "on": one.on, "data": str(store), "assumptions": {}}
    for name in SCHOOLS:
        notebook = ROOT / "notebooks" / f"{name}.ipynb"
        executed = papermill.execute_notebook(
            notebook, folder / f"{name}.ipynb", given, cwd=ROOT, progress_bar=False, extra_arguments=QUIET
        )
        html, _ = exporter().from_notebook_node(executed)
        (folder / f"{name}.html").write_text(html, encoding="utf-8")


@cache
def exporter() -> HTMLExporter:
    """The stock exporter, made once a process; code is left out of its pages as of ours."""
    return HTMLExporter(exclude_input=True)


def ours(store: Path, out: Path, reports: Sequence[Asked], jobs: int = JOBS, *, watched: bool = False) -> Lot:
    """Way (c); stops everything when a report is not there, for a failure costs nothing."""
    out.mkdir(parents=True)
    table, log, made = out / "communes.csv", out / "log.txt", out / "reports"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([Asked._fields, *reports])
    command: list[str | Path] = [
        BIN / "pupitre",
        "batch",
        table,
        "--jobs",
        str(jobs),
        "--engine",
        "warm",
        "--data",
        store,
        "--out",
        made,
    ]
    start = time.perf_counter()
    with log.open("w") as told, subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=subprocess.STDOUT) as process:
        memory = list(samples(process)) if watched else []
    whole = time.perf_counter() - start
    attempts = [attempt for attempt in read_ledger(made) if attempt.status == "ok"]
    if process.returncode or len(attempts) != len(reports):
        raise SystemExit(f"{len(attempts)} of {len(reports)} reports, status {process.returncode}\n{log.read_text()}")
    parts = means([attempt.seconds for attempt in attempts])
    return Lot(f"(c) pupitre batch --jobs {jobs}", len(reports), whole, span_s(attempts), parts, memory)


def directly(store: Path, out: Path, reports: Sequence[Asked], warm: Asked) -> Lot:
    """Way (d)."""
    make = partial(one_directly, store)
    whole, span, parts = in_processes(partial(make, out / "warm", warm), partial(make, out), reports)
    return Lot(f"(d) called directly, {JOBS} processes", len(reports), whole, span, means(parts))


def one_directly(store: Path, out: Path, one: Asked) -> dict[str, float]:
    """One report of way (d), and the seconds of its parts."""
    ends = [time.perf_counter()]
    study = load_study(one.code_insee, one.on, str(store))
    summary = study.summary()
    ends.append(time.perf_counter())
    chapters = CHAPTERS[study.diagnostic.situation]
    notebooks = {name: shown(study, name) for name in (*chapters, PUBLIC)}
    ends.append(time.perf_counter())
    folder = out / study.dossier.commune.slug / one.on
    folder.mkdir(parents=True, exist_ok=True)
    for name, html in pages_of(study, notebooks, ROOT).items():
        (folder / name).write_text(html, encoding="utf-8")
    (folder / "resultats.json").write_text(json.dumps(summary, ensure_ascii=False), encoding="utf-8")
    ends.append(time.perf_counter())
    if "20-cap" in chapters:
        write_documents(study, folder)
        write_follow_up(study, folder)
    ends.append(time.perf_counter())
    parts = [end - start for start, end in pairwise(ends)]
    return dict(zip(("study", "notebooks", "page", "documents"), parts, strict=True)) | {"total": ends[-1] - ends[0]}


def shown(study: Study, name: str) -> nbformat.NotebookNode:
    """A notebook whose calls were made here, with what they show."""
    notebook = deepcopy(read(name))
    for cell in notebook.cells:
        if cell.cell_type == "code" and not HIDDEN_TAGS & set(cell.metadata.get("tags", ())):
            markup = call(study, cell.source)
            cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": markup})] if markup else []
    return notebook


@cache
def read(name: str) -> nbformat.NotebookNode:
    """A notebook of the project, read once a process."""
    notebook: nbformat.NotebookNode = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return notebook


def call(study: Study, source: str) -> str:
    """What `show_something(study, …)` shows."""
    asks = ast.parse(source).body[-1]
    if not (isinstance(asks, ast.Expr) and isinstance(asks.value, ast.Call) and isinstance(asks.value.func, ast.Name)):
        raise SystemExit(f"not a call: {source}")
    shows = getattr(show, asks.value.func.id)
    return str(shows(study, *map(ast.literal_eval, asks.value.args[1:])).markup)


def in_processes(
    warm: Callable[[], object], work: Callable[[Asked], Made], reports: Sequence[Asked]
) -> tuple[float, float, list[Made]]:
    """Do some work in processes that first warm up: seconds with their start, without it, and what they made."""
    context = multiprocessing.get_context("spawn")
    start = time.perf_counter()
    ready = context.Barrier(JOBS + 1)
    with context.Pool(JOBS, warm_up, (warm, ready)) as pool:
        ready.wait(START_LIMIT)
        began = time.perf_counter()
        made = pool.map(work, reports, chunksize=1)
        end = time.perf_counter()
    return end - start, end - began, made


def warm_up(warm: Callable[[], object], ready: Barrier) -> None:
    """What a process does before it is counted; the others do not wait for one that failed."""
    try:
        warm()
    except BaseException:
        ready.abort()
        raise
    ready.wait(START_LIMIT)


def samples(process: subprocess.Popen[bytes]) -> Iterator[list[tuple[str, float]]]:
    """Until a process ends, the part and the MB of each of its family; nothing where the system does not tell."""
    while True:
        try:
            process.wait(SAMPLED_EVERY)
        except subprocess.TimeoutExpired:
            yield [(part, pss_mb(pid)) for pid, part in family(process.pid, processes()).items()]
        else:
            return


def family(root: int, known: Mapping[int, tuple[int, str]]) -> dict[int, str]:
    """The part of a process and of all that descend from it, from the parent and the command line of each.

    Forked, a process runs its parent's command: « child », or « grandchild »; started anew, it is a « parent ».
    """
    parts = {root: "batch"}
    while born := [pid for pid, (parent, _) in known.items() if parent in parts and pid not in parts]:
        for pid in born:
            parent, command = known[pid]
            forked = bool(command) and command == known[parent][1]
            parts[pid] = "parent" if not forked else "grandchild" if parts[parent] in CHILDREN else "child"
    return parts


def processes() -> dict[int, tuple[int, str]]:
    """The parent and the command line of each process."""
    pids = [int(name) for name in os.listdir(PROC) if name.isdigit()] if PROC.is_dir() else []
    stats = {pid: told(pid, "stat").rpartition(")")[2].split() for pid in pids}
    return {pid: (int(stat[1]), told(pid, "cmdline")) for pid, stat in stats.items() if stat}


def pss_mb(pid: int) -> float:
    """The memory of a process, what it shares counted once among those who share it (PSS), in millions of bytes."""
    found = re.search(r"^Pss: +(\d+) kB", told(pid, "smaps_rollup"), re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0


def told(pid: int, name: str) -> str:
    """A file of a process; nothing once it has gone."""
    try:
        return (PROC / str(pid) / name).read_text(errors="replace")
    except OSError:
        return ""


def targets(a: Lot, b: Lot, direct: Lot, pair: tuple[Lot, Lot], lots: Sequence[Lot], watched: Lot) -> list[Target]:
    """The figures to reach, of these lots; `pair`: the same reports as `direct`, by one process and by two."""
    one, two = pair
    costs = [lot.marginal_s for lot in lots]
    return [
        Target("(c)/(a), reports per minute, start-up and all", watched.per_minute / a.per_minute, 25, at_least=True),
        Target("(c)/(b), reports per minute, start-up and all", watched.per_minute / b.per_minute, 6, at_least=True),
        Target("(c)/(d), marginal cost of the same reports (wished 1.3)", two.marginal_s / direct.marginal_s, 1.5),
        Target("MB of PSS that a report at work adds, its kernel with it", watched.added_mb, 120),
        Target("dearest marginal cost/cheapest, whatever the count", max(costs) / min(costs), 1.1),
        Target(
            "one process/two, marginal cost of the same reports", one.marginal_s / two.marginal_s, 1.8, at_least=True
        ),
    ]


def measure(store: Path, work: Path, counts: Counts, codes: Sequence[str], last: date) -> list[Target]:
    """Make all reports, each lot told as it ends; then what the lots say together."""
    of = partial(asked, codes, last=last)
    same, spare = of(counts.direct), of(counts.direct + 1)[-1]
    print(f"{'':<45}{'reports':>8}{'whole s':>9}{'a minute':>9}{'s each':>9}{'marginal':>9}", flush=True)
    a = telling(by_command_lines(store, work / "a", of(counts.command_lines)))
    b = telling(by_libraries(store, work / "b", of(counts.libraries)))
    d = telling(directly(store, work / "d", same, spare))
    one, two = (telling(ours(store, work / f"by-{jobs}", same, jobs)) for jobs in (1, JOBS))
    lots = [
        telling(ours(store, work / f"c-{count}", of(count), watched=count == counts.watched)) for count in counts.ours
    ]
    watched = lots[counts.ours.index(counts.watched)]
    for lot in (watched, d):
        parts = "   ".join(f"{name} {seconds:.2f}" for name, seconds in lot.parts.items())
        print(f"mean seconds of a report, {lot.name}: {parts}")
    whole = two.whole_s / d.whole_s
    print(f"(c)/(d) with the start-up of both, {len(same)} reports: {whole:.2f}")
    print(f"pages of (d) equal to those of (c): {equal_pages(work / 'd', work / f'by-{JOBS}' / 'reports', same)}")
    peaks = "   ".join(f"{part} {watched.peak_mb(part):.0f}" for part in ("batch", "parent", *CHILDREN))
    print(f"largest process of each part, MB of PSS: {peaks}   all at once {watched.sum_mb:.0f}")
    return targets(a, b, d, (one, two), lots, watched)


def telling(lot: Lot) -> Lot:
    """The same lot, printed."""
    print(lot, flush=True)
    return lot


def equal_pages(one: Path, other: Path, reports: Sequence[Asked]) -> str:
    """How many of the reports have the same page in two folders."""
    pages = [
        [[*folder.glob(f"{ask.code_insee}-*/{ask.on}/rapport.html")] for folder in (one, other)] for ask in reports
    ]
    equal = sum(mine[0].read_bytes() == theirs[0].read_bytes() for mine, theirs in pages if mine and theirs)
    return f"{equal} of {len(reports)}"


def main() -> None:
    """Print the machine, the lots, and one line per target."""
    began, bulk = time.perf_counter(), ROOT.parent / "shared" / "data" / "bulk"
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    versions = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"{datetime.now():%Y-%m-%d %H:%M}   {platform.platform()}   {os.cpu_count()} processors")
    print(f"Python {platform.python_version()} {versions}   one thread for linear algebra")
    with tempfile.TemporaryDirectory(prefix="pupitre-bench-") as folder:
        store = Path(folder) / "store.sqlite"
        build_store(bulk if bulk.is_dir() else raw_dir(), store)
        with closing(connect(store)) as connection:
            codes = mixed([code for (code,) in connection.execute(WITH_SCHOOLS, [FICTIONAL])])
        where = "département 35" if bulk.is_dir() else "what is shipped (the publishers' files are not here)"
        print(f"{len(codes)} communes with public schools, {where}; beyond that many reports, again one day earlier")
        counts = QUICK if "--quick" in sys.argv else FULL
        found = measure(store, Path(folder), counts, codes, edition_date(ROOT))
    print(*found, f"in all {(time.perf_counter() - began) / 60:.1f} min", sep="\n")


if __name__ == "__main__":
    main()
