"""Who a request comes from: those in front are believed, nobody else."""

import pytest

from api.proxies import Known, sender
from georeview import settings

PROXIES = Known("127.0.0.1, 10.0.0.0/8, ::1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, <script>, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", ",,,", "127.0.0.1"),
        ("testclient", "198.51.100.1", "testclient"),
    ],
)
def test_the_last_address_that_is_no_proxy_counts(peer: str, forwarded: str, expected: str) -> None:
    assert sender(peer, forwarded, PROXIES) == expected


def test_where_no_proxy_is_named_none_is_believed() -> None:
    assert sender("127.0.0.1", "198.51.100.1", Known("")) == "127.0.0.1"


@pytest.mark.parametrize("name", ["proxies", "metrics_from"])
@pytest.mark.parametrize("value", ["caddy", "10.0.0.0/33", "10.0.0.1/8", "*"])
def test_a_list_that_names_no_network_is_refused_at_the_start(name: str, value: str) -> None:
    variable = f"GEOREVIEW_{name.upper()}"
    with pytest.raises(ValueError, match=variable):
        settings.load({variable: value})
