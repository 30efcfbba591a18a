"""Verify: the ledger, the projection, and every evidence file against its hash."""

import io
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from pathlib import Path

import pytest

from georeview.core.heads import SignedHead, Why, as_text
from georeview.core.ledger import GENESIS, digest
from georeview.core.query import Filter
from georeview.errors.exports import OutNotWritable
from georeview.errors.upkeep import HeadMalformed
from georeview.services import Services
from georeview.services.upkeep import read_head
from georeview.storage.signing import HeadKey
from tests.builders import a_batch, an_actor
from tests.places import Place
from tests.services.doors import open_doors
from tests.services.pictures import a_photo


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


@pytest.fixture
def file(doors: Services) -> Path:
    """A photo beside a plot, as it lies in the home."""
    plot = a_batch(doors.store, 1)[0]
    county = an_actor("county", "511902")
    kept = doors.review.attach(
        county, plot.plot_id, io.BytesIO(a_photo()), kind="E_PHOTO", name="a.jpg"
    )
    return doors.files.path("evidence", kept.file.sha256)


def test_all_is_well(doors: Services, file: Path) -> None:
    assert list(doors.upkeep.verify()) == []


def test_a_lost_file_is_found(doors: Services, file: Path) -> None:
    file.unlink()
    (flaw,) = doors.upkeep.verify()
    assert (flaw.code, flaw.what) == ("evidence", file.name)


def test_a_flipped_bit_in_a_file_is_found(doors: Services, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.chmod(0o640)
    file.write_bytes(content)
    assert [flaw.code for flaw in doors.upkeep.verify()] == ["evidence"]


# Signed heads ------------------------------------------------------------------------------------


@pytest.fixture
def watched(tmp_path: Path, place: Place) -> Iterator[Services]:
    """A store whose heads are put into a folder elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    elsewhere = str(tmp_path / "elsewhere")
    with open_doors(tmp_path, store=place.address, heads=elsewhere) as services:
        a_batch(services.store, 3)
        yield services


def codes(doors: Services, heads: dict[str, SignedHead] | None = None) -> list[str]:
    return [flaw.code for flaw in doors.upkeep.verify(heads or {})]


def test_a_head_says_where_the_ledger_ends_and_holds_while_it_grows(watched: Services) -> None:
    head, end = watched.upkeep.sign_head(Why.ASKED), watched.store.ledger.head()
    assert (head.seq, head.hash, head.why) == (end.seq, end.hash, "asked")
    assert (head.store, head.signed_at) == (
        watched.store.store_id(),
        "2023-04-10T02:00:00.000+00:00",
    )
    assert head.key == watched.upkeep.own_key()
    a_batch(watched.store, 2, name="2023-2")
    assert codes(watched, {"mine": head}) == []


def test_an_hour_in_which_nothing_was_kept_needs_no_new_head(watched: Services) -> None:
    first = watched.upkeep.sign_head(Why.HOURLY)
    assert watched.upkeep.sign_head(Why.HOURLY) == first
    a_batch(watched.store, 1, name="2023-2")
    assert watched.upkeep.sign_head(Why.HOURLY) != first
    assert len(watched.upkeep.heads()) == 2


def test_heads_are_put_away_also_those_of_times_when_the_folder_was_not_there(
    watched: Services, tmp_path: Path
) -> None:
    folder, gone = tmp_path / "elsewhere", tmp_path / "gone"
    watched.upkeep.sign_head(Why.HOURLY)
    folder.rename(gone)
    a_batch(watched.store, 1, name="2023-2")
    with pytest.raises(OutNotWritable):
        watched.upkeep.sign_head(Why.HOURLY)
    # What is handed over does not fail for it.
    assert watched.upkeep.sign_head(Why.BACKUP).why == "backup"
    gone.rename(folder)
    watched.upkeep.sign_head(Why.HOURLY)
    assert {read_head(file) for file in folder.iterdir()} == set(watched.upkeep.heads())
    assert len(watched.upkeep.heads_put_away()) == len(watched.upkeep.heads()) == 3


def cut(place: Place) -> None:
    """Take the last plot's events away with every trace of them, as an owner of the store can."""
    place.tamper(
        "DELETE FROM plot_state WHERE plot_id = '2023-1-0-0000002'",
        "DELETE FROM event WHERE plot_id = '2023-1-0-0000002'",
        "DELETE FROM plot WHERE plot_id = '2023-1-0-0000002'",
        "UPDATE head SET seq = 4, area_seq = 4, hash = (SELECT hash FROM event WHERE seq = 4)",
    )


def rewrite(doors: Services, place: Place) -> None:
    """Say that another person did it, and make every hash after it anew."""
    previous, ended = GENESIS, ""
    for event in list(doors.store.ledger.events()):
        whole = replace(event, prev_hash=previous, actor="somebody else", hash="")
        previous = ended = digest(*astuple(whole)[:-1])
        place.tamper(
            f"UPDATE event SET actor = 'somebody else', prev_hash = '{whole.prev_hash}',"
            f" hash = '{ended}' WHERE seq = {event.seq}"
        )
    place.tamper(f"UPDATE head SET hash = '{ended}'")


def forget_heads(place: Place) -> None:
    with place.raw() as connection:
        if place.address:
            connection.execute("ALTER TABLE signed_head DISABLE TRIGGER ALL")
        else:
            connection.execute("DROP TRIGGER signed_head_no_delete")
        connection.execute("DELETE FROM signed_head")


@pytest.mark.parametrize("forgotten", [False, True], ids=["kept", "forgotten"])
@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (lambda _, place: cut(place), "head_cut"),
        (rewrite, "head_rewritten"),
    ],
    ids=["cut", "rewritten"],
)
def test_a_head_in_other_hands_shows_what_no_hash_shows(
    tmp_path: Path,
    place: Place,
    attack: Callable[[Services, Place], None],
    code: str,
    *,
    forgotten: bool,
) -> None:
    with open_doors(tmp_path, store=place.address) as doors:
        a_batch(doors.store, 3)
        here = replace(place, home=doors.settings.home)
        head = doors.upkeep.sign_head(Why.HOURLY)
        attack(doors, here)
        if forgotten:
            forget_heads(here)
            assert codes(doors) == []
        else:
            assert codes(doors) == [code]
        (*_, flaw) = doors.upkeep.verify({"april.json": head})
        assert (flaw.code, flaw.seq, flaw.what) == (code, head.seq, "april.json")


def test_a_head_that_is_not_ours_proves_nothing(watched: Services, tmp_path: Path) -> None:
    head = watched.upkeep.sign_head(Why.ASKED)
    other = HeadKey(tmp_path / "other.key", tmp_path / "home")
    assert codes(watched, {"f": replace(head, hash="0" * 64)}) == ["head_forged"]
    assert codes(watched, {"f": other.sign(replace(head, store="x"))}) == ["head_other_store"]
    # Signed by whoever: what it says is so, and that is all it is asked.
    assert codes(watched, {"f": other.sign(head)}) == []


def test_heads_of_other_stores_in_the_same_folder_are_passed_by(
    watched: Services, tmp_path: Path
) -> None:
    head = watched.upkeep.sign_head(Why.HOURLY)
    key = HeadKey(tmp_path / "other.key", tmp_path / "home")
    (tmp_path / "elsewhere" / "head-x.json").write_text(
        as_text(key.sign(replace(head, store="another"))), encoding="utf-8"
    )
    assert codes(watched) == []
    assert watched.upkeep.heads_known() == 2
    # One that was spoilt is told, and does not keep the others from being asked.
    (tmp_path / "elsewhere" / "head-y.json").write_text("{", encoding="utf-8")
    assert [(f.code, f.what) for f in watched.upkeep.verify()] == [("head_unread", "head-y.json")]


def test_an_export_carries_a_head(watched: Services, tmp_path: Path) -> None:
    watched.exports.write(
        an_actor("city", "5119"), where=Filter(batch="2023-1"), format="shp", out=tmp_path / "a.zip"
    )
    watched.exports.write(
        an_actor("city", "5119"), where=Filter(batch="2023-1"), format="csv", out=tmp_path / "a.csv"
    )
    shp, csv = watched.upkeep.heads()
    assert read_head(tmp_path / "a.zip") == shp
    assert read_head(tmp_path / "a.csv.report.json") == csv
    assert (shp.why, shp.seq) == ("export", watched.store.ledger.head().seq)
    assert codes(watched, {"a.zip": shp}) == []


def test_an_export_does_not_fail_for_want_of_a_key(tmp_path: Path, place: Place) -> None:
    key = str(tmp_path / "home" / "head.key")
    with open_doors(tmp_path, store=place.address, head_key=key) as doors:
        a_batch(doors.store, 3)
        out = tmp_path / "a.csv"
        where = Filter(batch="2023-1")
        report = doors.exports.write(an_actor("city", "5119"), where=where, format="csv", out=out)
        assert report.options.signed_head is None
        assert doors.upkeep.heads() == []


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"\xff\xfe", b"{}"])
def test_a_file_without_a_head_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "head.json").write_bytes(content)
    with pytest.raises(HeadMalformed):
        read_head(tmp_path / "head.json")
    with pytest.raises(HeadMalformed):
        read_head(tmp_path / "none.json")
