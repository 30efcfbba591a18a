"""The pages: what they hold, in which language, and what they may load."""

import json
import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from api import pages
from api.places import PLACES
from georeview import texts
from georeview.core.access import ROLE_NAMES, Role
from tests.api.conftest import World

WORK = tuple(place.path for place in PLACES)
PAGES = (*WORK, "/sign-in", "/licences", "/docs")


def visitor(world: World, path: str) -> TestClient:
    """Somebody who may open the page."""
    return world.browser("city" if path in WORK else None)


class Seen(HTMLParser):
    """Addresses, ids, scripts and forbidden attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.nonces: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [str(given[name]) for name in ("src", "href") if given.get(name)]
        self.ids += [str(given["id"])] if given.get("id") else []
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "script" and given.get("type") != "application/json" and "src" not in given:
            self.nonces.append(given.get("nonce"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", texts.LANGS)
def test_every_page_speaks_the_chosen_language(world: World, path: str, lang: str) -> None:
    browser = visitor(world, path)
    browser.cookies.set("lang", lang)
    answer = browser.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{lang}"' in answer.text
    assert not re.search(r"\b(ui|page|desk)\.[a-z_]+\.?[a-z_]*<", answer.text)


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_a_place_is_closed_to_who_is_not_offered_it(world: World, role: Role) -> None:
    browser = world.browser(role)
    may = set(browser.get("/api/v1/me").json()["actions"])
    # The map's own page holds nothing of anybody, so anybody may have it.
    for place in (place for place in PLACES if place.path != "/"):
        answer = browser.get(place.path, headers={"Accept": "text/html"})
        assert (answer.status_code == 403) == (place.needs not in may), place


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_only_its_own_script_and_asks_no_other_host(world: World, path: str) -> None:
    answer = visitor(world, path).get(path)
    seen = Seen(answer.text)
    assert not seen.inline
    assert all(address.startswith(("/", "#", "?")) for address in seen.addresses)
    assert not any(address.startswith("//") for address in seen.addresses)
    policy = answer.headers["content-security-policy"]
    assert all(nonce and f"'nonce-{nonce}'" in policy for nonce in seen.nonces)
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_whatever_a_page_names_is_there(world: World, path: str) -> None:
    browser = visitor(world, path)
    own = {
        a for a in Seen(browser.get(path).text).addresses if a.startswith(("/static", "/assets"))
    }
    missing = {address for address in own if browser.get(address).status_code != 200}
    assert own
    assert not missing


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique(world: World, path: str) -> None:
    ids = Seen(visitor(world, path).get(path).text).ids
    assert len(ids) == len(set(ids))


def test_the_nonce_is_new_each_time(world: World) -> None:
    browser = world.browser()
    first, second = (Seen(browser.get("/").text).nonces for _ in range(2))
    assert first
    assert first != second


def test_the_review_page_holds_nothing_of_a_person_or_a_plot(world: World) -> None:
    def shown(user: str | None) -> str:
        html = world.browser(user).get("/").text
        return re.sub(r'nonce="[^"]+"', "", html)

    assert shown("county") == shown(None)
    assert "p0" not in Seen(shown("county")).ids


def test_theme_is_written_by_the_server_and_only_a_known_one(world: World) -> None:
    assert (
        '<html lang="zh-CN" data-theme="dark">' in world.browser(cookie="theme=dark").get("/").text
    )
    strange = world.browser(cookie='theme="><script>').get("/").text
    assert '<html lang="zh-CN">' in strange


def test_the_script_is_told_where_its_words_are_and_what_to_say_without_them(world: World) -> None:
    browser = world.browser(cookie="lang=en")
    html = browser.get("/").text
    found = re.search(
        r'<script type="application/json" id="config">(.*?)</script>', html, re.DOTALL
    )
    assert found
    config = json.loads(found.group(1))
    assert browser.get(config["texts"]).json()["ui.title"] == texts.say("ui.title", "en")
    assert browser.get(config["codebook"]).json()["chips"]
    assert config["said"]["ui.offline.say"] == texts.say("ui.offline.say", "en")


def test_every_text_a_module_or_template_names_exists() -> None:
    root = pages.static_root() / "js"
    sources = [path.read_text(encoding="utf-8") for path in root.rglob("*.js")]
    templates = [path.read_text(encoding="utf-8") for path in pages._TEMPLATES.glob("*.html")]
    named = {
        key
        for source in (*sources, *templates)
        for key in re.findall(
            r"""["'`]((?:ui|page|desk)(?:\.[a-z_-]+)*\.[a-z_-]*[a-z])["'`]""", source
        )
    }
    assert len(named) > 60
    assert named <= set(texts.catalogue("zh-CN"))


def test_a_page_that_is_refused_says_so_to_a_person_and_to_a_program(world: World) -> None:
    person = {"Accept": "text/html", "Accept-Language": "en"}
    led = world.browser().get("/import", headers=person, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=/import")
    told = world.browser("county").get("/import", headers=person)
    assert (told.status_code, told.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert 'href="/"' in told.text
    assert world.browser("county").get("/import").json()["code"] == "forbidden"
    missing = world.browser("gis").get("/api/v1/imports/nothing", headers=person)
    assert missing.headers["content-type"] == "application/problem+json"


def test_samples_are_offered_in_the_demo_alone(world: World) -> None:
    assert "data-role" not in world.browser().get("/sign-in").text


def test_keys_shown_are_the_keys_read() -> None:
    source = (pages.static_root() / "js/keys.js").read_text(encoding="utf-8")
    letters = {key for key, _ in pages.KEYS if len(key) == 1 and key.isalpha()}
    assert letters == set(re.findall(r"^  Key([A-Z]):", source, re.MULTILINE))


def test_an_asset_of_another_version_or_name_is_not_there(world: World) -> None:
    browser = world.browser()
    for path in ("1.9.3/leaflet.js", "1.9.4/../../apps.py", "1.9.4/leaflet-src.js"):
        assert browser.get(f"/assets/leaflet/{path}").status_code == 404
