"""What ``georeview load plots`` says, line by line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from georeview import texts
from georeview.cli.common import lang, t
from georeview.services.load_report import FileReport, LoadReport

SHOWN = 20
"""Rows set aside that are printed; the report file holds them all."""


def systems(looked: list[dict[str, Any]]) -> list[str]:
    """The coordinate systems that fit each file, with what speaks for and against each."""
    lines = []
    for one in looked:
        lines.append(t("systems", file=_named(one["file"], one["layer"])))
        for placing in one["placings"]:
            marks = [t(f"system_{mark}") for mark in ("chosen", "stated") if placing[mark]]
            called = " ".join([placing["crs"], placing["name"], *marks])
            lines += [f"  {called}", f"    {'; '.join(_reasons(placing))}"]
    return lines


def _reasons(placing: Mapping[str, Any]) -> list[str]:
    """Where the plots would lie, as the import desk says it, and what the numbers say."""
    counties = ", ".join(f"{county['name']} {county['n']}" for county in placing["counties"][:4])
    told: list[tuple[str, Mapping[str, Any]]] = [("desk.ask.no_county", {})]
    if counties:
        told = [("desk.ask.counties", {"n": placing["probed"], "counties": counties})]
    if placing["river_m"] is not None:
        told.append(("desk.ask.river", {"m": placing["river_m"]}))
    told += [(f"crs.because.{reason['code']}", reason["facts"]) for reason in placing["because"]]
    return [texts.say(key, lang(), **facts) for key, facts in told]


def of(done: LoadReport) -> list[str]:
    """What became of the files of a call."""
    lines = [t("dry_run_done")] if done.dry_run else []
    for file in done.files:
        lines += _file(file)
    if done.gone:
        plots = ", ".join(done.gone_plots[:SHOWN]) + (" …" if done.gone > SHOWN else "")
        lines.append(t("gone", n=done.gone, plots=plots))
    if any(file.stored or file.changed for file in done.files) and done.import_id is not None:
        lines.append(t("taken_in_as", id=done.import_id))
    return lines


def _called(file: FileReport) -> str:
    """A file, and which of its layers where that is not plain."""
    return _named(file.file, file.read["layer"])


def _named(file: str, layer: str | None) -> str:
    return file if layer in (None, Path(file).stem) else f"{file} [{layer}]"


def _file(file: FileReport) -> list[str]:
    read = file.read
    lines = [
        t(
            "file_updated" if file.changed else "file_done",
            file=_called(file),
            rows=file.rows_in,
            stored=file.stored,
            changed=file.changed,
            unchanged=file.unchanged,
            joined=file.joined,
            aside=file.set_aside_n,
        ),
        t("file_how", encoding=read["encoding"], crs=read["crs"], by=t(f"by_{read['crs_by']}")),
    ]
    lines += [
        "  " + texts.say(f"flag.{note['code']}.say", lang(), **note["facts"])
        for note in read["notes"]
    ]
    lines += [
        "  "
        + t(
            "proposed",
            column=found["header"],
            field=found["field"],
            name=texts.say(f"field.{found['field']}", lang()),
            why=texts.say(f"proposal.{found['because']}", lang(), like=found["like"]),
        )
        for found in read["proposals"]
    ]
    for code, n in file.flagged.items():
        lines.append(t("flagged", n=n, what=t(f"flag_{code}")))
    for item in file.set_aside[:SHOWN]:
        why = texts.say(f"flag.{item.code}.say", lang(), **item.facts)
        lines.append(t("aside", row=item.row, id=item.source_id or "-", why=why))
    if file.set_aside_n > SHOWN:
        lines.append(t("aside_more", n=file.set_aside_n - SHOWN))
    return lines
