"""``georeview config``."""

import os
from pathlib import Path

import click

from georeview import settings
from georeview.cli.common import chosen, lang, show, t, with_home


@click.command(help=t("config"))
@with_home
def config(*, home: Path | None, as_json: bool) -> None:
    """Every setting with its value, its source and what it means."""
    shown = settings.shown(chosen(home), os.environ)
    zh = lang() == "zh-CN"
    rows = [
        {
            "setting": s.variable,
            "value": s.value,
            "source": s.source,
            "meaning": s.zh if zh else s.en,
        }
        for s in shown
    ]
    lines = [f"{r['setting']}={r['value']}\t[{r['source']}]\t{r['meaning']}" for r in rows]
    show({"items": rows}, lines, as_json=as_json)
