"""One report: notebooks run by papermill, page, results and record, in a directory that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from pupitre.errors import ReportError
from pupitre.run.documents import write_documents
from pupitre.run.page import render
from pupitre.run.suivi import write_follow_up
from pupitre.study import Study, load_study

CHAPTERS = {
    "schools": ("05-synthese", "10-diagnostic", "20-cap", "30-financement", "40-evaluation"),
    "no_public_school": ("05-synthese", "10-diagnostic", "30-financement"),
    "schools_unknown": ("05-synthese", "10-diagnostic"),
    "no_school": ("05-synthese",),
}
LIBRARIES = ("pupitre", "papermill", "nbconvert", "pandas", "matplotlib", "numpy-financial", "babel")
LONGEST_SOCKET_FOLDER = 85  # a socket's whole path holds in 107 bytes
Progress = Callable[[str], None]


def build_report(
    code_insee: str,
    *,
    on: str,
    store: Path,
    out: Path,
    root: Path,
    assumptions: Mapping[str, object],
    workbook: Path | None = None,
    progress: Progress = lambda step: None,
) -> Path:
    """Write the report of a commune under `out`, and return its directory: out/<code>-<nom>/<on>/.

    `workbook`: the one in the commune's own folder when None. Raises ReportError when a notebook fails; whatever stood
    there before then stays as it was.
    """
    started = time.perf_counter()
    study = load_study(code_insee, on, str(store), assumptions, str(workbook or ""))
    parameters = {"code_insee": code_insee, "on": on, "data": str(store), "assumptions": dict(assumptions)}
    parameters["workbook"] = str(workbook or "")
    target = out / study.dossier.commune.slug / on
    with whole_directory(target) as folder:
        notebooks = []
        for name in CHAPTERS[study.diagnostic.situation]:
            progress(name)
            notebooks.append(_run(root, name, folder / f"{name}.ipynb", parameters))
        progress("page")
        (folder / "rapport.html").write_text(_page(study, notebooks), encoding="utf-8")
        if "20-cap" in CHAPTERS[study.diagnostic.situation]:
            write_documents(study, folder)
            write_follow_up(study, folder)
        _write_json(folder / "resultats.json", study.summary())
        _write_json(folder / "run.json", _record(study, root, store, assumptions, time.perf_counter() - started))
    return target


def _page(study: Study, notebooks: list[NotebookNode]) -> str:
    """The page; whatever goes wrong there concerns this commune only."""
    try:
        return render(study, notebooks)
    except Exception as error:
        raise ReportError(f"La page n'a pas pu s'écrire : {type(error).__name__} : {error}") from error


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """A directory to fill, which takes the place of `target` once it is complete, or leaves no trace."""
    if target.is_symlink() or target.is_file():
        raise ReportError(f"« {target} » n'est pas un dossier : déplacez-le, puis relancez.")
    made = [folder for folder in (target.parent, target.parent.parent) if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
        folder.chmod(0o755)
        _swap(folder, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another run may have put its own there
            for empty in made:
                empty.rmdir()
        raise


def _swap(folder: Path, target: Path) -> None:
    """Put a complete folder at `target`; the former one comes back if that fails, and goes if it does not."""
    former = folder.with_name(f"{folder.name}.former")
    if target.exists():
        os.replace(target, former)
    try:
        os.replace(folder, target)
    except OSError:
        if former.exists():
            os.replace(former, target)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _run(root: Path, name: str, output: Path, parameters: Mapping[str, object]) -> NotebookNode:
    """Execute one notebook by stock papermill, and return it."""
    with tempfile.TemporaryDirectory(prefix="pupitre-", ignore_cleanup_errors=True) as sockets:
        try:
            executed: NotebookNode = papermill.execute_notebook(
                root / "notebooks" / f"{name}.ipynb",
                output,
                parameters=dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                cwd=str(root),
                config=kernel_channels(Path(sockets)),
                extra_arguments=["--log-level=CRITICAL"],  # a kernel told to stop complains of it otherwise
            )
        except PapermillExecutionError as error:
            raise ReportError(
                f"Le carnet {name}.ipynb s'est arrêté à la cellule {error.exec_count} : {error.ename} : {error.evalue}"
            ) from None
        except RuntimeError as error:
            raise ReportError(
                f"Le carnet {name}.ipynb n'a pas pu s'exécuter : {error}. Relancez la commande."
            ) from None
    return executed


def kernel_channels(folder: Path) -> Config:
    """How we talk to a kernel: by sockets in a folder of its own, that only this user may enter.

    TCP ports can be listened to by others on the machine and taken by another run; without a folder of its own, each
    run would use the same names in the current folder. Where such sockets cannot be (Windows, a very long path), TCP.
    """
    if os.name != "posix" or len(str(folder)) > LONGEST_SOCKET_FOLDER:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "kernel")}})


def _record(
    study: Study, root: Path, store: Path, assumptions: Mapping[str, object], seconds: float
) -> dict[str, object]:
    """What went into a report: inputs with their digests, parameters, versions, figures read, time taken."""
    return {
        "code_insee": study.dossier.commune.code_insee,
        "on": study.dossier.on.isoformat(),
        "assumptions": dict(assumptions),
        "sources": [
            {"file": source.file, "sha256": source.sha256, "vintage": source.vintage}
            for source in study.dossier.sources
        ],
        "store": _digest(store),
        "notebooks": {path.name: _digest(path) for path in sorted((root / "notebooks").glob("*.ipynb"))},
        "figures_read": {figure.name: figure.value for figure in study.read},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "seconds": round(seconds, 1),
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
