"""From executed notebooks to one HTML page.

Belongs: order of chapters, outline, rendering through the `mairie` template. Does not: executing, computing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import count
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from pupitre.data.codes import FICTIONAL, name_key
from pupitre.formats import day, typeset
from pupitre.run.lightening import lighter
from pupitre.show.annexe import show_baremes, show_overrides, show_sources
from pupitre.study import Study

TEMPLATES = Path(__file__).parent.parent / "templates"
HEADING = re.compile(r"^(#{1,2}) (.+)$", re.MULTILINE)
NOTICE = typeset("Exemple fictif : cette commune n'existe pas, ses écoles et ses chiffres sont inventés.")
HIDDEN_TAGS = {"parameters", "injected-parameters", "setup", "atelier"}


def render(study: Study, notebooks: Sequence[NotebookNode]) -> str:
    """The mayor's page: the chapters that have something to say, then the figures and sources that were used."""
    cells = [cell for notebook in [*notebooks, annex(study)] for cell in chapter(notebook)]
    for rank, cell in enumerate(cells):
        cell.id = f"cell-{rank}"  # each notebook numbers its own
    toc = outline(cells)
    commune = study.dossier.commune
    page = {
        "title": typeset(f"Le numérique à l'école : {commune.nom}"),
        "kicker": f"Rapport au maire · {commune.departement_nom} · code INSEE {commune.code_insee}",
        "date": f"Établi sur les données connues au {day(study.dossier.on)}",
        "footer": "Rapport produit avec Pupitre. Montants en euros courants, TTC sauf mention contraire.",
        "toc": toc,
        "notice": NOTICE if commune.code_insee == FICTIONAL else "",
    }
    html, _ = _exporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), resources={"page": page})
    return lighter(str(html))


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(template_name="mairie", extra_template_basedirs=[str(TEMPLATES)])


def chapter(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of a notebook that the page shows: sections with nothing to show are left out, heading and all."""
    sections: list[list[NotebookNode]] = []
    for cell in notebook.cells:
        if HIDDEN_TAGS & set(cell.metadata.get("tags", ())):
            continue
        if cell.cell_type == "markdown" or not sections:
            sections.append([])
        sections[-1].append(cell)
    title = sections[0] if notebook.cells[0].cell_type == "markdown" else []
    kept = [cell for section in sections if section is not title and _says_something(section) for cell in section]
    return title + kept if kept or _says_something(title) else []


def outline(cells: Iterable[NotebookNode]) -> list[dict[str, object]]:
    """The table of contents; each heading goes one level down (the page has the only h1) and takes a unique id."""
    toc: list[dict[str, object]] = []
    used: set[str] = set()

    def heading(match: re.Match[str]) -> str:
        depth, title = len(match[1]), typeset(match[2].strip())
        entry: dict[str, object] = {"id": _new_id(title, used), "title": title, "sections": []}
        siblings = toc if depth == 1 else toc[-1]["sections"]
        siblings.append(entry)  # type: ignore[attr-defined]
        return f'<h{depth + 1} id="{entry["id"]}">{title}</h{depth + 1}>\n'

    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = HEADING.sub(heading, typeset(cell.source))
    return toc


def annex(study: Study) -> NotebookNode:
    """The chapter of figures and sources, as a notebook already executed."""
    cells = [nbformat.v4.new_markdown_cell("# Hypothèses et sources")]
    for piece in (show_overrides(study), show_baremes(study), show_sources(study)):
        output = nbformat.v4.new_output("display_data", data={"text/html": piece.markup})
        cells.append(nbformat.v4.new_code_cell(outputs=[output]))
    return NotebookNode(nbformat.v4.new_notebook(cells=cells))


def _says_something(section: Iterable[NotebookNode]) -> bool:
    return any(
        output.get("data", {}).get("text/html")
        for cell in section
        if cell.cell_type == "code"
        for output in cell.outputs
    )


def _new_id(title: str, used: set[str]) -> str:
    slug = name_key(title.replace("’", "")) or "section"
    free = next(name for rank in count(1) if (name := slug if rank == 1 else f"{slug}-{rank}") not in used)
    used.add(free)
    return free
