"""Who stands in front: which senders may say on whose behalf they ask, and what they say."""

from functools import lru_cache
from ipaddress import ip_address

from georeview.settings import networks


class Known:
    """A list of addresses and networks that can be asked."""

    def __init__(self, listed: str) -> None:
        self._networks = networks(listed)
        self._asked = lru_cache(maxsize=4096)(self._holds)

    def __contains__(self, address: str) -> bool:
        """Whether an address lies in one of the networks; what is no address does not."""
        return bool(self._networks) and self._asked(address)

    def _holds(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None) or found
        return any(mapped in network for network in self._networks)


def sender(peer: str, forwarded: str, proxies: Known) -> str:
    """The address a request comes from.

    Each proxy adds at the end whom it heard it from, so the list is read from there, and only as
    far as known proxies wrote it: what a client put in front of it counts for nothing.

    Args:
        peer: The address the connection came from.
        forwarded: ``X-Forwarded-For`` as it came, empty when it did not.
        proxies: Those who are believed.
    """
    address = peer
    hops = [part.strip() for part in forwarded.split(",") if part.strip()]
    while address in proxies and hops:
        told = _bare(hops.pop())
        if told is None:
            break
        address = told
    return address


def _bare(hop: str) -> str | None:
    """An address without port and brackets; ``None`` when it is none."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ip_address(hop))
    except ValueError:
        return None
