"""One event is one line, whatever is in it; JSON for machines, text for the eye."""

import json
import logging
import sys
from datetime import UTC, datetime

import pytest

from georeview.logs import JsonLines, TextLines, config
from georeview.settings import Settings

NASTY = "a\nb\rc\x1b[2Jd\u2028e\u202ef\x85g\u0000"
FORMS = pytest.mark.parametrize("form", [JsonLines(), TextLines()], ids=["json", "text"])


def record(**extra: object) -> logging.LogRecord:
    made = logging.LogRecord("georeview.x", logging.WARNING, "f.py", 1, "mark.kept", (), None)
    made.created = datetime(2026, 11, 25, 20, 30, 1, 500_000, tzinfo=UTC).timestamp()
    vars(made).update(extra)
    return made


def test_json_has_time_level_event_and_fields() -> None:
    line = json.loads(JsonLines().format(record(request_id="r1", ms=1.5, code=None)))
    assert line == {
        "time": "2026-11-25T20:30:01.500000Z",
        "level": "warning",
        "event": "mark.kept",
        "logger": "georeview.x",
        "request_id": "r1",
        "ms": 1.5,
        "code": None,
    }


def test_text_says_the_same_in_the_time_of_its_readers() -> None:
    line = TextLines().format(record(request_id="r1", ms=1.5))
    assert line == "2026-11-26 04:30:01 WARNING mark.kept request_id=r1 ms=1.5"


@FORMS
@pytest.mark.parametrize("text", [NASTY, f"half a character \ud800 {NASTY}"], ids=["whole", "half"])
def test_a_line_stays_one_line_and_turns_nothing(form: logging.Formatter, text: str) -> None:
    made = record(path=text)
    made.msg = f"event {text}"
    line = form.format(made)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert line.encode("utf-8")


@FORMS
def test_chinese_stays_readable(form: logging.Formatter) -> None:
    assert "巴河" in form.format(record(path="/巴河"))


def test_the_trace_of_a_defect_is_in_its_line() -> None:
    made = record()
    try:
        int("why")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = JsonLines().format(made)
    assert len(line.splitlines()) == 1
    assert "ValueError: invalid literal" in json.loads(line)["trace"]


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_servers_own_lines_go_the_same_way(style: str) -> None:
    made = config(Settings(log=style))
    assert made["root"]["handlers"] == ["stderr"]
    assert {"georeview", "uvicorn"} == set(made["loggers"])
    assert not any("handlers" in logger for logger in made["loggers"].values())
