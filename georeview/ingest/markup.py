"""XML from outside: characters found as in any text, declarations refused, elements one by one.

Entities are how XML reads other files and grows without bounds; data has no need to declare any.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georeview.errors.files import FileBroken, FormatDisguised, MarkupDeclares
from georeview.ingest import textfile
from georeview.ingest.encoding import Encoding
from georeview.ingest.sniff import looks_like

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = 100
"""Elements inside each other; data formats need a dozen."""

_BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_STEP = 2**20


def text_of(path: Path, name: str, root: str, given: str | None) -> tuple[str, Encoding]:
    """The characters of an XML file.

    Args:
        path: The file.
        name: Its name for the sentence.
        root: Local name that its root element has.
        given: What the user says of its encoding.

    Raises:
        FormatDisguised: Its root is another.
        MarkupDeclares: It declares a document type, and with it perhaps entities.
        EncodingWrong: It is not in the encoding that was given.
        EncodingUnclear: It is in none that is known.
    """
    data = path.read_bytes()
    stated = _ENCODING.search(data[:300])
    text, found = textfile.decoded(data, name, given, stated[1].decode("ascii") if stated else None)
    start = _BEFORE_ROOT.match(text)
    first = text[start.end() : start.end() + 200] if start else ""
    if first.startswith("<!"):
        raise MarkupDeclares(file=name)
    if not re.match(rf"<(?:[\w.-]+:)?{root}[\s/>]", first):
        raise FormatDisguised(file=name, found=looks_like(first.encode()))
    return text, found


def elements(text: str, name: str) -> Iterator[tuple[str, "Element"]]:
    """``start`` or ``end`` and the element, in the order of the file.

    Whoever is done with an element clears it.

    Raises:
        FileBroken: It is not well formed, or nested without end.
    """
    from xml.etree.ElementTree import ParseError, XMLPullParser

    parser: Any = XMLPullParser(("start", "end"))
    depth = 0
    try:
        for at in range(0, len(text), _STEP):
            parser.feed(text[at : at + _STEP])
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                if depth > MAX_DEPTH:
                    raise FileBroken(file=name)
                yield event, element
        parser.close()
    except ParseError as error:
        raise FileBroken(file=name) from error


def local(element: "Element") -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: "Element", name: str) -> "Element | None":
    """The first child of a local name."""
    return next((inner for inner in element if local(inner) == name), None)


def words(element: "Element | None") -> str | None:
    """The text in an element and what is inside it, blanks at its ends left off."""
    return "".join(element.itertext()).strip() or None if element is not None else None
