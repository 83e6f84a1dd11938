from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from papermill.inspection import inspect_notebook
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHAPTERS = [
    "05-synthese", "10-diagnostic", "20-cap", "30-financement", "40-evaluation", "50-charte", "60-questions",
    "70-public",
]  # fmt: skip
KINDS = {"code_insee": "str", "on": "str", "data": "str", "assumptions": "dict", "workbook": "str"}
TAGS = {"parameters", "setup", "atelier"}

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def cells(path: Path, kind: str = "", tag: str = "") -> list[NotebookNode]:
    """The cells of a notebook, of one kind, with one tag."""
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if kind in ("", cell.cell_type) and (not tag or tag in tags(cell))]


def test_the_chapters_are_there(path: Path) -> None:
    """Those that a report assembles, and no notebook that no test knows."""
    assert [found.stem for found in PATHS if found.stem in CHAPTERS] == CHAPTERS
    assert path.stem[:2].isdigit()


def test_a_notebook_is_valid_and_stripped(path: Path) -> None:
    """No output, no count, no widget state, a plain Python kernel."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)

    for cell in cells(path, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert {tag for cell in notebook.cells for tag in tags(cell)} <= TAGS
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


def test_a_notebook_opens_with_title_parameters_and_setup(path: Path) -> None:
    """One of each, in that order; nothing after them is tagged so. A notebook is a chapter, but for a whole edition."""
    first, second, third, *rest = cells(path)

    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert (tags(second), tags(third)) == (["parameters"], ["setup"])
    assert not [cell for cell in rest if {"parameters", "setup"} & set(tags(cell))]
    titles = [cell for cell in rest if cell.cell_type == "markdown" and cell.source.startswith("# ")]
    assert bool(titles) == (path.stem == "70-public")


def test_parameters_are_typed_and_explained(path: Path) -> None:
    """A name, a type, a default of that type and a French comment on each line; the same in every notebook."""
    [cell] = cells(path, "code", "parameters")
    module = ast.parse(cell.source)
    comments = [token for token in tokenize.generate_tokens(io.StringIO(cell.source).readline) if token.type == 61]
    kinds = {node.target.id: ast.unparse(node.annotation) for node in module.body}  # type: ignore[attr-defined]

    assert kinds == KINDS
    for node in module.body:
        assert isinstance(node, ast.AnnAssign)
        assert type(ast.literal_eval(node.value or ast.Constant(None))).__name__ == ast.unparse(node.annotation)
    lines = cell.source.splitlines()
    assert len(lines) == len(module.body)
    assert all(" # " in line and len(line.split(" # ")[1]) > 15 for line in lines), comments


def test_papermill_reads_the_parameters_and_their_help(path: Path) -> None:
    """`papermill --help-notebook` shows them."""
    inferred = inspect_notebook(str(path))

    assert {name: parameter["inferred_type_name"] for name, parameter in inferred.items()} == KINDS
    assert inferred["code_insee"]["default"].strip("\"'") == "09194"
    assert all(parameter["help"] for parameter in inferred.values())


def test_the_date_of_the_edition_stands_in_no_notebook(path: Path) -> None:
    """It is in pupitre.toml; a code is text."""
    defaults = {name: parameter["default"] for name, parameter in inspect_notebook(str(path)).items()}

    assert defaults["on"] in ('""', "''")
    assert defaults["data"] in ('""', "''")
    assert "202" not in "".join(cell.source for cell in cells(path, "code"))


def test_code_is_thin(path: Path) -> None:
    """At most 8 lines; besides setup, calls alone: no definition, loop, condition, import or computing."""
    for cell in cells(path, "code"):
        lines = [line for line in cell.source.splitlines() if line.strip()]

        assert 1 <= len(lines) <= 8
        if not TAGS & set(tags(cell)):
            module = ast.parse(cell.source)
            assert len(module.body) == 1
            assert isinstance(module.body[0], ast.Expr)
            assert isinstance(module.body[0].value, ast.Call)
            forbidden = (ast.Lambda, ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.BinOp, ast.Compare)
            assert not [node for node in ast.walk(module) if isinstance(node, forbidden)]


def test_setup_imports_the_library_and_loads_the_study(path: Path) -> None:
    """Nothing but Pupitre is imported, and each import is used."""
    [cell] = cells(path, "code", "setup")
    module = ast.parse(cell.source)
    imports = [node for node in module.body if isinstance(node, ast.ImportFrom)]
    used = {
        node.id
        for other in cells(path, "code")
        for node in ast.walk(ast.parse(other.source))
        if isinstance(node, ast.Name)
    }

    assert not [node for node in ast.walk(module) if isinstance(node, ast.Import | ast.FunctionDef | ast.For | ast.If)]
    assert imports
    assert all(str(node.module).split(".")[0] == "pupitre" for node in imports)
    assert {alias.name for node in imports for alias in node.names} <= used


def test_prose_and_calls_alternate(path: Path) -> None:
    """After setup, a paragraph introduces each call, and each paragraph leads to one."""
    kinds = [cell.cell_type for cell in cells(path)[3:]]

    assert kinds == ["markdown", "code"] * (len(kinds) // 2)


def test_an_injected_code_stays_text(path: Path) -> None:
    """As the library gives it to papermill, leading zero and Corsican letter kept."""
    for code in ("01004", "2A004"):
        notebook = parameterize_notebook(load_notebook_node(str(path)), {"code_insee": code})
        injected = next(cell for cell in notebook.cells if "injected-parameters" in tags(cell))

        assert f'code_insee = "{code}"' in injected.source


def shown_by(path: Path, code: str) -> dict[str, str]:
    """What each call of a notebook shows for a commune, run as JupyterLab does, from its own folder."""
    if not (ROOT / "data" / "processed" / "pupitre.sqlite").is_file():
        pytest.fail("build the store first: make test does")
    notebook = parameterize_notebook(load_notebook_node(str(path)), {"code_insee": code})
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    return {
        cell.source.removesuffix("(study)"): output.data.get("text/html", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    }


FROM_A_WORKBOOK = {
    "show_coverage", "show_ages", "show_lines", "show_usages", "show_upkeep", "show_gaps", "show_ecosystem",
    "show_steps", "show_years", "show_maturity", "show_cap", "show_before_vote", "show_voices", "show_objectives",
    "show_orientation", "show_governance", "show_calendar", "show_indicators", "show_priorities", "show_vote",
    "show_measured", "show_evaluation", "show_planned", "show_participation", 'show_perimeter(study, "mairie")',
    'show_perimeter(study, "inspection")', 'show_perimeter(study, "satisfaction")', "show_quotations", "show_returns",
    "show_footprint", "show_limits", "show_public_objectives", "show_public_opinions",
}  # fmt: skip


def test_a_notebook_runs_with_its_defaults(path: Path) -> None:
    """Each call shows a piece of page, but for what only a workbook, a spending given up or savings can tell."""
    shown = shown_by(path, "09194")

    assert {name for name, html in shown.items() if not html} <= FROM_A_WORKBOOK | {"show_effort", "show_debt"}
    assert not FROM_A_WORKBOOK & {name for name, html in shown.items() if html}
    assert any("data-figure" in html for html in shown.values()) or path.stem in ("20-cap", "40-evaluation")


def test_a_notebook_shows_what_a_workbook_tells(path: Path) -> None:
    """Bourg-Exemple: all of it; its département does not exist, so that no other school's index stands beside."""
    assert {name for name, html in shown_by(path, "00001").items() if not html} <= {
        "show_ips",
        "show_effort",
        "show_to_fill",
    }


STOCK = {
    "05-synthese": ("01004", "Ambérieu-en-Bugey"),
    "10-diagnostic": ("09220", "École primaire (0090345B)"),
    "20-cap": ("13028", "<strong>Concertation</strong>"),
    "40-evaluation": ("00001", 'data-figure="follow.1.target"'),
}


def test_stock_papermill_runs_a_notebook_from_the_shell(path: Path, store: Path, tmp_path: Path) -> None:
    """`papermill notebook out.ipynb -r code_insee …` with codes that another reading would destroy."""
    code, shown = STOCK.get(path.stem, ("13028", "data-figure"))
    command = [sys.executable, "-W", "ignore", "-m", "papermill", str(path), str(tmp_path / "out.ipynb")]
    command += ["-r", "code_insee", code, "-r", "data", str(store), "--no-progress-bar"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr[-2000:]
    notebook = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    html = "".join(
        output.data.get("text/html", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type != "stream"
    )
    assert notebook.metadata.papermill.parameters.code_insee == code
    assert shown in html
