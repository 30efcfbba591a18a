"""Marks over HTTP: versions, repeats, refusals in the stated order, both languages."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.conftest import World

OUTSIDE = {"mark": "false_positive", "reason": "FP31"}


def mark(browser, plot_id="p0", body=OUTSIDE, base='"2"', **headers):
    given = {"If-Match": base.encode("latin-1"), **headers} if base else headers
    return browser.post(f"/api/v1/plots/{plot_id}/marks", json=body, headers=given)


def test_a_mark_answers_with_its_event_and_the_plot(world: World) -> None:
    answer = mark(world.browser("county"))
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"3"'
    event, plot = answer.json()["event"], answer.json()["plot"]
    assert (event["action"], event["actor"], event["version"]) == ("mark", "county", 3)
    assert event["before"]["stage"] == "at_county"
    assert event["after"]["mark"] == "false_positive"
    assert (plot["mark"], plot["stage"], plot["missing"]) == ("false_positive", "in_review", [])
    assert {"submit", "undo_mark", "mark"} <= set(plot["may"])


def test_what_was_marked_is_seen_by_every_reader(world: World) -> None:
    county, city = world.browser("county"), world.browser("city")
    mark(county)
    assert city.get("/api/v1/plots/p0").json()["reason"] == "FP31"
    (item,) = city.get("/api/v1/plots", params={"mark": "false_positive"}).json()["items"]
    assert item["plot_id"] == "p0"
    batch = city.get("/api/v1/batches").json()["items"][0]
    assert batch["counts"]["false_positive"] == 1
    state = city.get("/ui/state.bin", params={"batch": batch["id"]}).content
    assert list(state) == [2, 0, 0, 0, 0, 0]


def test_the_history_is_a_chain(world: World) -> None:
    browser = world.browser("county")
    mark(browser)
    items = browser.get("/api/v1/plots/p0/history").json()["items"]
    assert [item["action"] for item in items] == ["import", "dispatch", "mark"]
    assert items[0]["hash"] == items[1]["prev_hash"]
    assert items[2]["recorded_at"] == "2023-05-04T09:00:00+08:00"


def test_pending_takes_back_ones_own_mark(world: World) -> None:
    browser = world.browser("county")
    mark(browser)
    back = mark(browser, body={"mark": "pending"}, base='"3"')
    assert (back.status_code, back.json()["plot"]["mark"]) == (201, "pending")
    assert back.json()["event"]["action"] == "undo_mark"


def test_submit_needs_the_proof_and_says_what_is_missing(world: World) -> None:
    browser = world.browser("county")
    mark(browser, body={"mark": "false_positive", "reason": "FP41"})
    url = "/api/v1/plots/p0/actions/submit"
    refused = browser.post(url, json={}, headers={"If-Match": '"3"'})
    assert refused.status_code == 409
    assert refused.json()["code"] == "evidence_incomplete"
    assert "现场照片" in refused.json()["title"]
    mark(browser, base='"3"')
    done = browser.post(url, headers={"If-Match": '"4"'})
    assert done.json()["plot"]["stage"] == "county_check"
    assert done.json()["plot"]["mark_state"] == "submitted"


def test_a_county_hands_a_plot_to_its_township(world: World) -> None:
    url = "/api/v1/plots/p1/actions/dispatch_town"
    sent = {"township": "511923001"}
    answer = world.browser("county").post(url, json=sent, headers={"If-Match": '"2"'})
    assert answer.status_code == 201
    township = world.browser("township")
    assert township.get("/api/v1/plots").json()["matched"] == 1
    assert mark(township, "p1", base='"3"').status_code == 201


@pytest.mark.parametrize(
    ("user", "plot", "body", "base", "status", "code"),
    [
        ("other", "p0", {"mark": "wrong"}, None, 404, "not_found"),
        ("auditor", "p0", {"mark": "wrong"}, None, 403, "forbidden"),
        ("county", "p0", {"mark": "wrong"}, None, 428, "version_missing"),
        ("county", "p0", {"mark": "wrong"}, '"1"', 412, "stale_version"),
        ("county", "p0", {"mark": "wrong"}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "x": 1}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "evidence": ["zz"]}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "observed_at": "gestern"}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "pending"}, '"2"', 409, "action_not_allowed"),
        ("county", "p0", {"mark": "confirmed"}, "two", 400, "bad_version_header"),
        ("county", "p0", {"mark": "confirmed"}, '"²"', 400, "bad_version_header"),
        ("other", "p0", {"observed_at": "gestern"}, '"1"', 404, "not_found"),
        ("auditor", "p0", {"mark": "confirmed", "evidence": ["zz"]}, '"1"', 403, "forbidden"),
        ("county", "p0", {"mark": "confirmed", "evidence": ["zz"]}, '"1"', 412, "stale_version"),
        (
            "county",
            "p0",
            {"mark": "confirmed", "observed_at": "0001-01-01T00:00:00+14:00"},
            '"2"',
            422,
            "bad_value",
        ),
        (
            "county",
            "p0",
            {"mark": "confirmed", "observed_at": "2023-05-04"},
            '"2"',
            422,
            "bad_value",
        ),
        ("county", "p0", {"mark": "confirmed", "observed_at": 5}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "note": {"a": 1}}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "note": "a\u0000b"}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "area_m2": True}, '"2"', 422, "bad_value"),
        ("county", "p0", {"mark": "confirmed", "area_m2": 1e30}, '"2"', 422, "bad_value"),
    ],
)
def test_the_first_of_several_reasons_to_refuse_is_given(
    world: World, user: str, plot: str, body: dict, base: str | None, status: int, code: str
) -> None:
    answer = mark(world.browser(user), plot, body, base)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    city = world.browser("city").get("/api/v1/plots/p0").json()
    assert (city["version"], city["mark"]) == (2, "pending")


def test_a_late_comer_is_told_who_was_first(world: World) -> None:
    mark(world.browser("county"))
    late = mark(world.browser("city"), body={"mark": "confirmed"})
    assert late.status_code == 412
    assert "county" in late.json()["title"]
    assert late.json()["plot"]["version"] == 3
    assert late.json()["plot"]["mark"] == "false_positive"
    english = mark(world.browser("city"), **{"Accept-Language": "en"})
    assert english.json()["title"].startswith("Plot p0 was changed by county")


def test_of_many_at_once_one_wins(world: World) -> None:
    browsers = [world.browser(user) for user in ("county", "city") for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(mark, browsers))
    assert sorted(a.status_code for a in answers) == [201] + [412] * 7


def test_a_repeat_gets_the_first_answer_and_happens_once(world: World) -> None:
    browser = world.browser("county")
    first = mark(browser, **{"Idempotency-Key": "k1"})
    mark(browser, body={"mark": "confirmed"}, base='"3"')
    again = mark(browser, **{"Idempotency-Key": "k1"})
    assert again.status_code == 201
    assert again.json()["event"] == first.json()["event"]
    assert again.json()["plot"]["mark"] == "false_positive"
    assert len(browser.get("/api/v1/plots/p0/history").json()["items"]) == 4


def test_a_key_belongs_to_the_address_whatever_the_mark(world: World) -> None:
    browser = world.browser("county")
    mark(browser, **{"Idempotency-Key": "k1"})
    undo = mark(browser, body={"mark": "pending"}, base='"3"', **{"Idempotency-Key": "k1"})
    assert (undo.status_code, undo.json()["code"]) == (422, "key_reused")
    assert browser.get("/api/v1/plots/p0").json()["mark"] == "false_positive"


def test_a_refusal_uses_up_no_key(world: World) -> None:
    browser = world.browser("county")
    assert mark(browser, base='"1"', **{"Idempotency-Key": "k1"}).status_code == 412
    assert mark(browser, **{"Idempotency-Key": "k1"}).status_code == 201


def test_a_value_that_is_never_right_is_named_before_the_rule_of_the_moment(world: World) -> None:
    browser = world.browser("county")
    mark(browser)
    browser.post("/api/v1/plots/p0/actions/submit", headers={"If-Match": '"3"'})
    wrong = mark(browser, body={"mark": "confirmed", "reason": "FP31"}, base='"4"')
    right = mark(browser, body={"mark": "confirmed"}, base='"4"')
    assert (wrong.status_code, right.status_code) == (422, 409)
    assert right.json()["code"] == "action_not_allowed"


def test_another_units_mark_is_not_ours_to_submit(world: World) -> None:
    mark(world.browser("county"))
    url = "/api/v1/plots/p0/actions/submit"
    answer = world.browser("city").post(url, headers={"If-Match": '"3"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_unit")
    assert "平昌县专班" in answer.json()["title"]


def test_a_step_that_does_not_exist_is_named(world: World) -> None:
    url = "/api/v1/plots/p0/actions/fly"
    answer = world.browser("county").post(url, json={}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "action")


@pytest.mark.parametrize("code", ["51192x", "5119220", "511722", ""])
def test_a_plot_is_dispatched_to_a_county_of_the_city(world: World, code: str) -> None:
    url = "/api/v1/plots/p5/actions/dispatch"
    browser = world.browser("city")
    answer = browser.post(url, json={"county": code}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "county")
    done = browser.post(url, json={"county": "511922"}, headers={"If-Match": '"1"'})
    assert done.status_code == 201
    assert world.browser("other").get("/api/v1/plots/p5").status_code == 200


def test_a_key_is_not_lent_to_another_request(world: World) -> None:
    browser = world.browser("county")
    mark(browser, **{"Idempotency-Key": "k1"})
    other = mark(browser, body={"mark": "confirmed"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    city = mark(world.browser("city"), "p1", **{"Idempotency-Key": "k1"})
    assert city.status_code == 201


@pytest.mark.parametrize("raw", [b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 5000])
def test_a_body_that_is_no_object_is_malformed(world: World, raw: bytes) -> None:
    headers = {"If-Match": '"2"', "Content-Type": "application/json"}
    answer = world.browser("county").post("/api/v1/plots/p0/marks", content=raw, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_huge_body_is_refused_before_it_is_read(world: World) -> None:
    answer = world.browser("county").post(
        "/api/v1/plots/p0/marks", content=b"x" * (2**20 + 1), headers={"If-Match": '"2"'}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_huge_body_that_states_no_length_is_cut_off(world: World) -> None:
    chunks = (b"x" * 65536 for _ in range(20))
    answer = world.browser("county").post(
        "/api/v1/plots/p0/marks", content=chunks, headers={"If-Match": '"2"'}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_phones_clock_does_not_order_events(world: World) -> None:
    body = {**OUTSIDE, "observed_at": "2031-01-01T08:00:00+08:00"}
    event = mark(world.browser("county"), body=body).json()["event"]
    assert event["observed_at"] == "2031-01-01T08:00:00+08:00"
    assert event["recorded_at"].startswith("2023-05-04")
