"""The page of rivers: what it shows to whom, and that nothing of others is on it."""

import re

import pytest

from tests.api.conftest import World
from tests.api.test_registers import CHIEF, FINDING, REFERRAL, post

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def told(world: World) -> World:
    """A chief, a finding and a referral on the one river."""
    city, county = world.browser("city"), world.browser("county")
    post(city, "duties", CHIEF)
    post(city, "findings", FINDING | {"plot_id": "p0"})
    version = county.get("/api/v1/plots/p0").json()["version"]
    post(county, "plots/p0/marks", {"mark": "confirmed", "violation": "PR21"}, version)
    assert post(county, "referrals", REFERRAL).status_code == 201
    return world


def test_a_river_has_its_figures_people_findings_and_referrals(told: World) -> None:
    city = told.browser("city", **HTML)
    page = city.get("/rivers").text
    (link,) = re.findall(r'href="(/rivers\?[^"]*river=[^"]+)"', page)
    for said in ("张某 县级河长", "1 late", "0 answered"):
        assert said in page, said
    river = city.get(link.replace("&amp;", "&")).text
    for said in ("0/5", FINDING["text"], REFERRAL["authority"], "王某", "K1+000–K2+000"):
        assert said in river, said
    assert re.search(r'href="/#b=[^"]+q=', river)
    county = told.browser("county", **HTML).get(link.replace("&amp;", "&")).text
    assert "0/3" in county
    assert told.browser("other", **HTML).get("/rivers?river=长江").status_code == 404


def test_others_see_neither_what_was_found_nor_who_is_named(told: World) -> None:
    for user, people in (("other", 0), ("auditor", 1), ("gis", 1)):
        page = told.browser(user, **HTML).get("/rivers?river=巴河").text
        assert ("张某" in page) == bool(people)
        assert "王某" not in page
        assert (FINDING["text"] in page) == (user == "auditor")
        assert "data-step" not in page
    assert told.browser("gis", **HTML).get("/rivers?tab=findings").status_code == 403


def test_a_chief_sees_the_plots_of_the_own_reach_that_the_account_shows(told: World) -> None:
    city, county = told.browser("city", **HTML), told.browser("county", **HTML)
    mine = re.findall(r'href="(/rivers\?[^"]*reach=[^"]+)"', county.get("/rivers").text)
    assert len(mine) == 1
    page = county.get(mine[0].replace("&amp;", "&")).text
    assert page.count('scope="row"') == 3
    assert "reach=" not in city.get("/rivers").text
    chief = post(
        told.browser("city"), "duties", CHIEF | {"from_m": "1500", "account": "city"}
    ).json()
    assert city.get(f"/rivers?reach={chief['id']}").text.count('scope="row"') == 0


def test_a_form_is_made_of_the_fields_that_are_checked(told: World) -> None:
    page = told.browser("city", **HTML).get("/rivers?tab=duties").text
    for said in ("data-add", "data-list", '"name":"from_m"'):
        assert said in page
    assert "data-add" not in told.browser("auditor", **HTML).get("/rivers?tab=duties").text
