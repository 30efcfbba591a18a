"""Documents for people: what stands in them, and how they become pages, sheets and letters."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from georeview.errors.figures import ReportForm
from georeview.reports.document import Document

Writer = Callable[[Document, Path], None]


def _pdf(document: Document, out: Path) -> None:
    from georeview.reports.pages import write

    write(document, out)


def _docx(document: Document, out: Path) -> None:
    from georeview.reports.letter import write

    write(document, out)


def _xlsx(document: Document, out: Path) -> None:
    from georeview.reports.sheets import write

    write(document, out)


FORMS: Mapping[str, Writer] = MappingProxyType({".pdf": _pdf, ".docx": _docx, ".xlsx": _xlsx})
"""End of a file's name → what writes it."""


def writer(out: Path) -> Writer:
    """What writes a file of this name.

    Raises:
        ReportForm: Nothing does.
    """
    found = FORMS.get(out.suffix.lower())
    if found is None:
        raise ReportForm(value=out.name, possible=", ".join(FORMS))
    return found
