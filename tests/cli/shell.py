"""The command line as a user starts it: a process of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for machines."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder with a home in it."""

    folder: Path
    lang: str = "en"
    store: str = ""

    @property
    def home(self) -> Path:
        """Where everything is kept."""
        return self.folder / "georeview-data"

    def __call__(self, *arguments: object, stdin: str = "", **environ: str) -> Done:
        """Run ``georeview`` with these arguments."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("GEOREVIEW_")}
        done = subprocess.run(
            [Path(sys.executable).with_name("georeview"), *map(str, arguments)],
            check=False,
            cwd=self.folder,
            env={**own, "GEOREVIEW_LANG": self.lang, "GEOREVIEW_STORE": self.store, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=110,
        )
        return Done(done.returncode, done.stdout, done.stderr)
