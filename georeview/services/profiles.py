"""How the columns of earlier files of the same sender were understood, to propose it again."""

import json

from georeview.core.access import EVERYTHING
from georeview.ingest import Profile
from georeview.storage.ports.store import Store

MOST = 20
"""Files that are remembered, the newest."""


def profiles(store: Store, area: str) -> tuple[Profile, ...]:
    """What was decided for files issued to an area, newest first.

    The report that lies beside every file taken in says it; nothing else is kept of it.

    Args:
        store: The store.
        area: Area code of whoever the files were issued to.
    """
    found: list[Profile] = []
    for batch in store.plots.batches(EVERYTHING):
        if batch.area != area:
            continue
        for source in reversed(store.plots.imports(batch.name)):
            columns = json.loads(source.report).get("read", {}).get("columns", {})
            found.append(Profile(batch.name, columns))
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)
