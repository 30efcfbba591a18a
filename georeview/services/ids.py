"""Identifiers of our own."""

import secrets


def new_id() -> str:
    """An identifier nobody can guess, sortable by nothing."""
    return secrets.token_hex(12)
