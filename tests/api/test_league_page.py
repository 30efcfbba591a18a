"""The league page: each number leads to its plots, and nobody opens another county's."""

import re
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.api.conftest import BATCH, World

HTML = {"Accept": "text/html", "Accept-Language": "en"}


def links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(\?[^"]+)"', page)]


def test_every_number_leads_to_as_many_plots(world: World) -> None:
    city = world.browser("city", **HTML)
    page = city.get("/league").text
    counted = re.findall(r'<a href="(\?[^"#]*set=dispatched[^"#]*)#plots">(\d+)</a>', page)
    assert {n for _, n in counted} == {"2", "3", "5"}
    for link, n in counted:
        listed = city.get("/league" + link.replace("&amp;", "&")).text
        assert len(re.findall(r'href="/#b=[^"]+plot=', listed)) == int(n)


def test_a_breakdown_leads_to_its_plots_and_is_a_workbook_too(world: World) -> None:
    for user, n in (("city", 5), ("county", 3)):
        who = world.browser(user, **HTML)
        assert '<a href="?' in who.get("/league").text
        page = who.get("/league?by=river").text
        counted = re.findall(
            r'<a href="(\?[^"#]*set=dispatched[^"#]*by=river[^"#]*)#plots">(\d+)</a>', page
        )
        assert sorted({int(m) for _, m in counted}) == [n]
        for link, _ in counted:
            listed = who.get("/league" + link.replace("&amp;", "&")).text
            assert len(re.findall(r'href="/#b=[^"]+plot=', listed)) == n
        (link,) = re.findall(r'href="(/breakdown.xlsx[^"]+)"', page)
        book = CalamineWorkbook.from_filelike(BytesIO(who.get(link.replace("&amp;", "&")).content))
        assert [row[0] for row in book.get_sheet_by_index(0).to_python()] == [
            "River",
            "巴河",
            "Total",
        ]
    assert "by=reviewer" not in world.browser("issuer", **HTML).get("/league").text
    assert world.browser("issuer", **HTML).get("/league?by=reviewer").status_code == 403


def test_a_county_opens_its_own_plots_and_reads_the_published_table(world: World) -> None:
    city, county = world.browser("city"), world.browser("county", **HTML)
    assert "No table has been published yet" in county.get("/league").text
    city.post("/api/v1/league/published", json={"batch": BATCH})
    page = county.get("/league").text
    assert "published 2023-05-04" in page
    assert page.count('scope="row"') == 3
    units = {match for link in links(page) for match in re.findall(r"unit=([0-9-]+)", link)}
    assert units == {"511923"}
    assert "data-publish" not in page


def test_the_table_is_a_workbook_too(world: World) -> None:
    city = world.browser("city", **HTML)
    (link,) = re.findall(r'href="(/league.xlsx[^"]+)"', city.get("/league").text)
    answer = city.get(link.replace("&amp;", "&"))
    assert answer.headers["content-disposition"] == 'attachment; filename="league-2023-05-04.xlsx"'
    head, *rows = (
        CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    assert (head[0], rows[-1][1], len(rows)) == ("Rank", "Total", 3)
    assert "league.xlsx" not in world.browser("county", **HTML).get("/league").text


def test_sent_texts_are_never_markup(world: World) -> None:
    city = world.browser("city", **HTML)
    for unit in ("<b>x</b>", "511999"):
        page = city.get("/league", params={"set": "dispatched", "unit": unit})
        assert (page.status_code, "<b>x</b>" in page.text) == (200, False)


@pytest.mark.parametrize(
    ("user", "query", "status"),
    [
        ("township", "", 403),
        ("city", "?as_of=2999-01-01", 422),
        ("city", "?set=nonsense", 422),
        ("city", "?batch=nowhere", 404),
    ],
)
def test_what_cannot_be_shown_is_said_by_a_page(
    world: World, user: str, query: str, status: int
) -> None:
    answer = world.browser(user, **HTML).get("/league" + query)
    assert (answer.status_code, "<html" in answer.text) == (status, True)


def test_whoever_is_not_signed_in_is_led_there(world: World) -> None:
    answer = world.browser(**HTML).get("/league", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/league")
