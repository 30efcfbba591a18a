"""Log lines: an event and its fields on one line, as JSON for machines or as text for a terminal.

A record's message is the name of what happened (``mark.kept``), its ``extra`` the fields. Whatever
a field holds, a line stays one line: nothing that breaks or turns a line gets through.
"""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import orjson

from georeview.clock import SHANGHAI
from georeview.settings import Settings

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
"""What a record carries by itself; the rest are our fields."""

_TURNING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line and paragraph separators, marks of direction, and halves of characters."""


def plain(text: str) -> str:
    """Text with everything that breaks or turns a line written as its number."""
    return _TURNING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


class JsonLines(logging.Formatter):
    """One JSON object a line; times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line = {
            "time": _instant(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **_fields(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return _json(line)


class TextLines(logging.Formatter):
    """The same for the eye; times in China."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, and the trace of a defect below it."""
        moment = _instant(record).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        fields = "".join(f" {name}={plain(str(v))}" for name, v in _fields(record).items())
        line = f"{moment} {record.levelname:<7} {plain(record.getMessage())}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


STYLES: Mapping[str, type[logging.Formatter]] = MappingProxyType(
    {"json": JsonLines, "text": TextLines}
)


def settled(given: Settings) -> Settings:
    """The settings with the style chosen: processes we start have no terminal to look at."""
    return replace(given, log=given.log or ("text" if sys.stderr.isatty() else "json"))


def config(given: Settings) -> dict[str, Any]:
    """What ``logging.config.dictConfig`` needs: our lines and the server's, to standard error."""
    # The demo is looked at, not looked after.
    level = "WARNING" if given.demo else given.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": STYLES[settled(given).log]}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {name: {"level": level} for name in ("georeview", "uvicorn")},
    }


def configure(given: Settings) -> None:
    """Log from this process as the settings say."""
    logging.config.dictConfig(config(given))


def _instant(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}


def _json(line: Mapping[str, object]) -> str:
    try:
        text = orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode("utf-8")
    except TypeError:
        # Half a character is no UTF-8: written out, as in every other place.
        shown = {name: plain(str(value)) for name, value in line.items()}
        text = orjson.dumps(shown).decode("utf-8")
    return text if text.isascii() else plain(text)
