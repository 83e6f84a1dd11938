"""Each report is built once a session and shared: a large commune, a small one, one unknown, one hostile, one empty."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, sync_playwright

from pupitre.data.store import build_store
from pupitre.run.inputs import Order
from pupitre.run.report import build_report

CHROMIUM = "/usr/bin/chromium"
NU = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
HOSTILE_NAME = "Ecole <script>document.title='pwned'</script> \"Zoé\" & {x} $a_1$"
HOSTILE_CAVEAT = "Fleurigné : <script>document.title='pwned'</script> \"liste\" & {nom} incomplète."
COMMUNES = [
    {"code": "01004", "nom": "Ambérieu-en-Bugey", "type": "commune-actuelle", "departement": "01", "population": 15934},
    {"code": "35062", "nom": "La Chapelle-Fleurigné", "type": "commune-actuelle", "departement": "35"},
    {"code": "35112", "nom": "Fleurigné", "type": "commune-deleguee", "chefLieu": "35062", "departement": "35"},
    {"code": "35999", "nom": "Sans-École", "type": "commune-actuelle", "departement": "35", "population": 12},
]
ANNUAIRE = """\
Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Code_commune;\
Ecole_maternelle;Ecole_elementaire;Type_contrat_prive
0350210N;"{name}";Ecole;Public;35062;1;1;SANS OBJET
0351658M;Ecole élémentaire publique du Bourg;Ecole;Public;35062;0;1;SANS OBJET
"""
EFFECTIFS = """\
Rentrée scolaire;Numéro de l'école;Secteur;Nombre total de classes;Nombre total d'élèves;\
Nombre d'élèves en pré-élémentaire hors ULIS;Nombre d'élèves en élémentaire hors ULIS;Nombre d'élèves en ULIS
2022;0350210N;PUBLIC;2;36;18;18;0
2022;0351658M;PUBLIC;1;1;0;1;0
"""
REAL = ("00001", "09194", "13028", "09220", "32258")
INVENTED = ("35062", "35999")


@dataclass(frozen=True)
class Report:
    """A report directory, read once."""

    code: str
    folder: Path
    store: Path

    @cached_property
    def html(self) -> str:
        """The page."""
        return (self.folder / "rapport.html").read_text(encoding="utf-8")

    @cached_property
    def results(self) -> dict[str, object]:
        """Every named figure; a NaN is refused."""
        return dict(json.loads(self._text("resultats.json"), parse_constant=_no_nan))

    @cached_property
    def run(self) -> dict[str, object]:
        """The record of the run."""
        return dict(json.loads(self._text("run.json"), parse_constant=_no_nan))

    def soup(self) -> BeautifulSoup:
        """The page parsed anew, for a test that takes pieces out."""
        return BeautifulSoup(self.html, "html.parser")

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def _no_nan(constant: str) -> None:
    raise AssertionError(f"{constant} in JSON")


@pytest.fixture(scope="session")
def invented_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three communes: one of no covered département, one with hostile names, one covered and without a school."""
    raw = tmp_path_factory.mktemp("invented") / "raw"
    raw.mkdir()
    (raw / "communes.json").write_text(json.dumps(COMMUNES), encoding="utf-8")
    annuaire = ANNUAIRE.format(name=HOSTILE_NAME.replace('"', '""'))
    (raw / "annuaire_education.csv").write_text(annuaire, encoding="utf-8")
    (raw / "effectifs_nb_classes.csv").write_text(EFFECTIFS, encoding="utf-8")
    fields = {
        "title": "Annuaire <b>gras</b> & {titre}",
        "publisher": "Ministère",
        "url": "https://data.education.gouv.fr/",
        "vintage": "2022",
        "accessed_on": "2026-03-31",
        "licence": "Licence Ouverte 2.0",
        "sha256": hashlib.sha256(annuaire.encode()).hexdigest(),
    }
    sidecar = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    sidecar += ["[[caveats]]", 'code_insee = "35062"', f"text = {json.dumps(HOSTILE_CAVEAT)}"]
    (raw / "annuaire_education.csv.source.toml").write_text("\n".join(sidecar), encoding="utf-8")
    build_store(raw, raw.parent / "pupitre.sqlite")
    return raw.parent / "pupitre.sqlite"


@pytest.fixture(scope="session")
def report_of(
    store: Path, invented_store: Path, root: Path, on: date, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Report]:
    """The report of a commune, built at the first asking."""
    out = tmp_path_factory.mktemp("reports")
    built: dict[str, Report] = {}
    failed: dict[str, Exception] = {}

    def _report(code: str) -> Report:
        if code in failed:  # building it again for each test would only take longer
            raise failed[code]
        if code not in built:
            data = invented_store if code in INVENTED else store
            try:
                folder = Path(build_report(Order(code, on.isoformat(), str(data), str(out), str(root))).folder)
            except Exception as error:
                failed[code] = error
                raise
            built[code] = Report(code, folder, data)
        return built[code]

    return _report


@pytest.fixture(params=[*REAL, *INVENTED])
def report(request: pytest.FixtureRequest, report_of: Callable[[str], Report]) -> Report:
    """Each report in turn."""
    return report_of(request.param)


@pytest.fixture
def mirepoix(report_of: Callable[[str], Report]) -> Report:
    """The report that most rules are shown on."""
    return report_of("09194")


@pytest.fixture
def empty(report_of: Callable[[str], Report]) -> Report:
    """The report of a commune without a school."""
    return report_of("35999")


@pytest.fixture(scope="session")
def quick_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten communes without a school: one notebook, a third of a second each."""
    raw = tmp_path_factory.mktemp("quick") / "raw"
    raw.mkdir()
    communes = [
        {**COMMUNES[-1], "code": code, "nom": f"Rapide {code}"} for code in (f"3590{rank}" for rank in range(10))
    ]
    (raw / "communes.json").write_text(json.dumps([COMMUNES[1], *communes]), encoding="utf-8")
    (raw / "annuaire_education.csv").write_text(ANNUAIRE.format(name="École"), encoding="utf-8")
    build_store(raw, raw.parent / "pupitre.sqlite")
    return raw.parent / "pupitre.sqlite"


@pytest.fixture(scope="session")
def project_at(root: Path, quick_store: Path) -> Callable[[Path], Path]:
    """Make a project that a test may spoil: our notebooks, the quick communes as « base.sqlite »."""

    def _make(folder: Path) -> Path:
        shutil.copytree(root / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
        (folder / "lib").mkdir()  # what makes it a project
        shutil.copy(root / "requirements.lock", folder)
        shutil.copy(quick_store, folder / "base.sqlite")
        return folder

    return _make


@pytest.fixture
def project(project_at: Callable[[Path], Path], tmp_path: Path) -> Path:
    """One for this test."""
    return project_at(tmp_path / "projet")


@pytest.fixture(scope="session")
def need() -> Callable[[str], None]:
    """Outside CI a missing program or file skips, by its name; in CI it fails."""

    def _need(name: str) -> None:
        if shutil.which(name) is None and not Path(name).exists():
            missing = f"{name} is missing: see .ci/apt.txt and package.json"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)

    return _need


@pytest.fixture(scope="session")
def browser(need: Callable[[str], None]) -> Iterator[Browser]:
    """One Chromium for all."""
    need(CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def faults_of(need: Callable[[str], None]) -> Callable[[Sequence[Path]], list[str]]:
    """The errors that the Nu checker finds in pages, each after the address of its page."""

    def _faults(pages: Sequence[Path]) -> list[str]:
        need("java")
        need(str(NU))
        command = ["java", "-jar", NU, "--stdout", "--exit-zero-always", "--errors-only", "--format", "json", *pages]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return [f"{fault['url']} : {fault['message']}" for fault in told["messages"]]

    return _faults
