from dataclasses import replace

import pytest

from georeview.errors import NotFound
from georeview.storage.ports import Export
from georeview.storage.store import DatabaseStore

ASKED = Export("x1", "li", "shp", "{}", "queued", None, None, None, "2023-04-10", None)


def test_an_export_moves_from_state_to_state(store: DatabaseStore) -> None:
    store.exports.put(ASKED)
    assert store.exports.unfinished() == [ASKED]
    done = replace(ASKED, state="done", file="x1.zip", losses="[]", finished_at="2023-04-11")
    store.exports.put(done)
    assert store.exports.unfinished() == []
    assert store.exports.get("li", "x1") == done


def test_an_export_belongs_to_who_asked(store: DatabaseStore) -> None:
    store.exports.put(ASKED)
    with pytest.raises(NotFound):
        store.exports.get("an", "x1")
