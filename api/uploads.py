"""Uploaded forms, read only after the sender's rights are known."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.security import lower_limit
from georeview.errors import BadValue, WrongKind

MAX_FIELDS = 20
MAX_FILES = 12
AROUND = 64 * 2**10
"""Room for the form around a file: its fields and boundaries."""


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form: named texts and files."""

    data: FormData

    def text(self, name: str) -> str | None:
        """A text field, ``None`` when it is absent or empty."""
        value = self.data.get(name)
        return value.strip() or None if isinstance(value, str) else None

    def need(self, name: str) -> str:
        """A text field that must be there.

        Raises:
            BadValue: It is not.
        """
        value = self.text(name)
        if value is None:
            raise BadValue(field=name, value="")
        return value

    def texts(self, name: str) -> list[str]:
        """A text field that may stand several times."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """Files of one name, of which there must be one.

        Raises:
            BadValue: There is none.
        """
        found = [value for value in self.data.getlist(name) if isinstance(value, UploadFile)]
        if not found:
            raise BadValue(field=name, value="")
        return found

    def file(self, name: str) -> UploadFile:
        """A file that must be there.

        Raises:
            BadValue: It is not.
        """
        value = self.data.get(name)
        if not isinstance(value, UploadFile):
            raise BadValue(field=name, value="")
        return value


@asynccontextmanager
async def form_of(
    request: Request, limit_bytes: int | None = None, *, max_files: int = MAX_FILES
) -> AsyncIterator[Form]:
    """The request's form; its temporary files are gone afterwards.

    Args:
        request: The request.
        limit_bytes: Largest file, where it is less than the service takes at all.
        max_files: Most files in it.

    Raises:
        WrongKind: The body is not a multipart form.
        TooLarge: It is longer than it may be.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise WrongKind
    if limit_bytes is not None:
        lower_limit(request.scope, limit_bytes + AROUND)
    async with request.form(max_files=max_files, max_fields=MAX_FIELDS) as data:
        yield Form(data)


def multipart(fields: dict[str, Any], files: list[str]) -> dict[str, Any]:
    """OpenAPI description of a multipart body."""
    binary = {name: {"type": "string", "format": "binary"} for name in files}
    schema = {"type": "object", "properties": binary | fields, "required": files}
    return {"requestBody": {"content": {"multipart/form-data": {"schema": schema}}}}
