"""Works that need a permit and rest on none that holds, as a sheet to hand out."""

from collections.abc import Sequence
from datetime import date

from georeview import texts
from georeview.reports.document import Cell, Column, Document, Table, Text

COLUMNS = (
    ("source_id", 2.0, False),
    ("batch", 2.0, False),
    ("county", 1.0, False),
    ("township", 1.0, False),
    ("river", 1.0, False),
    ("type", 1.0, False),
    ("area_m2", 1.0, True),
    ("stage", 1.0, False),
    ("permit_no", 2.0, False),
    ("valid_to", 1.0, False),
    ("lon", 1.0, True),
    ("lat", 1.0, True),
)
"""What a row tells, its width, and whether it is a number."""


def works(rows: Sequence[Sequence[Cell]], today: date, lang: texts.Lang) -> Document:
    """The sheet.

    Args:
        rows: Cells in the order of ``COLUMNS``.
        today: The day it is true of.
        lang: Of its words.
    """
    columns = [
        Column(texts.say(f"report.works.{name}", lang), weight, number)
        for name, weight, number in COLUMNS
    ]
    title = texts.say("report.works.title", lang)
    lead = texts.say("report.works.lead", lang, n=len(rows), day=today.isoformat())
    return Document(title, lead, [Text(lead), Table(title, columns, rows)], "", lang, True)
