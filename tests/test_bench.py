"""What `bench/batch.py` concludes from its measures: samples of one mix, costs, who forks whom, aims."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from pupitre.data.project import project_root
from pupitre.run.ledger import Attempt

DAY = date(2026, 3, 1)
CODES = [f"{size:05}" for size in range(230)]  # a code here tells the rank by size


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The script, as a module."""
    path = project_root() / "bench" / "batch.py"
    spec = importlib.util.spec_from_file_location("bench_batch", path)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def attempt(began: str, seconds: float) -> Attempt:
    """A report that began and lasted."""
    return Attempt("35001", "2026-03-01", "", "", "ok", "", began, {"total": seconds}, 0, {})


def lot(bench: ModuleType, reports: int, whole_s: float, span_s: float, memory: Sequence[object] = ()) -> Any:
    """A lot of so many reports."""
    return bench.Lot("", reports, whole_s, span_s, memory=memory)


def test_every_block_of_ten_has_one_commune_of_each_tenth(bench: ModuleType) -> None:
    """230 communes make 23 blocks, in which each stands once: ten reports compare with a hundred."""
    mixed = bench.mixed(CODES)
    assert sorted(mixed) == CODES
    for start in range(0, 230, 10):
        assert sorted(int(code) // 23 for code in mixed[start : start + 10]) == [*range(10)]


def test_the_first_communes_are_balanced_two_by_two(bench: ModuleType) -> None:
    """A small and a large one: tenths 2 and 7, 3 and 6… so that two or six reports compare with a hundred."""
    tenths = [int(code) // 23 for code in bench.mixed(CODES)]
    assert {small + large for small, large in zip(tenths[::2], tenths[1::2], strict=True)} == {9}


@pytest.mark.parametrize("count", [1, 2, 7, 9, 10])
def test_few_communes_make_one_block_of_all(bench: ModuleType, count: int) -> None:
    """Fewer than ten tenths, each of one commune."""
    assert sorted(bench.mixed(CODES[:count])) == CODES[:count]


def test_once_all_are_taken_they_are_asked_again_one_day_earlier(bench: ModuleType) -> None:
    """No report twice: its commune or its date differs. Five of two communes: three on two days, 1 March and before."""
    found = bench.asked(["b", "a"], 5, DAY)
    assert [tuple(one) for one in found] == [
        ("b", "2026-03-01"), ("a", "2026-03-01"), ("b", "2026-02-28"), ("a", "2026-02-28"), ("b", "2026-02-27"),
    ]  # fmt: skip


def test_the_span_goes_from_the_first_beginning_to_the_last_end(bench: ModuleType) -> None:
    """0 s to 4 s, 2.5 s to 9.5 s, 3 s to 5 s: 9.5 s, though they add up to 13 s."""
    told = [("2026-03-01T10:00:02.500+00:00", 7.0), ("2026-03-01T10:00:00+00:00", 4.0), ("2026-03-01T10:00:03Z", 2.0)]
    assert bench.span_s([attempt(*one) for one in told]) == pytest.approx(9.5)


def test_costs_with_and_without_the_start(bench: ModuleType) -> None:
    """10 reports in 20 s are 30 a minute; without the 5 s of start-up, 1.5 s each."""
    made = lot(bench, 10, 20, 15)
    assert (made.per_minute, made.marginal_s) == (30, 1.5)


def test_who_forks_who_was_forked_who_was_started(bench: ModuleType) -> None:
    """The batch (1) starts the warm process (2) and a tool (6); 2 forks 3, which forks 4 and starts a shell (7)."""
    known = {
        0: (0, "init"), 1: (0, "batch"), 2: (1, "warm"), 3: (2, "warm"), 4: (3, "warm"), 5: (0, "batch"),
        6: (1, "tool"), 7: (3, "shell"),
    }  # fmt: skip
    parts = {1: "batch", 2: "parent", 3: "child", 4: "grandchild", 6: "parent", 7: "parent"}
    assert bench.family(1, known) == parts


def test_a_dead_process_has_no_family_nor_memory(bench: ModuleType) -> None:
    """It may end between two looks."""
    assert bench.family(1, {}) == {1: "batch"}
    assert bench.pss_mb(-1) == 0


def test_memory_is_the_largest_of_a_part_and_the_largest_sum(bench: ModuleType) -> None:
    """The parent alone has 250 MB; at the fullest, 150 + 80 + 60 + 70 + 90 = 450: two reports add 100 each."""
    full = [("batch", 60), ("parent", 150), ("child", 80), ("child", 60), ("grandchild", 70), ("grandchild", 90)]
    samples = [[("batch", 60)], [("batch", 70), ("parent", 250)], [("batch", 60), ("parent", 170), ("child", 95)], full]
    made = lot(bench, 1, 1, 1, samples)
    assert [made.peak_mb(part) for part in ("batch", "parent", "child", "grandchild")] == [70, 250, 95, 90]
    assert (made.sum_mb, made.added_mb) == (510, 100)


def test_each_target_divides_what_it_names(bench: ModuleType) -> None:
    """The arithmetic of each stands beside it."""
    a, b, direct = lot(bench, 2, 60, 60), lot(bench, 6, 60, 60), lot(bench, 20, 30, 20)
    one, two = lot(bench, 20, 60, 50), lot(bench, 20, 40, 25)
    watched = lot(bench, 100, 120, 110, [[("parent", 300)], [("parent", 200), ("child", 342)]])
    lots = [lot(bench, 10, 30, 12), watched, lot(bench, 300, 350, 345)]
    found = bench.targets(a, b, direct, (one, two), lots, watched)
    assert [(round(target.measured, 4), target.met) for target in found] == [
        (25, True),  # 50 a minute / 2 a minute
        (8.3333, True),  # 50 / 6
        (1.25, True),  # 25 s / 20 s
        (121, False),  # MB: (542 - 300) / 2, 120 at most
        (1.0909, True),  # 1.2 s / 1.1 s, 1.15 s between
        (2, True),  # 50 s / 25 s
    ]


def test_what_was_not_measured_is_not_met(bench: ModuleType) -> None:
    """Where the system does not tell the memory of a process."""
    assert not bench.Target("", lot(bench, 1, 1, 1).added_mb, 120).met
