from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from pupitre.errors import KernelDied, ReportError, UnknownCommune
from pupitre.run.inputs import Order
from pupitre.run.report import build_report, kernel_channels
from pupitre.study import load_study

if TYPE_CHECKING:
    Report = Any

COMMAND = "import sys; from pupitre.cli import main; sys.argv[0] = 'pupitre'; main()"
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "LANGUAGE": "C", "PYTHONHASHSEED": "7"}


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones too, with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def broken_copy(root: Path, folder: Path, name: str, source: str) -> Path:
    """A root whose notebooks are the project's, but for one that stops."""
    shutil.copytree(root / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (folder / "lib").mkdir()  # what makes it a project
    path = folder / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)
    return folder


def test_a_report_directory_holds_its_files(mirepoix: Report) -> None:
    """Pages, results, record, notebooks as they were executed, documents, in a folder named by code, name and date."""
    assert mirepoix.folder.parts[-2:] == ("09194-mirepoix", "2026-11-22")
    assert sorted(path.name for path in mirepoix.folder.iterdir()) == [
        "05-synthese.ipynb",
        "10-diagnostic.ipynb",
        "20-cap.ipynb",
        "30-financement.ipynb",
        "40-evaluation.ipynb",
        "50-charte.ipynb",
        "60-questions.ipynb",
        "70-public.ipynb",
        "document-de-deploiement.docx",
        "ecole-0090312R.html",
        "ecole-0090313S.html",
        "lettre-commune.docx",
        "plan-d-orientation.docx",
        "public.html",
        "rapport.html",
        "resultats.json",
        "run.json",
    ]


def test_nothing_lies_beside_a_report(mirepoix: Report) -> None:
    """No temporary folder, no former one."""
    assert [path.name for path in mirepoix.folder.parent.iterdir()] == ["2026-11-22"]


def test_a_report_can_be_read_by_others(mirepoix: Report) -> None:
    """A temporary folder is private; the report is not."""
    assert mirepoix.folder.stat().st_mode & 0o777 == 0o755


def test_only_the_chapters_that_apply_are_run(report_of: Callable[[str], Report]) -> None:
    """No school: the first page. Schools not known: the diagnostic too. The inhabitants' edition always."""
    names = {code: sorted(path.stem for path in report_of(code).folder.glob("*.ipynb")) for code in ("35999", "32258")}

    assert names == {
        "35999": ["05-synthese", "70-public"],
        "32258": ["05-synthese", "10-diagnostic", "70-public"],
    }
    assert not [*report_of("35999").folder.glob("*.docx"), *report_of("32258").folder.glob("*.docx")]


def test_executed_notebooks_hold_their_outputs_and_no_error(mirepoix: Report) -> None:
    """Each cell ran, in order, and the parameters injected are those of the report, the code as text."""
    for path in mirepoix.folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]

        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        assert not [output for cell in code for output in cell.outputs if output.output_type in ("error", "stream")]
        assert notebook.metadata.papermill.parameters.code_insee == "09194"
        assert 'code_insee = "09194"' in code[1].source


def test_results_are_the_figures_of_the_study(mirepoix: Report, on: date) -> None:
    """Whole, in the order of reading, computed again here."""
    study = load_study("09194", on.isoformat(), str(mirepoix.store))

    assert list(mirepoix.results.items()) == list(study.summary().items())


def test_the_same_inputs_give_the_same_bytes(mirepoix: Report, root: Path, tmp_path: Path, on: date) -> None:
    """From a copy of the project in another folder, into another `out`, in another time zone and another language."""
    copy = tmp_path / "un autre dossier"
    for name in ("lib", "notebooks"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    shutil.copy(mirepoix.store, copy / "base.sqlite")
    environment = {**os.environ, **ELSEWHERE, "PYTHONPATH": str(copy / "lib")}
    arguments = ["report", "09194", "--on", on.isoformat(), "--data", "base.sqlite", "--out", "sortie"]

    subprocess.run([sys.executable, "-c", COMMAND, *arguments], cwd=copy, env=environment, check=True, timeout=300)
    folder = copy / "sortie" / "09194-mirepoix" / "2026-11-22"

    for name in ("rapport.html", "resultats.json"):
        assert (folder / name).read_bytes() == (mirepoix.folder / name).read_bytes(), name


def test_two_reports_at_once_do_not_meet(invented_store: Path, root: Path, tmp_path: Path) -> None:
    """Started together from the same folder, each talks to its own kernel."""
    command = [sys.executable, "-c", COMMAND, "report", "35999", "--on", "2026-11-22", "--data", str(invented_store)]
    both = [
        subprocess.Popen([*command, "--out", str(tmp_path / name)], cwd=root, stdout=subprocess.DEVNULL)
        for name in ("a", "b")
    ]

    assert [process.wait(timeout=300) for process in both] == [0, 0]
    assert files(tmp_path / "a").keys() == files(tmp_path / "b").keys()


def test_the_record_holds_inputs_parameters_versions_and_figures(mirepoix: Report, root: Path) -> None:
    """Each digest is that of the file as it stands; each figure read is one that the page shows."""
    record = mirepoix.run
    sources = {source["file"]: source["sha256"] for source in record["sources"]}
    notebooks = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in root.glob("notebooks/*.ipynb")}

    assert (record["code_insee"], record["on"], record["assumptions"]) == ("09194", "2026-11-22", {})
    assert {"communes_cog2026.csv.gz", "ecoles_rentree2024.csv", "niveau_vie_2021.csv"} <= set(sources)
    for name, digest in sources.items():
        assert hashlib.sha256((root / "data" / "raw" / name).read_bytes()).hexdigest() == digest, name
    assert record["notebooks"] == notebooks
    assert record["versions"]["python"] == platform.python_version()
    for library in ("pupitre", "papermill", "nbconvert", "pandas", "matplotlib"):
        assert record["versions"][library] == version(library)


def test_the_annex_lists_every_figure_read_and_no_other(report: Report) -> None:
    """The record, the results and the table of the page agree."""
    read = set(report.run["figures_read"])
    named = {name.split(".")[1] for name in report.results if name.startswith("law.")}
    rows = [
        table.select("tbody tr:has(td)")
        for table in report.soup().find_all("table")
        if "Barèmes" in table.caption.get_text()
    ]

    assert read == named
    assert sum(map(len, rows)) == len(read)
    for name, value in report.run["figures_read"].items():
        assert report.results[f"law.{name}.value"] == value


def test_the_record_keeps_what_the_consultant_changed(
    invented_store: Path, root: Path, on: date, tmp_path: Path
) -> None:
    """And the kernels receive it."""
    changed = {"loan_share": 0.5}
    made = build_report(Order("35999", on.isoformat(), str(invented_store), str(tmp_path), str(root), changed))
    folder = Path(made.folder)

    assert json.loads((folder / "run.json").read_text())["assumptions"] == changed
    assert '{"loan_share": 0.5}' in nbformat.read(folder / "05-synthese.ipynb", as_version=4).cells[2].source
    assert "loan_share" in json.dumps(json.loads((folder / "resultats.json").read_text()))


@pytest.mark.parametrize("name", ["05-synthese", "10-diagnostic"])
def test_a_notebook_that_fails_leaves_the_former_report(
    name: str, store: Path, root: Path, on: date, tmp_path: Path
) -> None:
    """First or second chapter: the former files as they were, nothing beside them, and the cell is named.

    The notebook that stopped is kept elsewhere, for who must mend it.
    """
    broken = broken_copy(root, tmp_path / "root", name, "1 / 0")
    former = tmp_path / "out" / "32258-mirepoix" / "2026-11-22" / "rapport.html"
    former.parent.mkdir(parents=True)
    former.write_text("former")

    with pytest.raises(ReportError, match=rf"{name}\.ipynb.*ZeroDivisionError") as told:
        build_report(Order("32258", on.isoformat(), str(store), str(tmp_path / "out"), str(broken)))

    assert "\n" not in str(told.value)
    kept = files(tmp_path / "out")
    assert b"ZeroDivisionError" in kept.pop("echecs/32258-mirepoix-2026-11-22.ipynb")
    assert kept == {"32258-mirepoix/2026-11-22/rapport.html": b"former"}
    assert [path.name for path in former.parent.parent.iterdir()] == ["2026-11-22"]


@pytest.mark.parametrize("engine", ["warm", "nbclient"])
def test_a_kernel_that_dies_is_a_failed_report(
    engine: str, invented_store: Path, root: Path, on: date, tmp_path: Path
) -> None:
    """Not a traceback; no report is left, and with our engine the notebook, whose fatal cell failed."""
    broken = broken_copy(root, tmp_path / "root", "05-synthese", "import os; os._exit(9)")
    order = Order("35999", on.isoformat(), str(invented_store), str(tmp_path / "out"), str(broken), engine=engine)

    with pytest.raises(KernelDied, match="05-synthese"):
        build_report(order)

    kept = files(tmp_path / "out")
    assert [*kept] == (["echecs/35999-sans-ecole-2026-11-22.ipynb"] if engine == "warm" else [])
    for content in kept.values():
        statuses = [cell.metadata.papermill.status for cell in nbformat.reads(content.decode(), as_version=4).cells]
        assert statuses[-1] == "failed"
        assert {*statuses[:-1]} == {"completed"}


def test_a_notebook_that_leaves_before_its_end_is_a_failed_report(
    invented_store: Path, root: Path, on: date, tmp_path: Path
) -> None:
    """Papermill takes it for a success: a truncated report must not look whole."""
    broken = broken_copy(root, tmp_path / "root", "05-synthese", "import sys; sys.exit()")

    with pytest.raises(ReportError, match="avant sa fin"):
        build_report(Order("35999", on.isoformat(), str(invented_store), str(tmp_path / "out"), str(broken)))

    assert not [name for name in files(tmp_path / "out") if name.endswith("rapport.html")]


def test_a_notebook_that_asks_to_leave_goes_on_to_its_end(
    invented_store: Path, root: Path, on: date, tmp_path: Path
) -> None:
    """A kernel ignores `exit()`, and so do we: the report is whole."""
    asking = broken_copy(root, tmp_path / "root", "05-synthese", "exit()")

    made = build_report(Order("35999", on.isoformat(), str(invented_store), str(tmp_path / "out"), str(asking)))

    assert "rapport.html" in made.outputs


def test_a_missing_notebook_is_a_failed_report(invented_store: Path, on: date, tmp_path: Path) -> None:
    """The file is named."""
    (tmp_path / "root" / "notebooks").mkdir(parents=True)

    with pytest.raises((ReportError, OSError), match="05-synthese"):
        build_report(Order("35999", on.isoformat(), str(invented_store), str(tmp_path / "out"), str(tmp_path / "root")))

    assert files(tmp_path / "out") == {}


def test_a_wrong_code_writes_nothing(store: Path, root: Path, on: date, tmp_path: Path) -> None:
    """Not even the folder."""
    with pytest.raises(UnknownCommune):
        build_report(Order("99999", on.isoformat(), str(store), str(tmp_path / "out"), str(root)))

    assert not (tmp_path / "out").exists()


def test_a_very_long_temporary_folder_is_no_trouble() -> None:
    """A socket's path is short; beyond, TCP."""
    assert kernel_channels(Path("short"))["KernelManager"]["transport"] == "ipc"
    assert not kernel_channels(Path("/" + "x" * 120))
