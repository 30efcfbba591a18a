"""The demo as a user starts it, and real Chromium that fails on whatever goes wrong in a page."""

import csv
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from benchmarks.browser import DESKTOP, chromium, sign_in
from benchmarks.server import Server, prepare_demo, serving
from sample_data.make import DATA

SCREENSHOTS = Path(os.environ.get("GEOREVIEW_SCREENSHOTS", "tests/out/screenshots"))
READY = "() => 'ready' in document.documentElement.dataset"
DRAWN = "() => 'drawn' in document.documentElement.dataset"


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample loaded and laid over, once for all test processes; never served itself."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    home = shared / "demo-home"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "whole").exists():
            prepare_demo(home)
            (home / "whole").touch()
    return home


@pytest.fixture(scope="session")
def demo_plots_with_images() -> list[str]:
    """Numbers of problems that appear between the two sample images, which show 平昌."""
    with (DATA / "truth.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        row["source_id"]
        for row in rows
        if (row["county"], row["determination"], row["change"]) == ("511923", "problem", "appeared")
    ]


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A copy of the demo of one's own."""
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """The demo, served by a process of its own."""
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the pages of a module.

    Not longer: while it is there, its event loop runs in this thread, and other tests have theirs.
    """
    with chromium() as running:
        yield running


@dataclass
class Watched:
    """A page and whatever went wrong in it."""

    page: Page
    url: str
    expected: tuple[str, ...] = ()
    wrong: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            text in message.text for text in self.expected
        ):
            self.wrong.append(f"console {message.type}: {message.text}")

    def request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        own = urlsplit(self.url).netloc
        if parts.scheme not in {"data", "blob"} and parts.netloc != own:
            self.wrong.append(f"foreign request: {request.url}")


Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Open]:
    """Open the review page as somebody; the test fails on console errors and foreign requests.

    ``visit(role, path="/", size=DESKTOP, lang="zh-CN", theme="light", expected=())`` waits until
    the page is ready and, unless told that it draws none, the first plots are ``drawn``; no role
    stays signed out and waits for nothing. ``expected`` are parts of console messages that the
    test itself provokes.
    """
    opened: list[Watched] = []

    def open_page(
        role: str | None,
        path: str = "/",
        *,
        size: dict[str, int] = DESKTOP,
        lang: str = "zh-CN",
        theme: str = "light",
        expected: tuple[str, ...] = (),
        drawn: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=server.url,
            viewport=size,
            locale=lang,
            color_scheme=theme,
            reduced_motion="reduce",
            accept_downloads=True,
            timezone_id="Asia/Shanghai",
            has_touch=size["width"] < 760,
        )
        context.add_cookies([{"name": "lang", "value": lang, "url": server.url}])
        page = context.new_page()
        watched = Watched(page, server.url, expected)
        page.on("console", watched.console)
        page.on("pageerror", lambda error: watched.wrong.append(f"page error: {error}"))
        page.on("request", watched.request)
        opened.append(watched)
        if role:
            sign_in(page, server.url, role)
        page.goto(server.url + path)
        if role:
            page.wait_for_function(READY)
            if drawn:
                page.wait_for_function(DRAWN)
        return page

    yield open_page
    for watched in opened:
        watched.page.context.close()
    assert [wrong for watched in opened for wrong in watched.wrong] == []


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keep a picture of a page for the docs and for looking at."""

    def take(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.wait_for_function(
            "() => [...document.images].every((image) => image.complete)"
            " && !document.querySelector('.leaflet-tile:not(.leaflet-tile-loaded)')"
            " && document.getAnimations().every((one) => one.playState !== 'running')"
        )
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return take


@contextmanager
def answered(page: Page, part: str, status: int = 201) -> Iterator[None]:
    """Wait for the server's answer to what is done inside."""
    with page.expect_response(lambda r: part in r.url and r.status == status):
        yield
