"""Who answers for a reach, findings and referrals: over HTTP, by whoever may, in their own area."""

import logging
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from starlette.testclient import TestClient

from tests.api.conftest import World

CHIEF = {
    "duty": "chief", "name": "张某", "title": "县级河长", "level": "county", "area": "511923",
    "river": "巴河", "from_m": "1000", "to_m": "2000", "since": "2023-01-01", "account": "county",
}  # fmt: skip
FINDING = {
    "source": "spot_visit", "finder": "市暗访组", "date": "2023-04-27", "deadline": "2023-04-28",
    "text": "岸边堆放弃渣约三百立方米",
}  # fmt: skip
REFERRAL = {
    "plot_id": "p0", "authority": "平昌县水行政综合执法大队", "date": "2023-05-04",
    "text": "涉嫌未经许可采砂", "party": "王某",
}  # fmt: skip


def post(browser: TestClient, path: str, body: dict[str, Any], version: int | None = None) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return browser.post(f"/api/v1/{path}", json=body, headers=headers)


def test_a_plot_names_who_answers_for_it_by_river_chainage_bank_area_and_day(world: World) -> None:
    city, county = world.browser("city"), world.browser("county")
    others = (
        {"from_m": "1300"}, {"to_m": "1200"}, {"bank": "R"}, {"river": "通江"}, {"area": "511922"},
        {"since": "2023-06-01"}, {"until": "2023-05-03"}, {"river_code": "SYN-R01"},
    )  # fmt: skip
    fitting = ({}, {"bank": "L"}, {"river_code": "SYN-R02"}, {"area": "5119", "level": "city"})
    for n, other in enumerate((*others, *fitting)):
        made = post(city, "duties", CHIEF | {"name": f"河长{n:02}"} | other)
        assert made.status_code == 201, made.text
    told = county.get("/api/v1/plots/p0/answers").json()
    assert [one["name"] for one in told["duties"]] == ["河长11", "河长08", "河长09", "河长10"]
    assert (told["findings"], told["referrals"]) == ([], [])


def test_a_register_keeps_every_version_and_refuses_what_is_outdated(world: World) -> None:
    county = world.browser("county")
    made = post(county, "duties", CHIEF).json()
    address = f"/api/v1/duties/{made['id']}"
    assert county.patch(address, json={"name": "李某"}).status_code == 428
    changed = county.patch(address, json={"name": "李某", "bank": ""}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.headers["etag"]) == ("李某", '"2"')
    stale = county.patch(address, json={"name": "王某"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "entry_moved")
    ended = post(county, f"duties/{made['id']}/steps/end", {"until": "2023-05-04"}, 2)
    assert (ended.json()["state"], ended.json()["may"]) == ("ended", [])
    told = county.get(address).json()
    assert [(v["step"], v["name"]) for v in told["history"]] == [
        ("add", "张某"), ("change", "李某"), ("end", "李某"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": ""}, "level"), ({"area": "51192"}, "area"), ({"to_m": "900"}, "to_m"),
        ({"until": "2022-01-01"}, "until"), ({"river": ""}, "river"), ({"bank": "left"}, "bank"),
        ({"phone": "1"}, "phone"), ({"since": "yesterday"}, "since"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(world: World, change: dict[str, str], field: str) -> None:
    refused = post(world.browser("city"), "duties", CHIEF | change)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


def test_nobody_writes_outside_the_own_area_and_all_read_who_answers_there(world: World) -> None:
    city, county, other = (world.browser(user) for user in ("city", "county", "other"))
    assert post(other, "duties", CHIEF).status_code == 403
    made = post(city, "duties", CHIEF).json()
    above = post(city, "duties", CHIEF | {"area": "5119", "level": "city"}).json()
    assert [d["id"] for d in other.get("/api/v1/duties").json()["items"]] == [above["id"]]
    assert other.get(f"/api/v1/duties/{made['id']}").status_code == 404
    answer = county.patch(
        f"/api/v1/duties/{above['id']}", json={"name": "x"}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 403
    moved = county.patch(
        f"/api/v1/duties/{made['id']}", json={"area": "511922"}, headers={"If-Match": '"1"'}
    )
    assert moved.status_code == 403


def test_a_finding_is_told_answered_and_settled(world: World) -> None:
    city, county, other = (world.browser(user) for user in ("city", "county", "other"))
    made = post(city, "findings", FINDING | {"plot_id": "p0"})
    assert made.status_code == 201, made.text
    finding = made.json()
    assert (finding["state"], finding["overdue_days"], finding["source_id"]) == ("open", 1, "000")
    history = county.get("/api/v1/plots/p0/history").json()["items"]
    assert (history[-1]["action"], history[-1]["body"]["text"]) == (
        "record_finding",
        FINDING["text"],
    )
    address = f"findings/{finding['id']}"
    assert other.get(f"/api/v1/{address}").status_code == 404
    assert [f["id"] for f in county.get("/api/v1/findings?overdue=true").json()["items"]] == [
        finding["id"]
    ]
    reply = {"reply": "已清运", "replied_on": "2023-05-04"}
    assert post(city, f"{address}/steps/reply", reply, 1).status_code == 403
    file = {"file": ("复函.pdf", b"%PDF-1.4 x", "application/pdf")}
    kept = county.post(f"/api/v1/{address}/documents", files=file).json()["documents"]
    replied = post(county, f"{address}/steps/reply", reply, 1)
    assert (replied.json()["state"], replied.json()["overdue_days"]) == ("replied", None)
    back = {"deadline": "2023-05-10", "verdict": "照片不符"}
    assert post(county, f"{address}/steps/send_back", back, 2).status_code == 403
    assert post(city, f"{address}/steps/send_back", back, 2).json()["state"] == "open"
    assert post(city, f"{address}/steps/settle", {"settled_on": "2023-05-04"}, 3).status_code == 409
    post(county, f"{address}/steps/reply", reply, 3)
    settled = post(city, f"{address}/steps/settle", {"settled_on": "2023-05-04"}, 4).json()
    assert (settled["state"], settled["may"]) == ("settled", [])
    read = city.get(f"/api/v1/{address}/documents/{kept[0]['sha256']}")
    assert read.content == b"%PDF-1.4 x"
    assert read.headers["content-disposition"].startswith("attachment")
    assert other.get(f"/api/v1/{address}/documents/{kept[0]['sha256']}").status_code == 404


def test_the_county_is_told_of_a_finding_on_its_plot(world: World) -> None:
    post(world.browser("city"), "findings", FINDING | {"plot_id": "p0"})
    world.services.notices.tell()
    for user, n in (("county", 1), ("other", 0)):
        inbox = world.browser(user).get("/api/v1/notices").json()["items"]
        assert sum(one["kind"] == "finding" for one in inbox) == n, user


def test_a_finding_without_a_plot_is_the_countys_and_finds_its_plot_later(world: World) -> None:
    city, county, issuer = (world.browser(user) for user in ("city", "county", "issuer"))
    assert post(city, "findings", FINDING).status_code == 422
    made = post(city, "findings", FINDING | {"area": "511923", "river": "巴河"}).json()
    for who in (county, issuer):
        assert [f["id"] for f in who.get("/api/v1/findings?river=巴河").json()["items"]] == [
            made["id"]
        ]
    assert world.browser("other").get("/api/v1/findings").json()["items"] == []
    linked = city.put(
        f"/api/v1/findings/{made['id']}/plot", json={"plot_id": "p1"}, headers={"If-Match": '"1"'}
    )
    assert (linked.json()["plot_id"], linked.json()["version"]) == ("p1", 2)
    assert [f["id"] for f in county.get("/api/v1/plots/p1/answers").json()["findings"]] == [
        made["id"]
    ]


def test_what_hangs_on_a_plot_goes_with_it_to_another_county(world: World) -> None:
    city, county, other = (world.browser(user) for user in ("city", "county", "other"))
    made = post(city, "findings", FINDING | {"plot_id": "p0"}).json()
    steps = (
        ("county", "refuse", {"code": "RF5", "text": "位置不符"}),
        ("city", "transfer", {"county": "511922"}),
    )
    for user, step, body in steps:
        version = city.get("/api/v1/plots/p0").json()["version"]
        moved = post(world.browser(user), f"plots/p0/actions/{step}", body, version)
        assert moved.status_code == 201, moved.text
    assert county.get(f"/api/v1/findings/{made['id']}").status_code == 404
    assert other.get(f"/api/v1/findings/{made['id']}").status_code == 200


def test_a_referral_follows_the_case_and_moves_no_plot(world: World) -> None:
    county, province = world.browser("county"), world.browser("province")
    refused = post(county, "referrals", REFERRAL)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_confirmed")
    post(county, "plots/p0/marks", {"mark": "confirmed", "violation": "PR21"}, 2)
    before = county.get("/api/v1/plots/p0").json()
    made = post(county, "referrals", REFERRAL).json()
    address = f"referrals/{made['id']}"
    early = {"answered_on": "2023-05-03"}
    assert post(county, f"{address}/steps/accept", early, 1).json()["code"] == "date_impossible"
    taken = {"answered_on": "2023-05-04", "case_no": "平水案〔2023〕1号"}
    assert post(county, f"{address}/steps/accept", taken, 1).json()["state"] == "accepted"
    decision = {"decision_no": "平水罚〔2023〕1号", "decision_on": "2023-05-04"}
    decided = post(county, f"{address}/steps/decide", decision, 2).json()
    assert (decided["state"], decided["case_no"]) == ("decided", "平水案〔2023〕1号")
    assert (
        post(county, f"{address}/steps/close", {"closed_on": "2023-05-04"}, 3).json()["may"] == []
    )
    after = county.get("/api/v1/plots/p0").json()
    assert {k: v for k, v in after.items() if k != "may"} == {
        k: v for k, v in before.items() if k != "may"
    }
    assert province.get(f"/api/v1/{address}").status_code == 404


def test_who_is_named_is_for_county_and_city_alone_and_can_be_forgotten(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    county, city, auditor = (world.browser(user) for user in ("county", "city", "auditor"))
    post(county, "plots/p0/marks", {"mark": "confirmed", "violation": "PR21"}, 2)
    made = post(county, "referrals", REFERRAL).json()
    address = f"/api/v1/referrals/{made['id']}"
    assert [who.get(address).json().get("party") for who in (county, city, auditor)] == [
        "王某",
        "王某",
        None,
    ]
    assert "王某" not in auditor.get("/api/v1/referrals").text
    changed = county.patch(address, json={"case_no": "1"}, headers={"If-Match": '"1"'}).json()
    assert (changed["party"], changed["case_no"]) == ("王某", "1")
    assert "王某" not in str(city.get(address).json()["history"])
    with caplog.at_level(logging.WARNING):
        city.delete(f"{address}/party")
    assert "party" not in county.get(address).json()
    assert any(record.message == "register.personal_erased" for record in caplog.records)


def test_working_days_say_how_late_a_reply_is(world: World) -> None:
    late = FINDING | {"area": "511923", "deadline": "2023-05-04"}
    made = post(world.browser("city"), "findings", late).json()
    assert made["overdue_days"] is None
    world.clock.forward(days=4)
    told = world.browser("city").get(f"/api/v1/findings/{made['id']}").json()
    assert told["overdue_days"] == 3  # Friday, the Saturday that is worked, Monday


def a_list(rows: list[list[str]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return out.getvalue()


HEAD = [
    "类别",
    "姓名",
    "职务",
    "级别",
    "行政区代码",
    "河流",
    "起点桩号",
    "终点桩号",
    "岸别",
    "任职起",
    "电话",
]
ROWS = [
    ["河长", "张某", "县长", "县级", "511923", "巴河", "0", "5000", "左岸", "2023/1/5", "138"],
    ["河长", "李某", "县长", "县级", "511923", "巴河", "9000", "5000", "", "2023年1月5日", ""],
    ["成员单位", "水务局", "", "", "511923", "", "", "", "", "20230105", ""],
    ["河长", "张某", "县长", "县级", "511923", "巴河", "0", "5000", "左岸", "2023/1/5", "138"],
    ["河长", "赵某", "县长", "县级", "511922", "巴河", "", "", "", "2023-01-05", ""],
]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_each_row_of_a_list_is_told_what_became_of_it(world: World, kind: str) -> None:
    county = world.browser("county")
    text = "\n".join(",".join(row) for row in [HEAD, *ROWS]).encode("gb18030")
    content = a_list([HEAD, *ROWS]) if kind == "xlsx" else text
    for dry_run, kept in ((True, 0), (False, 2)):
        answer = county.post(
            "/api/v1/duties/list",
            files={"file": (f"河长名录.{kind}", content)},
            data={"dry_run": "true" if dry_run else "false"},
        )
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert [(r["row"], r["fate"], r["code"]) for r in told["items"]] == [
            (2, "kept", None), (3, "aside", "bad_value"), (4, "kept", None), (5, "known", None),
            (6, "aside", "forbidden"),
        ]  # fmt: skip
        assert told["unread"] == ["电话"]
        assert county.get("/api/v1/duties").json()["matched"] == kept
    (chief,) = county.get("/api/v1/duties?river=巴河").json()["items"]
    assert (chief["bank"], chief["since"], chief["level"]) == ("L", "2023-01-05", "county")


def test_a_file_that_is_no_list_is_refused(world: World) -> None:
    for name, content in (
        ("x.pdf", b"%PDF-1.4"),
        ("x.xlsx", b"PK nonsense"),
        ("x.csv", b"\xff\xd8\xff"),
    ):
        answer = world.browser("city").post("/api/v1/duties/list", files={"file": (name, content)})
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert answer.json()["detail"]
