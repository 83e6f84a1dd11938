from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from pupitre.cli import app

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def readme() -> str:
    """The README."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def snippets(readme: str) -> list[str]:
    """Every command in a block or between back quotes, without prompt and comment."""
    blocks = re.findall(r"```\w*\n(.*?)```", readme, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", readme, flags=re.DOTALL))
    return [re.sub(r"^\$ |\s+#.*$", "", line.strip()) for line in (*lines, *inline)]


def commands(readme: str, program: str) -> list[list[str]]:
    """The arguments of each call of a program."""
    calls = [re.sub(r"^(\.venv/bin/)", "", line) for line in snippets(readme)]
    return [shlex.split(line)[1:] for line in calls if re.match(rf"{program}( |$)", line)]


def test_the_readme_opens_on_the_two_commands(readme: str) -> None:
    """Reports first, tests next."""
    first = readme.index("make reports")

    assert readme.startswith("# Pupitre")
    assert first < readme.index("make test")


def test_every_make_target_of_the_readme_exists(readme: str) -> None:
    """By its name in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {argument for call in commands(readme, "make") for argument in call if "=" not in argument}

    assert {"reports", "test"} <= named
    for target in named:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def test_every_command_and_option_of_the_readme_exists(readme: str) -> None:
    """As the command line knows them today, not as the architecture promises them."""
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    calls = commands(readme, "pupitre")

    assert calls
    for call in calls:
        words = [word for word in call if not word.startswith("-")]
        assert not words or words[0] in known, call
        options = {option for param in known[words[0]].params for option in param.opts} if words else set()
        for word in call:
            if word.startswith("--"):
                assert word.partition("=")[0] in options | {"--help", "--debug"}, call


def test_every_file_of_the_readme_exists(readme: str) -> None:
    """Links and pictures inside the project; what a command makes is no link."""
    links = re.findall(r"\]\(([^)\s]+)\)", readme)
    inside = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]

    assert inside
    for link in inside:
        assert (ROOT / link).exists(), link


def test_the_readme_shows_a_report(readme: str) -> None:
    """One picture, with words for who cannot see it."""
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", readme)

    assert pictures
    assert all(len(words) > 10 for words, _ in pictures)
    assert all((ROOT / path).stat().st_size < 600_000 for _, path in pictures)


def test_the_readme_says_that_conda_was_not_run(readme: str) -> None:
    """environment.yml is held to pyproject.toml by a test, but no conda has installed it."""
    assert "environment.yml" in readme
    assert "conda" in readme
