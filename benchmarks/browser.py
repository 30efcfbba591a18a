"""Real Chromium, Debian's, without its talk to the outside."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = os.environ.get("GEOREVIEW_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser (playwright's ``Browser``)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Any, url: str, role: str = "county") -> None:
    """Be a sample person, by the one click of the sign-in page's own request."""
    answer = page.context.request.post(f"{url}/ui/demo-session", data={"role": role})
    if not answer.ok:
        raise RuntimeError(f"sign-in as {role}: {answer.status} {answer.text()[:200]}")
