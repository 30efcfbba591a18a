"""A backup of a working store, and what comes back of it, on each back end from each."""

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.heads import Why
from georeview.errors.upkeep import (
    BackupBroken,
    HomeNotEmpty,
    KeyInside,
    OutExists,
    StoreFlawed,
    StoreNotEmpty,
)
from georeview.services import Services, open_services
from georeview.services.restore import Restored, restore, steps_of
from georeview.services.upkeep import read_head
from tests.builders import NOW, a_batch
from tests.places import BACK_ENDS, NewPlace, Place
from tests.services.doors import open_doors
from tests.services.full import COUNTY, everything, files, fill, mark
from tests.services.pictures import a_photo


def unseen(_: int) -> None:
    """Nobody watches."""


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path / "from", store=place.address) as services:
        yield services


@pytest.fixture
def own(doors: Services) -> list[str]:
    """Plots of one county in a store that holds something of everything."""
    return fill(doors)


@pytest.fixture
def backup(doors: Services, own: list[str], tmp_path: Path) -> Path:
    doors.backups.write(tmp_path / "b.zip", unseen)
    return tmp_path / "b.zip"


@pytest.fixture(params=BACK_ENDS)
def target(request: pytest.FixtureRequest, places: NewPlace, tmp_path: Path) -> Iterator[Place]:
    """Room for what comes back."""
    with places(request.param, tmp_path / "to") as made:
        yield made


def back(place: Place, file: Path, *, flawed: bool = False) -> Restored:
    return restore(place.settings, file, lambda: NOW, unseen, flawed=flawed)


def test_all_comes_back_and_goes_on(
    doors: Services, own: list[str], target: Place, tmp_path: Path
) -> None:
    before = everything(doors.store.engine)
    made = doors.backups.write(tmp_path / "b.zip", unseen)
    restored = back(target, tmp_path / "b.zip")
    assert (made.missing, made.flaws, made.files) == ((), (), 3)
    assert (restored.rows, restored.files, restored.flaws) == (made.rows, 3, ())
    assert restored.head == made.head
    assert restored.own_key
    with closing(open_services(target.settings, lambda: NOW)) as again:
        assert everything(again.store.engine) == before
        assert files(target.home) == files(doors.settings.home)
        assert list(again.upkeep.verify({"b.zip": made.head})) == []
        # Numbers go on behind those that came along.
        assert mark(again, own[0], "later") == made.head.seq + 1
        again.review.attach(
            COUNTY, own[0], io.BytesIO(a_photo((9, 9, 9))), kind="E_PHOTO", name="b"
        )
        assert list(again.upkeep.verify()) == []
        assert again.sessions.sign_in("li", "correct horse battery", "127.0.0.1").actor.user == "li"


def test_nobody_stays_signed_in_by_a_backup(
    doors: Services, own: list[str], target: Place, backup: Path
) -> None:
    session = doors.sessions.sign_in("li", "correct horse battery", "127.0.0.1")
    shutil.rmtree(target.home, ignore_errors=True)
    backup.unlink()
    doors.backups.write(backup, unseen)
    back(target, backup)
    with target.raw() as connection:
        assert connection.execute("SELECT COUNT(*) FROM session").fetchone()[0] == 0
        assert connection.execute("SELECT COUNT(*) FROM failure").fetchone()[0] == 0
    assert session.token.encode() not in backup.read_bytes()


def test_it_is_of_one_moment_while_work_goes_on(
    doors: Services, own: list[str], target: Place, tmp_path: Path
) -> None:
    """Marks and photos keep coming; what is in the backup holds together all the same."""
    done = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        n = 0
        try:
            while not done.is_set():
                n += 1
                plot_id = own[n % len(own)]
                mark(doors, plot_id, f"busy-{n}")
                photo = io.BytesIO(a_photo((n % 200, n // 200, 7)))
                doors.review.attach(COUNTY, plot_id, photo, kind="E_PHOTO", name="x.jpg")
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=work)
    thread.start()
    try:
        before = doors.store.ledger.head().seq
        made = doors.backups.write(tmp_path / "b.zip", unseen)
        after = doors.store.ledger.head().seq
    finally:
        done.set()
        thread.join()
    assert failed == []
    assert before <= made.head.seq <= after
    restored = back(target, tmp_path / "b.zip")
    assert (made.missing, restored.missing, restored.flaws) == ((), (), ())
    # And the store that went on still holds to the head of its backup.
    assert list(doors.upkeep.verify({"b": read_head(tmp_path / "b.zip")})) == []


def test_a_lost_file_is_told_and_does_not_stop_it(
    doors: Services, own: list[str], target: Place, tmp_path: Path
) -> None:
    lost = doors.store.evidence.of_plot(EVERYTHING, own[0])[0].sha256
    doors.files.path("evidence", lost).unlink()
    made = doors.backups.write(tmp_path / "b.zip", unseen)
    assert (made.missing, made.files) == ((lost,), 2)
    restored = back(target, tmp_path / "b.zip")
    assert (restored.missing, restored.flaws) == ((lost,), ())


def test_images_can_be_left_out(doors: Services, own: list[str], tmp_path: Path) -> None:
    doors.backups.write(tmp_path / "b.zip", unseen, imagery=False)
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        assert not [name for name in packed.namelist() if name.startswith("imagery")]
        assert json.loads(packed.read("manifest.json"))["imagery"] is False


def test_no_secret_and_no_key_is_in_it(
    doors: Services, own: list[str], backup: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(backup) as packed:
        content = b"".join(packed.read(name) for name in packed.namelist())
        told = json.loads(packed.read("manifest.json"))["settings"]
    assert b"PRIVATE KEY" not in content
    assert told["GEOREVIEW_STORE"] == ("***" if doors.settings.store else "")
    if doors.settings.store:
        assert doors.settings.store.encode() not in content


def test_a_backup_never_replaces_a_file(doors: Services, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(OutExists):
        doors.backups.write(backup, unseen)
    assert backup.read_bytes() == before


def test_nothing_stays_of_a_backup_that_failed(tmp_path: Path, place: Place) -> None:
    key = str(tmp_path / "home" / "head.key")
    with open_doors(tmp_path, store=place.address, head_key=key) as doors:
        with pytest.raises(KeyInside):
            doors.backups.write(tmp_path / "b.zip", unseen)
        assert list(doors.files.cache().iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_each_backup_leaves_its_head_in_the_store(doors: Services, backup: Path) -> None:
    (head,) = doors.upkeep.heads()
    assert (head.why, head) == (Why.BACKUP, read_head(backup))


# Bringing back -----------------------------------------------------------------------------------


def test_a_home_that_is_not_empty_is_left_alone(target: Place, backup: Path) -> None:
    target.home.mkdir(parents=True, exist_ok=True)
    (target.home / "georeview.sqlite").write_bytes(b"something")
    with pytest.raises(HomeNotEmpty):
        back(target, backup)
    assert [path.name for path in target.home.iterdir()] == ["georeview.sqlite"]


@pytest.mark.parametrize("target", ["postgis"], indirect=True)
def test_a_database_that_is_not_empty_is_left_alone(target: Place, backup: Path) -> None:
    with closing(target.store()) as store:
        a_batch(store, 1)
        before = everything(store.engine)
    with pytest.raises(StoreNotEmpty):
        back(target, backup)
    with closing(target.store()) as store:
        assert everything(store.engine) == before
    assert not target.home.exists() or list(target.home.iterdir()) == []


def spoil(name: str) -> Callable[[dict[str, bytes]], None]:
    """Change a byte in the middle of a member, and pack it as if nothing were wrong."""

    def change(members: dict[str, bytes]) -> None:
        content = bytearray(members[name])
        content[len(content) // 2] ^= 1
        members[name] = bytes(content)

    return change


def repacked(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(file) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name), content)


@pytest.mark.parametrize("part", ["georeview.sqlite", "manifest.json", "evidence", "imagery"])
def test_a_spoilt_backup_leaves_nothing_behind(target: Place, backup: Path, part: str) -> None:
    with zipfile.ZipFile(backup) as packed:
        name = next(name for name in packed.namelist() if name.startswith(part))
    repacked(backup, spoil(name))
    with closing(target.store()) as store:
        before = everything(store.engine) if target.address else {}
    target.settings.database.unlink(missing_ok=True)
    with pytest.raises(BackupBroken):
        back(target, backup)
    assert not target.home.exists() or list(target.home.iterdir()) == []
    if target.address:
        with closing(target.store()) as store:
            assert everything(store.engine) == before


def test_a_flawed_store_is_backed_up_and_only_knowingly_brought_back(
    doors: Services, own: list[str], place: Place, target: Place, tmp_path: Path
) -> None:
    with replace(place, home=doors.settings.home).raw() as connection:
        spoilt = "UPDATE plot_state SET mark = 'rectified' WHERE plot_id = :id"
        connection.execute(spoilt, {"id": own[0]})
    made = doors.backups.write(tmp_path / "b.zip", unseen)
    assert [(flaw.code, flaw.plot_id) for flaw in made.flaws] == [("projection", own[0])]
    with pytest.raises(StoreFlawed) as refused:
        back(target, tmp_path / "b.zip")
    assert refused.value.facts == {"flaw": "projection", "seq": "-", "plot": own[0]}
    assert not target.home.exists() or list(target.home.iterdir()) == []
    restored = back(target, tmp_path / "b.zip", flawed=True)
    assert restored.flaws == made.flaws


def test_progress_is_told_to_the_end(
    doors: Services, own: list[str], target: Place, tmp_path: Path
) -> None:
    told: list[int] = []
    expected = doors.backups.steps() + 3
    doors.backups.write(tmp_path / "b.zip", told.append)
    assert sum(told) == expected
    told.clear()
    restore(target.settings, tmp_path / "b.zip", lambda: NOW, told.append)
    assert abs(sum(told) - steps_of(tmp_path / "b.zip", target.settings)) <= 5
