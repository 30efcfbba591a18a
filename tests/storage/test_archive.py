"""Backups that are not what they seem: each is refused before anything of it lies anywhere."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from georeview.core.heads import SignedHead
from georeview.errors.exports import OutNotWritable
from georeview.errors.store import DiskFull, StoreGone
from georeview.errors.upkeep import BackupBroken, HeadMalformed, OutExists
from georeview.storage import archive

TOLD = {"made_at": "2023-04-10T02:00:00+00:00", "rows": {"event": 3}, "missing": []}
PHOTO = b"\xff\xd8photo" * 2000
PHOTO_NAME = f"evidence/{hashlib.sha256(PHOTO).hexdigest()[:2]}/{hashlib.sha256(PHOTO).hexdigest()}"
Members = dict[str, bytes]


def sign(covers: str) -> SignedHead:
    at = "2023-04-10T02:00:00+00:00"
    return SignedHead("s", 3, "a" * 64, "backup", covers, at, "b" * 64, "c" * 128)


def unseen(_: int) -> None:
    """Nobody watches."""


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A small backup, as ours are made."""
    (tmp_path / "db").write_bytes(b"SQLite format 3\0" * 4000)
    (tmp_path / "photo").write_bytes(PHOTO)
    (tmp_path / "display.tif").write_bytes(b"II*\0")
    with archive.writing(tmp_path / "b.zip") as target:
        target.add("georeview.sqlite", tmp_path / "db", packed=True)
        target.add(PHOTO_NAME, tmp_path / "photo", packed=False)
        target.add("imagery/after-2023-03-01-1a2b/display.tif", tmp_path / "photo", packed=False)
        target.finish(TOLD, sign)
    return tmp_path / "b.zip"


def unpacked(file: Path, folder: Path) -> dict[str, bytes]:
    """What lies in the folder after a backup has been unpacked there."""
    folder.mkdir()
    with archive.opened(file) as found:
        found.unpack(folder, unseen)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_backup_comes_back(backup: Path, tmp_path: Path) -> None:
    assert unpacked(backup, tmp_path / "out") == {
        "georeview.sqlite": b"SQLite format 3\0" * 4000,
        PHOTO_NAME: PHOTO,
        "imagery/after-2023-03-01-1a2b/display.tif": PHOTO,
    }
    with archive.opened(backup) as found:
        assert (found.made_at, found.rows, found.missing) == (
            TOLD["made_at"],
            TOLD["rows"],
            (),
        )
        assert found.sealed
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out" / PHOTO_NAME).stat().st_mode & 0o777 == 0o440


def test_a_file_is_never_replaced_and_a_failure_leaves_none(backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(OutExists), archive.writing(backup):
        pass
    with pytest.raises(OutNotWritable), archive.writing(tmp_path / "none" / "b.zip"):
        pass
    with pytest.raises(StoreGone), archive.writing(tmp_path / "c.zip") as target:
        target.add("georeview.sqlite", tmp_path / "none", packed=True)
    with pytest.raises(OutExists), archive.writing(tmp_path / "d.zip"):
        (tmp_path / "d.zip").write_bytes(b"mine")
    assert (backup.read_bytes(), (tmp_path / "d.zip").read_bytes()) == (before, b"mine")
    assert not [path for path in tmp_path.iterdir() if "part" in path.name]
    assert not (tmp_path / "c.zip").exists()


# What others could make of it -------------------------------------------------------------------


def remade(file: Path, change: Callable[[Members], None], **infos: int) -> None:
    """Pack a backup anew after a change to its members."""
    with zipfile.ZipFile(file) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = infos.get("external_attr", 0)
            target.writestr(info, content)


def listed(members: Members, name: str, content: bytes, **other: object) -> None:
    """Put a member in, with its line in the manifest."""
    manifest = json.loads(members["manifest.json"])
    line = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest["members"][name] = line | other
    members["manifest.json"] = json.dumps(manifest).encode()
    members[name] = content


STRANGE = (
    "../evil", "/etc/passwd", "evidence/../../evil", "evidence/ab/" + "cd" * 32, "cache/x",
    "evidence/" + "ab" * 32, "imagery/../georeview.sqlite", "imagery/.ssh/key", "imagery/a/b/c",
    "imagery/a/.hidden", "store.id", "georeview.sqlite-wal", "head.key", "C:\\evil",
    "imagery/a\\..\\b/c", "imagery/a/b\x00", "evidence\n/x", "georeview.sqlite\n", "",
)  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_a_member_that_has_no_place_in_a_home_is_refused(
    backup: Path, tmp_path: Path, name: str
) -> None:
    remade(backup, lambda members: listed(members, name, b"x"))
    with pytest.raises(BackupBroken):
        unpacked(backup, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_member_more_or_less_than_the_manifest_says_is_refused(
    backup: Path, tmp_path: Path
) -> None:
    whole = backup.read_bytes()
    for change in (
        lambda m: m.update({"imagery/a/x.tif": b"x"}),
        lambda m: m.pop(PHOTO_NAME),
        lambda m: m.pop("georeview.sqlite"),
        lambda m: m.pop("manifest.json"),
        lambda m: m.pop("head.json"),
        lambda m: m.update({"manifest.json": b"[]"}),
        lambda m: m.update({"manifest.json": b"{}"}),
        lambda m: m.update({"manifest.json": b"[" * 100_000}),
        lambda m: listed(m, "imagery/a/x.tif", b"xyz", size=2),
        lambda m: listed(m, "imagery/a/x.tif", b"xyz", size=4),
        lambda m: listed(m, "imagery/a/x.tif", b"xyz", size=-1),
        lambda m: listed(m, "imagery/a/x.tif", b"xyz", sha256="0" * 64),
        lambda m: listed(m, "manifest.json", b"xyz"),
        lambda m: m.update({"head.json": b"{}"}),
    ):
        backup.write_bytes(whole)
        remade(backup, change)
        folder = tmp_path / hashlib.sha256(backup.read_bytes()).hexdigest()
        with pytest.raises((BackupBroken, HeadMalformed)):
            unpacked(backup, folder)


def test_a_manifest_that_was_changed_is_not_sealed(backup: Path) -> None:
    remade(backup, lambda members: listed(members, "imagery/a/x.tif", b"xyz"))
    with archive.opened(backup) as found:
        assert not found.sealed


def test_a_link_is_refused(backup: Path, tmp_path: Path) -> None:
    remade(backup, lambda _: None, external_attr=0o120777 << 16)
    with pytest.raises(BackupBroken):
        unpacked(backup, tmp_path / "out")


def test_two_members_of_one_name_are_refused(backup: Path, tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(backup, "a") as target,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        target.writestr("georeview.sqlite", b"other")
    with pytest.raises(BackupBroken):
        unpacked(backup, tmp_path / "out")


def test_more_than_the_disk_holds_is_refused_before_a_byte_is_written(
    backup: Path, tmp_path: Path
) -> None:
    """A bomb says how large it is, or it is not what the manifest says."""
    need = 1 << 62

    def bomb(members: Members) -> None:
        listed(members, "imagery/a/x.tif", b"xyz", size=need)

    remade(backup, bomb)
    raw = bytearray(backup.read_bytes())
    with zipfile.ZipFile(backup) as source:
        assert source.getinfo("imagery/a/x.tif").file_size == 3
    with pytest.raises((BackupBroken, DiskFull)):
        unpacked(backup, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert len(raw) < 1 << 20


@pytest.mark.parametrize("content", [b"", b"PK", b"SQLite format 3\0" * 9, os.urandom(5000)])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(BackupBroken):
        unpacked(tmp_path / "b.zip", tmp_path / "out")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupBroken):
        unpacked(tmp_path / "none.zip", tmp_path / "out")


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_bit_never_comes_back_as_something_else(
    backup: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = backup.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    spoilt = bytearray(whole)
    spoilt[place] ^= 1 << data.draw(st.integers(0, 7))
    folder = tmp_path_factory.mktemp("flip")
    (folder / "b.zip").write_bytes(bytes(spoilt))
    try:
        found = unpacked(folder / "b.zip", folder / "out")
    except (BackupBroken, HeadMalformed):
        return
    # The bit was one that says nothing, such as a date.
    assert found == unpacked(backup, folder / "good")


@given(st.integers(1, 5000))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_refused(
    backup: Path, tmp_path_factory: pytest.TempPathFactory, missing: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = backup.read_bytes()
    (folder / "b.zip").write_bytes(whole[: max(len(whole) - missing, 0)])
    with pytest.raises(BackupBroken):
        unpacked(folder / "b.zip", folder / "out")
