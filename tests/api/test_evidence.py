"""Photos and documents: kept byte for byte, read with care, seen by who may."""

import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PIL import Image

from tests.api.conftest import World


def photo(size=(1200, 900), *, place=True) -> bytes:
    picture = Image.new("RGB", size, (90, 120, 80))
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825).update(
            {1: "N", 2: (31.0, 33.0, 36.0), 3: "E", 4: (107.0, 6.0, 0.72), 17: 270.0}
        )
        exif.get_ifd(0x8769).update({0x9003: "2023:05:17 10:21:33", 0x9011: "+08:00"})
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def attach(browser, data, name="现场.jpg", kind="E_PHOTO", plot="p0"):
    return browser.post(
        f"/api/v1/plots/{plot}/evidence", files={"file": (name, data)}, data={"kind": kind}
    )


def test_a_photo_is_kept_byte_for_byte_with_time_and_place(world: World) -> None:
    browser, data = world.browser("county"), photo()
    answer = attach(browser, data)
    assert answer.status_code == 201
    kept = answer.json()
    assert kept["taken_at"] == "2023-05-17T10:21:33+08:00"
    assert kept["position"] == pytest.approx([107.1002, 31.56], abs=1e-6)
    original = browser.get(f"/api/v1/evidence/{kept['id']}")
    assert original.content == data
    assert original.headers["content-disposition"].startswith("attachment")
    (shown,) = browser.get("/api/v1/plots/p0").json()["evidence"]
    assert shown["distance_m"] == pytest.approx(22.2, abs=0.3)


def test_the_preview_holds_pixels_only(world: World) -> None:
    browser = world.browser("county")
    kept = attach(browser, photo()).json()
    thumb = browser.get(f"/api/v1/evidence/{kept['id']}", params={"size": "thumb"})
    picture = Image.open(io.BytesIO(thumb.content))
    assert picture.format == "WEBP"
    assert max(picture.size) <= 480
    assert not picture.getexif()
    assert "exif" not in picture.info


def test_the_same_photo_twice_is_one_piece_of_evidence(world: World) -> None:
    browser, data = world.browser("county"), photo()
    first, second = attach(browser, data), attach(browser, data)
    assert first.json()["id"] == second.json()["id"]
    assert len(browser.get("/api/v1/plots/p0").json()["evidence"]) == 1


def test_evidence_needs_no_version_and_moves_none_but_is_in_the_history(world: World) -> None:
    browser = world.browser("county")
    attach(browser, photo())
    plot = browser.get("/api/v1/plots/p0").json()
    assert plot["version"] == 2
    last = browser.get("/api/v1/plots/p0/history").json()["items"][-1]
    assert last["action"] == "attach"
    assert last["body"]["sha256"] == plot["evidence"][0]["sha256"]


def test_photos_complete_a_mark(world: World) -> None:
    browser = world.browser("county")
    body = {"mark": "false_positive", "reason": "FP45"}
    marked = browser.post("/api/v1/plots/p0/marks", json=body, headers={"If-Match": '"2"'})
    assert marked.json()["plot"]["missing"] == [{"item": "evidence", "any_of": ["E_PHOTO"], "n": 1}]
    attach(browser, photo())
    assert browser.get("/api/v1/plots/p0").json()["missing"] == []


def test_the_same_photo_sent_many_times_at_once_is_one(world: World) -> None:
    browsers, data = [world.browser("county") for _ in range(4)], photo()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda browser: attach(browser, data), browsers))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert len(browsers[0].get("/api/v1/plots/p0").json()["evidence"]) == 1
    assert list(world.services.store.ledger.verify()) == []


def test_the_same_photo_is_evidence_of_each_plot_it_is_put_beside(world: World) -> None:
    browser, data = world.browser("county"), photo()
    assert attach(browser, data).json()["id"] != attach(browser, data, plot="p1").json()["id"]


def test_a_camera_without_offset_shows_the_time_of_the_place(world: World) -> None:
    picture, out = Image.new("RGB", (60, 40)), io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2023:05:17 10:21:33"
    picture.save(out, "JPEG", exif=exif)
    kept = attach(world.browser("county"), out.getvalue()).json()
    assert kept["taken_at"] == "2023-05-17T10:21:33+08:00"


def test_an_impossible_time_of_the_device_is_refused_and_leaves_nothing(world: World) -> None:
    answer = world.browser("county").post(
        "/api/v1/plots/p0/evidence",
        files={"file": ("a.jpg", photo())},
        data={"observed_at": "0001-01-01T00:00:00+14:00"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "observed_at")
    assert not (world.services.settings.home / "evidence").exists()


def test_evidence_has_a_limit_of_its_own_checked_before_it_is_read(world: World) -> None:
    limit = world.services.settings.max_evidence_mb * 2**20
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    told = {"Content-Length": str(limit + 10**6), **headers}
    browser, url = world.browser("county"), "/api/v1/plots/p0/evidence"
    assert browser.post(url, content=iter([b"x"]), headers=told).status_code == 413
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    chunks = itertools.chain([start], itertools.repeat(b"x" * 2**20, 42))
    assert browser.post(url, content=chunks, headers=headers).status_code == 413


def test_nothing_is_taken_in_while_the_disk_is_nearly_full(world: World) -> None:
    full = replace(world.services.settings, min_free_mb=10**9)
    answer = attach(world.again(full).browser("county"), photo())
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")


def test_a_pdf_is_taken_and_has_no_preview(world: World) -> None:
    browser = world.browser("county")
    kept = attach(browser, b"%PDF-1.7\n1 0 obj", "许可.pdf", "E_PERMIT").json()
    assert kept["media_type"] == "application/pdf"
    assert browser.get(f"/api/v1/evidence/{kept['id']}?size=thumb").status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>",
        b"GIF89a\x01\x00\x01\x00",
        photo()[:4000],
        b"\xff\xd8\xff\xe0" + b"x" * 500,
    ],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(world: World, data: bytes) -> None:
    browser = world.browser("county")
    answer = attach(browser, data)
    assert (answer.status_code, answer.json()["code"]) == (415, "not_a_photo_or_pdf")
    assert browser.get("/api/v1/plots/p0").json()["evidence"] == []
    assert [p for p in (world.services.settings.home / "evidence").rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(("kind", "status"), [("E_FACT", 422), ("E_NONE", 422), ("E_DOC", 201)])
def test_only_kinds_that_can_be_attached(world: World, kind: str, status: int) -> None:
    assert attach(world.browser("county"), photo(), kind=kind).status_code == status


@pytest.mark.parametrize(
    ("user", "status"),
    [("other", 404), ("township", 404), ("gis", 403), ("auditor", 403), ("admin", 403)],
)
def test_who_may_not_attach(world: World, user: str, status: int) -> None:
    assert attach(world.browser(user), photo()).status_code == status


@pytest.mark.parametrize(("user", "status"), [("other", 404), ("gis", 403), ("auditor", 200)])
def test_who_may_see(world: World, user: str, status: int) -> None:
    kept = attach(world.browser("county"), photo()).json()
    for size in ("full", "thumb"):
        answer = world.browser(user).get(f"/api/v1/evidence/{kept['id']}", params={"size": size})
        assert answer.status_code == status
    if user == "gis":
        assert world.browser("gis").get("/api/v1/plots/p0").json()["evidence"] == []


def test_a_name_from_outside_is_only_text(world: World) -> None:
    browser = world.browser("county")
    kept = attach(browser, photo(), '../../etc/"\r\nX: y<script>.jpg').json()
    answer = browser.get(f"/api/v1/evidence/{kept['id']}")
    assert answer.status_code == 200
    assert "x" not in {name.lower() for name in answer.headers}


def test_a_stranger_is_refused_before_the_upload_is_read(world: World) -> None:
    answer = world.browser().post(
        "/api/v1/plots/p0/evidence",
        content=iter([b"x" * 1000]),
        headers={"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(2**31)},
    )
    assert answer.status_code == 413
    assert attach(world.browser(), photo()).status_code == 401
