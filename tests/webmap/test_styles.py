"""The palette as CSS: all marks, both themes, legible pills."""

import re

import pytest

from georeview.core.palette import MARKS
from georeview.webmap.styles import palette_css
from tests.core.colours import contrast


def test_every_mark_has_its_colours() -> None:
    css = palette_css()
    for mark, style in MARKS.items():
        assert f"--mark-{mark}: {style.fill};" in css
        assert f"--mark-{mark}-outline: {style.outline};" in css


def test_the_dark_theme_follows_the_choice_and_else_the_system() -> None:
    light, chosen, system = re.split(r':root\[data-theme="dark"\]|@media', palette_css())
    for mark, style in MARKS.items():
        assert f"--mark-{mark}-pill: {style.pills['light'].ground};" in light
        for block in (chosen, system):
            assert f"--mark-{mark}-pill: {style.pills['dark'].ground};" in block
            assert f"--mark-{mark}-ink: {style.pills['dark'].ink};" in block
    assert ':root:not([data-theme="light"])' in system


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mark", list(MARKS))
def test_a_pill_can_be_read(mark: str, theme: str) -> None:
    pill = MARKS[mark].pills[theme]
    assert contrast(pill.ink, pill.ground) >= 4.5
