"""From executed notebooks to one HTML page, in the edition of those who read it.

Belongs: order of chapters, outline, cover, rendering through the `mairie` template. Does not: executing, computing.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from pupitre.data.codes import FICTIONAL, name_key
from pupitre.data.project import Consultant
from pupitre.errors import ReportError
from pupitre.formats import day, typeset
from pupitre.run.lightening import lighter
from pupitre.show.annexe import show_baremes, show_overrides, show_sources
from pupitre.show.ecole import school_sections, school_title
from pupitre.show.glossaire import show_glossary
from pupitre.show.html import Html
from pupitre.show.notes import show_note
from pupitre.study import Study
from pupitre.study.editions import is_public

TEMPLATES = Path(__file__).parent.parent / "templates"
HEADING = re.compile(r"^(#{1,2}) (.+)$", re.MULTILINE)
FIGURE = re.compile(r'data-figure="([^"]*)"')
UNSAFE_IN_CSS = re.compile(r"[^\w ]", re.ASCII)
NOTICE = typeset("Exemple fictif : cette commune n'existe pas, ses écoles et ses chiffres sont inventés.")
FOOTER = "Rapport produit avec Pupitre. Montants en euros courants, TTC sauf mention contraire."
HIDDEN_TAGS = {"parameters", "injected-parameters", "setup", "atelier"}
NOBODY = Consultant()


@dataclass(frozen=True)
class Edition:
    """What an edition says of itself, and the pieces of its last chapter."""

    name: str
    annex: Sequence[Callable[[Study], Html]]


EDITIONS = {
    "maire": Edition("Rapport au maire", (show_overrides, show_baremes, show_sources)),
    "public": Edition("Édition pour les habitants", (show_sources,)),
    "ecole": Edition("Page de l'école", ()),
}


def render(
    study: Study,
    notebooks: Sequence[NotebookNode],
    edition: str = "maire",
    consultant: Consultant = NOBODY,
    notes: Mapping[str, str] | None = None,
) -> str:
    """The page of an edition: the chapters that have something to say, then the figures and sources that were used.

    `notes`: what the consultant writes of a chapter, by its title. Raises ReportError rather than print to the
    inhabitants a figure that is not for them.
    """
    said = notes or {}
    cells = [cell for notebook in notebooks for cell in chapter(notebook, said.get(title_of(notebook), ""))]
    annex = [piece(study) for piece in EDITIONS[edition].annex]
    cells += sections([("# Hypothèses et sources" if len(annex) > 1 else "# Sources", annex)])
    html = _written(study, cells, edition, f"Le numérique à l'école : {study.dossier.commune.nom}", consultant)
    if edition == "public" and (private := [name for name in FIGURE.findall(html) if not is_public(name)]):
        raise ReportError(f"L'édition des habitants ne peut pas montrer « {private[0]} ».")
    return lighter(html)


def render_school(study: Study, uai: str, consultant: Consultant = NOBODY) -> str:
    """The page of a school of the programme, for those who work there."""
    cells = sections(school_sections(study, uai))
    return lighter(_written(study, cells, "ecole", school_title(study, uai), consultant))


def _written(study: Study, cells: list[NotebookNode], edition: str, title: str, consultant: Consultant) -> str:
    """Cells as a page, under its cover, with its glossary."""
    cells = [*cells, *sections([("# Glossaire", [show_glossary(_words(cells))])])]
    for rank, cell in enumerate(cells):
        cell.id = f"cell-{rank}"  # each notebook numbers its own
    commune, by = study.dossier.commune, [part for part in (consultant.nom, consultant.societe) if part]
    name = typeset(EDITIONS[edition].name)
    page = {
        "title": typeset(title),
        "kicker": f"{name} · {typeset(commune.nom)} ({commune.departement_nom}) · code INSEE {commune.code_insee}",
        "date": f"Établi sur les données connues au {day(study.dossier.on)}",
        "by": typeset(f", par {', '.join(by)}") if by else "",
        "logo": _data_uri(consultant),
        "logo_text": f"Logo de {consultant.societe or consultant.nom or 'l’auteur'}",
        "running": _css_text(typeset(title)),
        "running_edition": _css_text(name),
        "footer": FOOTER,
        "toc": outline(cells),
        "notice": NOTICE if commune.code_insee == FICTIONAL else "",
    }
    html, _ = _exporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells), resources={"page": page})
    return str(html)


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(template_name="mairie", extra_template_basedirs=[str(TEMPLATES)])


def chapter(notebook: NotebookNode, note: str = "") -> list[NotebookNode]:
    """The cells of a notebook that the page shows: sections with nothing to show are left out, heading and all.

    `note`: what the consultant writes of the chapter, which comes first.
    """
    parts: list[list[NotebookNode]] = []
    for cell in notebook.cells:
        if HIDDEN_TAGS & set(cell.metadata.get("tags", ())):
            continue
        if cell.cell_type == "markdown" or not parts:
            parts.append([])
        parts[-1].append(cell)
    title = parts[0] if notebook.cells[0].cell_type == "markdown" else []
    said = sections([("## Avis du consultant", [show_note(note)])])
    kept = [cell for part in parts if part is not title and _says_something(part) for cell in part]
    return [*title, *said, *kept] if said or kept or _says_something(title) else []


def title_of(notebook: NotebookNode) -> str:
    """The title of a chapter: the first heading of its notebook, empty when it has none."""
    found = HEADING.search(notebook.cells[0].source) if notebook.cells else None
    return found[2].strip() if found else ""


def sections(told: Iterable[tuple[str, Sequence[Html]]]) -> list[NotebookNode]:
    """Headings, each with its pieces, as the cells of an executed notebook; a heading without a piece is left out."""
    cells = []
    for heading, pieces in told:
        if markup := "".join(piece.markup for piece in pieces):
            output = nbformat.v4.new_output("display_data", data={"text/html": markup})
            cells += [nbformat.v4.new_markdown_cell(heading)] if heading else []
            cells += [nbformat.v4.new_code_cell(outputs=[output])]
    return cells


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


def _says_something(section: Iterable[NotebookNode]) -> bool:
    return any(_markup(cell) for cell in section)


def _markup(cell: NotebookNode) -> str:
    """What a cell shows as HTML."""
    return "".join(output.get("data", {}).get("text/html", "") for output in cell.get("outputs", ()))


def _words(cells: Iterable[NotebookNode]) -> str:
    """What cells say, without markup."""
    return re.sub(r"<[^>]*>", " ", " ".join(_markup(cell) or cell.source for cell in cells))


def _data_uri(consultant: Consultant) -> str:
    return f"data:{consultant.logo_type};base64,{b64encode(consultant.logo).decode()}" if consultant.logo else ""


def _css_text(text: str) -> str:
    """A text between quotes in a style sheet, whatever it holds.

    >>> _css_text('L"île</style>')
    'L\\\\22 \\\\ee le\\\\3c \\\\2f style\\\\3e '
    """
    return UNSAFE_IN_CSS.sub(lambda one: f"\\{ord(one[0]):x} ", text)


def _new_id(title: str, used: set[str]) -> str:
    slug = name_key(title.replace("’", "")) or "section"
    free = next(name for rank in count(1) if (name := slug if rank == 1 else f"{slug}-{rank}") not in used)
    used.add(free)
    return free
