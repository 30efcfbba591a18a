"""What a store offers, whatever stands behind it: records as values, doors as protocols.

Every read of plots takes a ``Scope`` first, so that forgetting who asks is a type error. Times
are ISO 8601 text in UTC; ids are opaque text; ``fid`` is an integer that never leaves the tiles.
"""

from collections.abc import Mapping

from georeview.core.ledger import Value

Json = Mapping[str, Value | float]
"""A JSON object."""
