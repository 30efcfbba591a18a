"""Posting to an address that somebody gave us, without being led into our own network."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from georeview.errors import BadValue
from georeview.errors.people import AddressRefused
from georeview.settings import networks

TIMEOUT_S = 15
URL_MAX = 1000


def parse(url: str) -> SplitResult:
    """An address that may be posted to.

    Raises:
        BadValue: It is none.
    """
    refused = BadValue(field="url", value=url[:80])
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise refused
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refused from error
    plain = parts.username is None and not parts.fragment and port != 0
    if parts.scheme not in ("https", "http") or not parts.hostname or not plain:
        raise refused
    return parts


def allowed(parts: SplitResult, allow: str) -> str:
    """The network address to connect to: resolved once, so that nobody can change it afterwards.

    Args:
        parts: The address.
        allow: Networks of our own that may be posted to all the same, comma-separated.

    Raises:
        AddressRefused: The name is unknown, or any of its addresses lies in a network of our own,
            or it is plain http outside of those.
    """
    host, port = str(parts.hostname), parts.port or _port(parts)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(host=host) from error
    known = networks(allow)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        ip = ip_address(address)
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        named = any(mapped in network for network in known)
        public = mapped.is_global and not mapped.is_multicast and parts.scheme == "https"
        if not (named or public):
            raise AddressRefused(host=host)
    return addresses[0]


def post(parts: SplitResult, address: str, headers: Mapping[str, str], payload: bytes) -> int:
    """Send a body; redirects are not followed, and nothing of the answer is read but its status.

    Raises:
        OSError: It could not be sent, or nothing came back in time.
        http.client.HTTPException: What came back was no answer.
    """
    host, port = str(parts.hostname), parts.port or _port(parts)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    with socket.create_connection((address, port), TIMEOUT_S) as plain:
        secured = parts.scheme == "https"
        context = ssl.create_default_context() if secured else None
        connection.sock = context.wrap_socket(plain, server_hostname=host) if context else plain
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, payload, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()


def _port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80
