"""The application of the HTTP tests, for what is said about its figures."""

from tests.api.conftest import world

__all__ = ["world"]
