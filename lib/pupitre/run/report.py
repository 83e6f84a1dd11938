"""One report: notebooks run by papermill, page, results and record, in a directory that appears whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

import pupitre.study
from pupitre.data.notes import find_notes, read_notes
from pupitre.data.project import load_consultant
from pupitre.errors import KernelDied, PupitreError, ReportError
from pupitre.run.documents import write_documents
from pupitre.run.inputs import Order, digest, versions
from pupitre.run.page import render, render_school, title_of
from pupitre.run.pdf import as_pdf
from pupitre.run.place import stopped_notebook, whole_directory
from pupitre.run.suivi import write_follow_up
from pupitre.show.ecole import schools_with_page
from pupitre.study import Study, load_study

CHAPTERS = {
    "schools": (
        "05-synthese", "10-diagnostic", "20-cap", "30-financement", "40-evaluation", "50-charte", "60-questions",
    ),
    "no_public_school": ("05-synthese", "10-diagnostic", "30-financement"),
    "schools_unknown": ("05-synthese", "10-diagnostic"),
    "no_school": ("05-synthese",),
}  # fmt: skip
PUBLIC = "70-public"
LONGEST_SOCKET_FOLDER = 85  # a socket's whole path holds in 107 bytes
MOST_BYTES_OF_NOTEBOOK = 20_000_000
Progress = Callable[[str], None]


@dataclass
class Made:
    """A report that was written: its directory, the time each part took, the digest of each file, what was left out."""

    folder: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Count the time of a part."""
        started = time.perf_counter()
        yield
        self.seconds[part] = round(time.perf_counter() - started, 3)


def build_report(order: Order, progress: Progress = lambda step: None) -> Made:
    """Write the report of a commune in its directory: out/<code>-<nom>/<on>/.

    Raises ReportError when a notebook fails, which is kept in out/echecs; whatever stood in the directory before then
    stays as it was.
    """
    made = Made()
    with made.timed("total"):
        with made.timed("study"):
            study = load_study(order.code_insee, order.on, order.store, order.assumptions, order.workbook)
            results = study.summary()
        made.notices.extend(study.notices)
        chapters = CHAPTERS[study.diagnostic.situation]
        target = Path(order.out) / study.dossier.commune.slug / order.on
        failed = stopped_notebook(target)
        with whole_directory(target) as folder:
            with made.timed("notebooks"), _shared(study, order):
                notebooks = {}
                for name in (*chapters, PUBLIC):
                    progress(name)
                    notebooks[name] = _run(order, name, folder / f"{name}.ipynb", failed)
            progress("page")
            with made.timed("page"):
                for name, html in pages_of(study, notebooks, Path(order.root)).items():
                    (folder / name).write_text(html, encoding="utf-8")
            if order.pdf:
                progress("pdf")
                with made.timed("pdf"):
                    _write_pdfs(folder)
            with made.timed("documents"):
                if "20-cap" in chapters:
                    write_documents(study, folder)
                    write_follow_up(study, folder)
            _write_json(folder / "resultats.json", results)
            made.outputs = {path.name: digest(path) for path in sorted(folder.iterdir())}
            _write_json(folder / "run.json", _record(study, order, made))
        failed.unlink(missing_ok=True)
    made.folder = str(target)
    return made


@contextmanager
def _shared(study: Study, order: Order) -> Iterator[None]:
    """Kernels forked meanwhile find the study of this order computed; they compute any other as usual."""
    ours = (order.code_insee, order.on, order.store, dict(order.assumptions), order.workbook)

    def load(*asked: object, **named: object) -> Study:
        return study if asked == ours and not named else load_study(*asked, **named)  # type: ignore[arg-type]

    pupitre.study.load_study = load
    try:
        yield
    finally:
        pupitre.study.load_study = load_study


def pages_of(study: Study, notebooks: Mapping[str, NotebookNode], root: Path) -> dict[str, str]:
    """The page of each edition, by the name of its file; whatever goes wrong there concerns this commune only."""
    consultant, path = load_consultant(root), find_notes(root / "data" / "raw", study.dossier.commune.code_insee)
    chapters = [notebook for name, notebook in notebooks.items() if name != PUBLIC]
    notes = read_notes(path, [title_of(notebook) for notebook in chapters]) if path else {}
    try:
        pages = {
            "rapport.html": render(study, chapters, "maire", consultant, notes),
            "public.html": render(study, [notebooks[PUBLIC]], "public", consultant),
        }
        return pages | {f"ecole-{uai}.html": render_school(study, uai, consultant) for uai in schools_with_page(study)}
    except PupitreError:
        raise
    except Exception as error:
        raise ReportError(f"La page n'a pas pu s'écrire : {type(error).__name__} : {error}") from error


def _write_pdfs(folder: Path) -> None:
    """The mayor's page and the inhabitants', for those who print or send them."""
    for page in (folder / "rapport.html", folder / "public.html"):
        page.with_suffix(".pdf").write_bytes(as_pdf(page.read_text(encoding="utf-8")))


def _run(order: Order, name: str, output: Path, failed: Path) -> NotebookNode:
    """Execute one notebook by papermill, and return it; the one that stops is kept at `failed`."""
    asked = {"code_insee": order.code_insee, "on": order.on, "data": order.store}
    parameters = {**asked, "assumptions": dict(order.assumptions), "workbook": order.workbook}
    try:
        with _options(order, output) as own:
            executed: NotebookNode = papermill.execute_notebook(
                Path(order.root) / "notebooks" / f"{name}.ipynb",
                output,
                parameters=parameters,
                engine_name=order.engine,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                cwd=order.root,
                extra_arguments=["--log-level=CRITICAL"],  # a kernel told to stop complains of it otherwise
                **own,
            )
        _refuse_unfinished(executed, name)
        if output.stat().st_size > MOST_BYTES_OF_NOTEBOOK:
            raise ReportError(f"Le carnet {name}.ipynb écrit plus de {MOST_BYTES_OF_NOTEBOOK // 10**6} Mo.")
    except PapermillExecutionError as error:
        _keep(output, failed)
        raise ReportError(
            f"Le carnet {name}.ipynb s'est arrêté à la cellule {error.exec_count} : {error.ename} : {error.evalue}"
        ) from None
    except RuntimeError as error:
        _keep(output, failed)
        if "died" in str(error):  # in a cell, or before the first
            raise KernelDied(f"Le carnet {name}.ipynb s'est interrompu : son noyau est mort.") from None
        raise ReportError(f"Le carnet {name}.ipynb n'a pas pu s'exécuter : {error}. Relancez la commande.") from None
    return executed


@contextmanager
def _options(order: Order, output: Path) -> Iterator[dict[str, object]]:
    """What an engine is told besides the notebook."""
    if order.engine == "warm":
        yield {"failed_path": str(output)}
        return
    with tempfile.TemporaryDirectory(prefix="pupitre-", ignore_cleanup_errors=True) as sockets:
        yield {"config": kernel_channels(Path(sockets))}


def _refuse_unfinished(notebook: NotebookNode, name: str) -> None:
    """A notebook that left before its end (`sys.exit`) looks like a success to papermill."""
    if any(cell.metadata.papermill.status != "completed" for cell in notebook.cells):
        raise ReportError(f"Le carnet {name}.ipynb s'est arrêté avant sa fin, sans erreur.")


def _keep(notebook: Path, failed: Path) -> None:
    """Keep the notebook that stopped, outside the report that there is not."""
    if notebook.exists():
        failed.parent.mkdir(parents=True, exist_ok=True)
        os.replace(notebook, failed)


def kernel_channels(folder: Path) -> Config:
    """How we talk to a kernel: by sockets in a folder of its own, that only this user may enter.

    TCP ports can be listened to by others on the machine and taken by another run; without a folder of its own, each
    run would use the same names in the current folder. Where such sockets cannot be (Windows, a very long path), TCP.
    """
    if os.name != "posix" or len(str(folder)) > LONGEST_SOCKET_FOLDER:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "kernel")}})


def _record(study: Study, order: Order, made: Made) -> dict[str, object]:
    """What went into a report: inputs with their digests, parameters, versions, figures read, time taken."""
    return {
        "code_insee": study.dossier.commune.code_insee,
        "on": study.dossier.on.isoformat(),
        "assumptions": dict(order.assumptions),
        "sources": [
            {"file": source.file, "sha256": source.sha256, "vintage": source.vintage}
            for source in study.dossier.sources
        ],
        "store": digest(Path(order.store)),
        "notebooks": {path.name: digest(path) for path in sorted(Path(order.root).glob("notebooks/*.ipynb"))},
        "figures_read": {figure.name: figure.value for figure in study.read},
        "versions": versions(order.pdf),
        "key": order.key,
        "outputs": made.outputs,
        "seconds": made.seconds,
    }


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
