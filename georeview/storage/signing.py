"""The private key that heads are signed with: one file, outside of everything it swears to."""

import errno
import os
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from georeview.core.heads import SignedHead, payload
from georeview.errors.upkeep import KeyInside, KeyUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key_file(named: str) -> Path:
    """Where the key lies: as named, else in the user's folder for settings."""
    if named:
        return Path(named).expanduser()
    folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "georeview" / "head.key"


class HeadKey:
    """An Ed25519 key in a PEM file, made when it is first needed.

    Args:
        path: The file. Whoever may read it can sign, so it is readable by its owner alone.
        home: The folder with the data; the key may not lie in it.
    """

    def __init__(self, path: Path, home: Path) -> None:
        self._path = path
        self._home = home

    def sign(self, head: SignedHead) -> SignedHead:
        """The same head with this key and its signature.

        Raises:
            KeyInside: The key lies with the data.
            KeyUnusable: It cannot be read or made.
        """
        private = self._private()
        named = replace(head, key=_public(private))
        return replace(named, signature=private.sign(payload(named)).hex())

    def public(self) -> str | None:
        """The public key, ``None`` where there is no private one that can be read."""
        try:
            return _public(self._read())
        except KeyUnusable:
            return None

    def _private(self) -> "Ed25519PrivateKey":
        try:
            if self._path.resolve().is_relative_to(self._home.resolve()):
                raise KeyInside(file=self._path.name)
            there = self._path.exists()
        except OSError as error:
            raise KeyUnusable(file=self._path.name, why=_said(error)) from error
        if not there:
            self._make()
        return self._read()

    def _read(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            private = load_pem_private_key(self._path.read_bytes(), password=None)
        except OSError as error:
            raise KeyUnusable(file=self._path.name, why=_said(error)) from error
        except (ValueError, TypeError) as error:
            raise KeyUnusable(file=self._path.name, why="PEM") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyUnusable(file=self._path.name, why="Ed25519")
        return private

    def _make(self) -> None:
        """Beside, then under its name: of several processes that start at once, one is first."""
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        pem = Ed25519PrivateKey.generate().private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        )
        part = self._path.with_name(f".{self._path.name}-{secrets.token_hex(8)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(pem)
                out.flush()
                os.fsync(out.fileno())
            with suppress(FileExistsError):
                os.link(part, self._path)
        except OSError as error:
            raise KeyUnusable(file=self._path.name, why=_said(error)) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def holds(head: SignedHead) -> bool:
    """Whether the signature is that of the head's own key over the head's content."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
        key.verify(bytes.fromhex(head.signature), payload(head))
    except (ValueError, InvalidSignature):
        return False
    return True


def _public(private: "Ed25519PrivateKey") -> str:
    return private.public_key().public_bytes_raw().hex()


def _said(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "OSError")
