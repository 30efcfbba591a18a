"""The server with a clock that can be set: ``python -m tests.faults.clocked FILE``.

The file holds the seconds by which the clock is off.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn

from api.main import create_app
from georeview import settings
from georeview.clock import system_clock


def main(offset: Path) -> None:
    """Serve until stopped."""

    def clock() -> datetime:
        return system_clock() + timedelta(seconds=float(offset.read_text()))

    given = settings.load(os.environ)
    app = create_app(given, clock)
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
