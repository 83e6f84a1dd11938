"""The house: rooms, sizes, figures of law, docstrings, and what a light command loads."""

from __future__ import annotations

import ast
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

LIB = Path(__file__).parents[1] / "lib" / "pupitre"
MODULES = sorted(LIB.rglob("*.py"))
HEAVY = ("papermill", "nbconvert", "scipy", "matplotlib")
OPTIONAL = {"weasyprint"}  # an extra: whoever wants no PDF need not install it
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

NOT_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
    tokenize.ENDMARKER,
}  # fmt: skip
MOST_LINES_A_MODULE = 300
MOST_LINES = 12_900

BOUNDS = {"ge", "gt", "le", "lt"}
FREE_NUMBERS = {0, 1, 2, 12, 100, 1000}
STRUCTURAL = {
    ("diagnostic/profile.py", 10),  # nine deciles make ten tenths
    ("funding/plan.py", 0.005),  # half a cent: the tolerance of a sum
}


def module_id(path: Path) -> str:
    """`diagnostic/socle.py`."""
    return path.relative_to(LIB).as_posix()


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def lines_of(path: Path) -> int:
    """How many lines a module has, blank ones included."""
    return len(path.read_text(encoding="utf-8").splitlines())


def code_lines_of(path: Path) -> int:
    """How many lines hold code: blank lines, comments and docstrings, which the house asks for, are not size."""
    kept = {line for token in tokenized(path) if token.type not in NOT_CODE for line in span_of(token)}
    documented = {line for node in ast.walk(parsed(path)) if (text := docstring_of(node)) for line in text}
    return len(kept - documented)


def tokenized(path: Path) -> list[tokenize.TokenInfo]:
    """The tokens of a module."""
    with path.open("rb") as file:
        return list(tokenize.tokenize(file.readline))


def span_of(token: tokenize.TokenInfo) -> range:
    """The lines of a token."""
    return range(token.start[0], token.end[0] + 1)


def docstring_of(node: ast.AST) -> range | None:
    """The lines of the docstring of a module, a class or a function."""
    if not isinstance(node, ast.Module | Defined) or ast.get_docstring(node) is None:
        return None
    text = node.body[0]
    return range(text.lineno, (text.end_lineno or text.lineno) + 1)


def imports_inside_functions(tree: ast.Module) -> list[int]:
    """The lines of the imports that stand inside a function, those of an optional dependency left out."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [node for function in functions for node in ast.walk(function)]
    imports = [node for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]
    return sorted({node.lineno for node in imports if not imported_by(node) <= OPTIONAL})


def imported_by(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The packages that a statement imports from."""
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return {name.partition(".")[0] for name in names}


def numbers_outside_fields(tree: ast.Module) -> Iterator[tuple[int, float]]:
    """Each numeric literal and its line, the bounds of a pydantic `Field(…)` left out; its default is not a bound."""
    bounds = {
        id(inner)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Field"
        for keyword in call.keywords
        if keyword.arg in BOUNDS
        for inner in ast.walk(keyword)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and id(node) not in bounds:
            yield node.lineno, node.value


def public(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, Defined]]:
    """Public classes and functions of a module, and public methods of public classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Defined) and not child.name.startswith("_"):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{child.name}.")


def test_rooms_import_one_way(root: Path) -> None:
    """The contracts of pyproject.toml: data passes through the rooms in one order, without a cycle."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout + found.stderr
    assert "0 broken" in found.stdout
    assert "Contracts: 0 kept" not in found.stdout


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name != "cli"], ids=module_id)
def test_no_import_hides_in_a_function(path: Path) -> None:
    """Only the commands of `cli` import their room when they run."""
    assert imports_inside_functions(parsed(path)) == []


def test_a_hidden_import_would_be_seen() -> None:
    """In a method, in a nested function; not at the top of a module, nor an optional dependency alone."""
    code = (
        "import a\nclass C:\n    def f(self):\n        def g():\n            from b import c\n"
        "        from weasyprint.urls import d\n        import weasyprint, e\n"
    )

    assert imports_inside_functions(ast.parse(code)) == [5, 7]


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_a_module_is_short(path: Path) -> None:
    """300 lines at most."""
    assert lines_of(path) <= MOST_LINES_A_MODULE


def test_the_library_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    """11 900 lines of code at most, in all; the count of each room is printed, and the whole with what documents it."""
    rooms: Counter[str] = Counter()
    for path in MODULES:
        rooms[path.relative_to(LIB).parts[0].removesuffix(".py")] += code_lines_of(path)
    whole = sum(lines_of(path) for path in MODULES)
    with capsys.disabled():
        counts = ", ".join(f"{room} {count}" for room, count in rooms.most_common())
        print(f"\n{counts} = {rooms.total()} lines of code ({whole} with docstrings, comments and blank lines)")

    assert rooms.total() < MOST_LINES


def test_docstrings_comments_and_blank_lines_are_not_size(tmp_path: Path) -> None:
    """Three lines of code here: the assignment on two lines, and the definition with its docstring left out."""
    module = tmp_path / "module.py"
    module.write_text(
        '"""Module."""\n\n# why\nx = (1,\n     2)\ndef f():\n    """Doc\n    string."""\n', encoding="utf-8"
    )

    assert code_lines_of(module) == 3


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.relative_to(LIB).parts[0] in ("diagnostic", "funding")], ids=module_id
)
def test_no_figure_of_law_or_price_stands_in_a_formula(path: Path) -> None:
    """Figures come from `law/`; a formula holds 0, 1, 2, 12 months, 100, 1000 and what is listed above."""
    found = {
        (line, value)
        for line, value in numbers_outside_fields(parsed(path))
        if value not in FREE_NUMBERS and (module_id(path), value) not in STRUCTURAL
    }

    assert found == set()


def test_a_rate_in_a_formula_would_be_seen() -> None:
    """A float, an integer default; neither a bound of Field, nor a truth, nor a text."""
    code = 'x: int = 5\ny = Field(9, ge=3, le=7)\nz = True, "16.404"\nw = ttc * 0.16404\n'

    assert sorted(numbers_outside_fields(ast.parse(code))) == [(1, 5), (2, 9), (4, 0.16404)]


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_each_public_thing_says_what_it_is(path: Path) -> None:
    """Modules, classes, functions and methods have a docstring."""
    tree = parsed(path)
    mute = [name for name, node in public(tree) if not ast.get_docstring(node)]

    assert ast.get_docstring(tree)
    assert mute == []


@pytest.mark.parametrize("command", ["--help", "communes", "baremes"])
def test_a_light_command_loads_no_heavy_library(command: str, store: Path, root: Path) -> None:
    """Neither papermill, nor nbconvert, nor scipy, nor matplotlib."""
    arguments = {"communes": ["communes", "--data", str(store)], "baremes": ["baremes", "--on", "2026-11-22"]}
    code = (
        "import sys\n"
        "from pupitre.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments.get(command, [command])],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    shown, _, loaded = found.stdout.rpartition("LOADED")

    assert shown.strip()
    assert "typer" in loaded.split()
    assert not set(loaded.split()) & set(HEAVY)
