"""The page that tells how to add a way to pay: its own text is enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path


def test_the_scenario_of_the_docs_appears_in_the_report(root: Path, store: Path, tmp_path: Path) -> None:
    """One TOML, one file, one line in the registry, taken from `docs/scenarios.md`: the mayor reads it."""
    page = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    figures, scenario, line = re.findall(r"```(?:toml|python)\n(.*?)```", page, flags=re.DOTALL)
    library = tmp_path / "lib"
    shutil.copytree(root / "lib" / "pupitre", library / "pupitre", ignore=shutil.ignore_patterns("__pycache__"))
    scenarios = library / "pupitre" / "funding" / "scenarios"
    (library / "pupitre" / "law" / "caisse.toml").write_text(figures, encoding="utf-8")
    (scenarios / "caisse.py").write_text(scenario, encoding="utf-8")
    with (scenarios / "__init__.py").open("a", encoding="utf-8") as registry:
        registry.write(f"\n{line}")

    command = "import sys; from pupitre.cli import main; main()"
    made = subprocess.run(
        [sys.executable, "-c", command, "report", "09220", "--on", "2026-11-22", "--data", store, "--out", tmp_path],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert made.returncode == 0, made.stderr
    [report] = tmp_path.glob("09220-*/*/rapport.html")
    text = report.read_text(encoding="utf-8")
    assert "Achat avec la caisse des écoles" in text
    assert "La caisse des écoles" in text  # the payer, in the year-by-year table
    assert "<tr data-of=plan.caisse.*>" in text
