"""Leaflet's files as its package brings them, and the licences of all that runs with us."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

VERSION: Final = "1.9.4"
URL: Final = f"/assets/leaflet/{VERSION}"
"""Where the files are served; a name of ``FILES`` follows after a slash."""

FILES: Mapping[str, str] = MappingProxyType(
    {
        "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
        "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
        "images/layers.png": "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
        "images/layers-2x.png": "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
        "images/marker-icon.png": "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
    }
)
"""Every file served, with the sha256 of the bytes that were reviewed (the npm release)."""

_OURS: Final = "georeview"
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_LICENCE_FILE: Final = re.compile(r"(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Licence:
    """What one package says of itself.

    Attributes:
        name: Name of the package.
        version: Installed version.
        licence: Name of its licence in one line.
        text: Its licence files, one after the other; empty if it brings none.
    """

    name: str
    version: str
    licence: str
    text: str


def path(version: str, name: str) -> Path | None:
    """A file that may be served, ``None`` for any other version or name."""
    return _root() / name if version == VERSION and name in FILES else None


def verify() -> None:
    """Hold every file against its hash.

    Raises:
        RuntimeError: One is not the file that was reviewed.
    """
    for name, sha256 in FILES.items():
        found = hashlib.sha256((_root() / name).read_bytes()).hexdigest()
        if found != sha256:
            raise RuntimeError(f"{name}: sha256 {found}, expected {sha256}")


def _root() -> Path:
    # The package root is empty; its ``apps`` would want Django and is never imported.
    return Path(str(resources.files("js_lib_leaflet"))) / "static" / "js_lib_leaflet"


@cache
def licences() -> tuple[Licence, ...]:
    """Ours first, then those of every package that runs with us, by name."""
    others = sorted(_needed(_OURS) - {_OURS})
    return tuple(_licence(metadata.distribution(name)) for name in (_OURS, *others))


def _needed(start: str) -> set[str]:
    """Installed packages that one needs, directly or through others, itself included."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # needed on other platforms only
            continue
        seen.add(name)
        waiting += _requirements(found)
    return seen


def _requirements(package: metadata.Distribution) -> Iterator[str]:
    for line in package.requires or ():
        _, _, marker = line.partition(";")
        if "extra" not in marker and (match := _NAME.match(line)):
            yield match.group().lower().replace("_", "-").replace(".", "-")


def _licence(package: metadata.Distribution) -> Licence:
    texts = [
        file.read_text(encoding="utf-8").strip()
        for file in package.files or ()
        if ".dist-info" in str(file.parent) and _LICENCE_FILE.search(file.name)
    ]
    facts = package.metadata.json
    return Licence(str(facts["name"]), package.version, _licence_name(facts), "\n\n".join(texts))


def _licence_name(facts: Mapping[str, str | list[str]]) -> str:
    """Its SPDX expression, else its classifier, else the first line of what it wrote."""
    if expression := facts.get("license_expression"):
        return str(expression)
    for classifier in facts.get("classifier") or ():
        if classifier.startswith("License ::"):
            return classifier.rsplit(" :: ", 1)[-1]
    return str(facts.get("license") or "").strip().partition("\n")[0]
