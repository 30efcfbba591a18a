import pytest

from georeview.core.heads import SignedHead
from georeview.storage.store import DatabaseStore
from tests.places import Place
from tests.storage.test_verify import REFUSED

HEAD = SignedHead("s", 3, "a" * 64, "hourly", "", "2023-04-10T02:00:00+00:00", "b" * 64, "c" * 128)


def test_heads_are_kept_in_the_order_of_signing(store: DatabaseStore) -> None:
    assert store.heads.all() == []
    store.heads.add(HEAD)
    store.heads.add(HEAD)
    assert store.heads.all() == [HEAD, HEAD]


@pytest.mark.parametrize(
    "command", ["UPDATE signed_head SET hash = 'x'", "DELETE FROM signed_head WHERE seq = 3"]
)
def test_the_database_refuses_to_change_them(
    store: DatabaseStore, place: Place, command: str
) -> None:
    store.heads.add(HEAD)
    with place.raw() as connection, pytest.raises(REFUSED, match="signed heads"):
        connection.execute(command)
    assert store.heads.all() == [HEAD]


@pytest.mark.parametrize("place", ["postgis"], indirect=True)
def test_a_server_refuses_to_empty_them(store: DatabaseStore, place: Place) -> None:
    store.heads.add(HEAD)
    with place.raw() as connection, pytest.raises(REFUSED, match="signed heads"):
        connection.execute("TRUNCATE signed_head")
