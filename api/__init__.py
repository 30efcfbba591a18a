"""HTTP only: shapes, status codes, headers. Rules and data live in ``georeview``."""
