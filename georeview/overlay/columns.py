"""Facts of consecutive chunks of plots → facts of all of them."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from georeview.overlay.areas import Members

Table = TypeVar("Table")


def joined(tables: Sequence[Table]) -> Table:
    """Column dataclasses of consecutive plots → one of all of them."""
    first = tables[0]
    if len(tables) == 1:
        return first
    if isinstance(first, Members):
        return _joined_members(tables)  # type: ignore[arg-type,return-value]
    columns = {}
    for column in fields(first):  # type: ignore[arg-type]
        values = [getattr(table, column.name) for table in tables]
        columns[column.name] = _joined_values(values)
    return type(first)(**columns)


def _joined_values(values: list[Any]) -> Any:
    if values[0] is None:
        return None
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    if isinstance(values[0], tuple):
        return tuple(item for value in values for item in value)
    return joined(values)


def _joined_members(tables: Sequence[Members]) -> Members:
    ends = np.cumsum([0] + [len(table.feature) for table in tables])
    starts = [table.start[:-1] + end for table, end in zip(tables, ends, strict=False)]
    return Members(
        np.concatenate([*starts, ends[-1:]]),
        np.concatenate([table.feature for table in tables]),
        np.concatenate([table.m2 for table in tables]),
        np.concatenate([table.share for table in tables]),
    )
