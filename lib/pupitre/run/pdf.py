"""A page as a PDF for reading and printing: tagged (PDF/UA-1), titled, bookmarked, A4.

Belongs: the writer (weasyprint, the extra `pdf`) and what it may fetch: nothing but what the page holds. Does not: how
the page looks on paper (`templates/mairie/print.css`). The same page gives the same bytes.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec

from pupitre.errors import ReportError, UsageError

VARIANT = "pdf/ua-1"
MISSING = 'Il manque de quoi écrire un PDF. Installez-le : pip install "pupitre[pdf]".'
WITHOUT_PANGO = (
    "Il manque à l'ordinateur la bibliothèque Pango, qui compose les PDF ({}). "
    "Sous Debian ou Ubuntu : apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
)


def require_pdf() -> None:
    """Make sure that a PDF can be written. Raises UsageError, which says what to install."""
    if find_spec("weasyprint") is None:
        raise UsageError(MISSING)
    try:
        import weasyprint  # noqa: F401 (optional: its libraries of the system may be missing too)
    except OSError as error:
        raise UsageError(WITHOUT_PANGO.format(error)) from None


def as_pdf(html: str) -> bytes:
    """The PDF of a page that stands alone.

    Raises UsageError when the extra is not installed, ReportError when the page asks for anything outside itself.
    """
    require_pdf()
    from weasyprint import HTML  # optional: who wants no PDF need not install it
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    own = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
    identifier = hashlib.sha256(html.encode()).digest()[:16]
    try:
        return bytes(HTML(string=html, url_fetcher=own).write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier))
    except FatalURLFetchingError as error:
        raise ReportError(f"La page demande un fichier hors d'elle-même, le PDF n'est pas écrit ({error}).") from None
