"""Results in: lists are looked through row by row, and applied by the rules of the map."""

import io
import zipfile

import pytest
import xlsxwriter

from georeview.core.access import EVERYTHING
from tests.api.conftest import BATCH, work_off
from tests.api.test_evidence import photo
from tests.files import ids, shapefile, squares

URL = "/api/v1/results"
XLSX = "清单.xlsx"


def sheet(*rows, above=()):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for number, row in enumerate((*above, *rows)):
            page.write_row(number, 0, row)
    return out.getvalue()


def looked(browser, *files):
    sent = browser.post(URL, files=[("file", file) for file in files], data={"batch": BATCH})
    assert sent.status_code == 202, sent.text
    return again(browser, sent.headers["location"])


def again(browser, address):
    work_off(browser)
    found = browser.get(address).json()
    found["rows"] = browser.get(f"{address}/rows").json()["items"]
    return address, found


def committed(browser, address):
    assert browser.post(f"{address}/commit").status_code == 202
    return again(browser, address)[1]


def outcomes(found):
    return [(row["source_id"], row["outcome"]) for row in found["rows"]]


def review(world, plot_id):
    return world.services.store.ledger.review(EVERYTHING, plot_id)


HEAD = ("图斑编号", "标记", "原因代码", "复核说明", "复核日期")


def test_each_row_stands_or_falls_alone_and_the_counts_add_up(world) -> None:
    county = world.browser("county")
    list_ = sheet(
        HEAD,
        ("000", "误报", "FP31", "线外", "2023-05-02"),
        ("001", "是", "", "", ""),
        ("002", "误报", "PR33", "", ""),
        ("003", "误报", "FP31", "", ""),  # another county's
        ("009", "误报", "FP31", "", ""),
        above=(("平昌县复核成果表",), ()),
    )
    address, found = looked(county, (XLSX, list_))
    assert found["state"] == "ready"
    expected = [
        ("000", "mark"), ("001", "unread"), ("002", "refused"), ("003", "not_found"),
        ("009", "not_found"),
    ]  # fmt: skip
    assert outcomes(found) == expected
    assert [row["row"] for row in found["rows"]] == [4, 5, 6, 7, 8]
    assert found["words"] == {"mark": [{"word": "是", "n": 1}]}
    assert all(row["why"]["title"] for row in found["rows"][1:])
    assert review(world, "p0").mark == "pending"
    done = committed(county, address)
    assert outcomes(done) == expected
    counts = done["counts"]
    assert counts["rows_in"] == counts["applied"] + counts["unchanged"] + counts["set_aside"] == 5
    event = world.services.store.ledger.history(EVERYTHING, "p0")[-1]
    assert (event.action, event.actor, event.unit) == ("mark", "county", "平昌县专班")
    assert event.observed_at == "2023-05-02T00:00:00+08:00"
    state = review(world, "p0")
    assert (state.mark, state.reason, state.note) == ("false_positive", "FP31", "线外")
    assert review(world, "p3").mark == "pending"


def test_a_list_told_twice_is_one_event_and_the_same_list_again_changes_nothing(world) -> None:
    county = world.browser("county")
    list_ = sheet(HEAD, ("000", "误报", "FP31", "", ""))
    address, _ = looked(county, (XLSX, list_))
    committed(county, address)
    before = review(world, "p0").version
    committed(county, address)
    assert review(world, "p0").version == before
    _, found = looked(county, (XLSX, list_))
    assert (outcomes(found), found["counts"]["unchanged"]) == ([("000", "unchanged")], 1)


def test_what_changed_after_the_look_is_set_aside_and_not_overwritten(world) -> None:
    county = world.browser("county")
    address, found = looked(county, (XLSX, sheet(HEAD, ("000", "误报", "FP31", "", ""))))
    assert outcomes(found) == [("000", "mark")]
    marked = county.post(
        "/api/v1/plots/p0/marks", json={"mark": "confirmed"}, headers={"If-Match": '"2"'}
    )
    assert marked.status_code == 201
    done = committed(county, address)
    assert outcomes(done) == [("000", "conflict")]
    assert review(world, "p0").mark == "confirmed"


def cells(content):
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_the_work_list_comes_back_without_any_mapping(world) -> None:
    county = world.browser("county")
    given = county.get(f"{URL}/worklist", params={"batch": BATCH})
    assert given.status_code == 200
    with zipfile.ZipFile(io.BytesIO(given.content)) as package:
        offered = package.read("xl/worksheets/sheet1.xml").decode()
    assert offered.count("<dataValidation ") == 4
    heads, *rows = cells(given.content)
    assert [row[heads.index("图斑编号")] for row in rows] == ["000", "001", "002"]
    for row in rows[:2]:
        row[heads.index("标记")] = "不属实"
        row[heads.index("原因代码")] = "FP31 管理范围外"
    county.post("/api/v1/plots/p1/marks", json={"mark": "confirmed"}, headers={"If-Match": '"2"'})
    address, found = looked(county, (XLSX, sheet(heads, *rows)))
    assert (found["words"], found["asks"]) == ({}, None)
    assert outcomes(found) == [("000", "mark"), ("001", "conflict"), ("002", "unchanged")]
    done = committed(county, address)
    assert (done["counts"]["applied"], done["counts"]["conflict"]) == (1, 1)
    assert review(world, "p1").mark == "confirmed"


def test_words_are_explained_once_and_known_for_the_next_list(world) -> None:
    county = world.browser("county")
    list_ = sheet(("编号", "是否问题"), ("000", "否"), ("001", "是"))
    address, found = looked(county, (XLSX, list_))
    assert (found["state"], found["asks"]["code"]) == ("asking", "columns_not_named")
    assert county.post(f"{address}/commit").status_code == 409
    said = {"columns": {"mark": "是否问题"}, "words": {"mark": {"否": "false_positive", "是": "-"}}}
    assert county.post(f"{address}/adjust", json=said).status_code == 202
    _, found = again(county, address)
    assert outcomes(found) == [("000", "mark"), ("001", "unchanged")]
    committed(county, address)
    next_list = sheet(("编号", "标记"), ("002", "否"))
    _, found = looked(county, (XLSX, next_list))
    assert (found["words"], outcomes(found)) == ({}, [("002", "mark")])
    bad = county.post(f"{address}/adjust", json={"words": {"mark": {"否": "maybe"}}})
    assert bad.status_code == 422


def test_rows_that_speak_of_one_plot_differently_are_all_set_aside(world) -> None:
    county = world.browser("county")
    apart = [("000", "误报", "FP31"), ("000", "属实", "")]
    alike = [("001", "误报", "FP31")] * 2
    _, found = looked(county, (XLSX, sheet(HEAD[:3], *apart, *alike)))
    assert [kind for _, kind in outcomes(found)] == ["twice", "twice", "mark", "twice"]


def test_a_shapefile_in_gbk_in_a_zip_brings_its_photos_along(world) -> None:
    county = world.browser("county")
    parts = shapefile(
        squares(2),
        [
            ids("000", "001"),
            ("复核结论", "C", 20, ["不属实", "属实"]),
            ("误报原因", "C", 40, ["管理范围外", ""]),
        ],
        cpg=b"GBK",
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for suffix, data in parts.items():
            packed.writestr(f"成果{suffix}", data)
        packed.writestr("照片/000_1.jpg", photo())
        packed.writestr("照片/001.jpg", b"no photo")
        packed.writestr("照片/无关.jpg", photo())
    address, found = looked(county, ("成果.zip", out.getvalue()))
    assert outcomes(found) == [("000", "mark"), ("001", "mark")]
    done = committed(county, address)
    assert (done["photos"]["in"], done["photos"]["attached"]) == (3, 1)
    assert {one["name"] for one in done["photos"]["aside"]} == {"照片/001.jpg", "照片/无关.jpg"}
    (file,) = world.services.store.evidence.of_plot(EVERYTHING, "p0")
    assert (file.kind, file.name) == ("E_PHOTO", "000_1.jpg")
    assert (review(world, "p0").reason, review(world, "p1").mark) == ("FP31", "confirmed")


def test_nobody_sees_anothers_list_and_only_reviewers_send_one(world) -> None:
    county = world.browser("county")
    address, _ = looked(county, (XLSX, sheet(HEAD, ("000", "误报", "FP31", "", ""))))
    for user in ("other", "city"):
        assert world.browser(user).get(address).status_code == 404
    assert world.browser("auditor").get(address).status_code == 403


def test_a_file_that_is_none_says_why_and_two_lists_are_refused(world) -> None:
    county = world.browser("county")
    _, found = looked(county, (XLSX, b"nothing"))
    assert (found["state"], bool(found["error"]["hint"])) == ("failed", True)
    one = sheet(HEAD, ("000", "误报", "FP31", "", ""))
    _, found = looked(county, ("a.xlsx", one), ("b.xlsx", one))
    assert found["error"]["code"] == "one_list_only"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_report_tells_every_row(world) -> None:
    county = world.browser("county")
    address, _ = looked(
        county, (XLSX, sheet(HEAD, ("000", "误报", "FP31", "", ""), ("009", "误报", "", "", "")))
    )
    rows = county.get(f"{address}/report.json").json()["rows"]
    assert [row["outcome"] for row in rows] == ["mark", "not_found"]
    told = cells(county.get(f"{address}/report.xlsx").content)
    assert told[1][:5] == ["2", "000", "标记", "不属实", "FP31 管理范围外"]
    assert told[2][5]
