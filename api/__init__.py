"""HTTP only: shapes, status codes, headers. Rules and data live in ``georeview``."""

BASE = "/api/v1"
"""What the addresses of the interface begin with; operations, tiles and pages stand outside."""
