import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.heads import SignedHead
from georeview.errors.upkeep import KeyInside, KeyUnusable
from georeview.storage.signing import HeadKey, holds, key_file

BARE = SignedHead("store", 3, "a" * 64, "hourly", "", "2023-04-10T02:00:00+00:00", "", "")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> SignedHead:
    folder = tmp_path_factory.mktemp("key")
    return HeadKey(folder / "head.key", folder / "home").sign(BARE)


def test_a_key_is_made_when_it_is_first_needed_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "config" / "georeview" / "head.key"
    key = HeadKey(file, tmp_path / "home")
    assert key.public() is None
    first, second = key.sign(BARE), HeadKey(file, tmp_path / "home").sign(replace(BARE, seq=4))
    assert first.key == second.key == key.public()
    assert holds(first)
    assert holds(second)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["head.key"]


def test_several_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    def public(_: int) -> str:
        return HeadKey(tmp_path / "head.key", tmp_path / "home").sign(BARE).key

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(public, range(16)))) == 1


@given(
    st.sampled_from([f.name for f in fields(SignedHead)]),
    st.integers(0, 200),
    st.sampled_from("0123456789abcdef一"),
)
def test_no_signature_holds_for_anything_else(
    signed: SignedHead, name: str, place: int, letter: str
) -> None:
    value = getattr(signed, name)
    at = place % (len(str(value)) + 1)
    changed = str(value)[:at] + letter + str(value)[at + 1 :]
    other = place if name == "seq" else changed
    assert holds(replace(signed, **{name: other})) == (other == value)


def test_anybody_can_check_a_signature_without_us(signed: SignedHead, tmp_path: Path) -> None:
    from georeview.core.heads import payload

    # The fixed beginning of an Ed25519 public key as OpenSSL reads it (RFC 8410).
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100" + signed.key))
    (tmp_path / "head").write_bytes(payload(signed))
    (tmp_path / "signature").write_bytes(bytes.fromhex(signed.signature))
    said = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der",
         "-rawin", "-in", "head", "-sigfile", "signature"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "Successfully" in said.stdout


@pytest.mark.parametrize("inside", ["head.key", "cache/x/head.key", "../home/head.key"])
def test_a_key_beside_what_it_swears_to_is_refused(tmp_path: Path, inside: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(KeyInside):
        HeadKey(home / inside, home).sign(BARE)
    assert list(home.iterdir()) == []


def test_a_link_into_the_home_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "key").symlink_to(tmp_path / "home" / "head.key")
    with pytest.raises(KeyInside):
        HeadKey(tmp_path / "key", tmp_path / "home").sign(BARE)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "head.key").write_bytes(content)
    key = HeadKey(tmp_path / "head.key", tmp_path / "home")
    with pytest.raises(KeyUnusable):
        key.sign(BARE)
    assert key.public() is None


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "X25519", "-out", tmp_path / "head.key"], check=True
    )
    with pytest.raises(KeyUnusable):
        HeadKey(tmp_path / "head.key", tmp_path / "home").sign(BARE)


def test_a_place_where_nothing_can_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyUnusable) as refused:
        HeadKey(tmp_path / "file" / "head.key", tmp_path / "home").sign(BARE)
    assert refused.value.facts == {"file": "head.key", "why": "EEXIST"}


def test_the_key_lies_where_it_is_said_to_or_with_the_users_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert key_file("/etc/georeview/head.key") == Path("/etc/georeview/head.key")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert key_file("") == tmp_path / "georeview" / "head.key"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert key_file("") == tmp_path / ".config" / "georeview" / "head.key"
