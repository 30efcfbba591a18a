"""``georeview load results``, ``report worklist`` and ``report return``: lists out and back."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from georeview import sandbox
from georeview.cli.common import CITY, EXIT_IN_PART, bar, lang, opened, show, t, with_home
from georeview.cli.load import FILE, NEW_FILE
from georeview.cli.report import OUT
from georeview.cli.work import acting
from georeview.core.results import ASIDE, NAMES, WORDED
from georeview.errors.work import ColumnsNotNamed
from georeview.ingest import READ_RESULTS
from georeview.services.ids import new_id
from georeview.services.people import owner
from georeview.services.result_report import said_of, workbook
from georeview.services.result_rows import need_words
from georeview.services.results import Found, Reading
from georeview.services.return_package import flaw_name

SHOWN = 20
"""Rows set aside that are printed; the report file holds them all."""


@click.command("results", help=t("load_results"))
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--batch", required=True, help=t("batch"))
@click.option("--as", "user", help=t("as_user"))
@click.option("--encoding", help=t("encoding"))
@click.option("--layer", help=t("layer"))
@click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN", help=t("results_map"))
@click.option("--word", "words", multiple=True, metavar="FIELD:WORD=CODE", help=t("results_word"))
@click.option("--dry-run", is_flag=True, help=t("results_dry_run"))
@click.option("--report", "out", type=NEW_FILE, help=t("results_report"))
@with_home
def results(
    files: tuple[Path, ...],
    batch: str,
    user: str | None,
    encoding: str | None,
    layer: str | None,
    mapped: tuple[str, ...],
    words: tuple[str, ...],
    *,
    dry_run: bool,
    out: Path | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Mark plots from a list; exit 3 when rows were set aside."""
    reading = Reading(batch, _columns(mapped), _words(words), encoding, layer)
    sandbox.prepare(READ_RESULTS)
    with opened(home) as services, bar(t("reading_results"), 0) as advance:
        actor = acting(services, user) if user else owner(CITY)
        found = services.results.look(actor, files, reading, advance)
        if found["asks"] is None and not dry_run:
            done = services.results.apply(actor, found, new_id(), files, advance)
            found = {**found, **done}
    if found["asks"] is not None:
        facts = found["asks"]["facts"]
        raise ColumnsNotNamed(field=facts["field"], value=facts["value"])
    if out is not None:
        out.write_bytes(workbook([said_of(row, lang()) for row in found["rows"]], lang()))
    show(found, _lines(found, dry_run=dry_run), as_json=as_json)
    if found["counts"]["set_aside"]:
        sys.exit(EXIT_IN_PART)


@click.command("worklist", help=t("report_worklist"))
@click.option("--batch", required=True, help=t("batch"))
@click.option("--county", help=t("county"))
@click.option("--out", required=True, type=OUT, help=t("report_out"))
@with_home
def worklist(
    batch: str, county: str | None, out: Path, *, home: Path | None, as_json: bool
) -> None:
    """Write the rows to review as a workbook to fill in."""
    with opened(home) as services:
        out.write_bytes(services.worklists.workbook(owner(CITY), batch, county))
    show({"out": str(out)}, [t("report_done", out=out)], as_json=as_json)


def _columns(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or field not in NAMES:
            raise click.UsageError(t("bad_map", value=pair, fields=", ".join(NAMES)))
        found[field] = column
    return found


def _words(given: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in given:
        field, _, said = one.partition(":")
        word, equals, code = said.rpartition("=")
        if not equals or field not in WORDED:
            raise click.UsageError(t("bad_word", value=one, fields=", ".join(WORDED)))
        found.setdefault(field, {})[word] = code
    need_words(found)
    return found


def _lines(found: Found, *, dry_run: bool) -> list[str]:
    lines = [t("dry_run_done")] if dry_run else []
    lines.append(t("results_done", **found["counts"]))
    aside: list[Any] = [row for row in found["rows"] if row["outcome"] in ASIDE]
    for row in aside[:SHOWN]:
        said = said_of(row, lang())
        why = (said["why"] or {}).get("title") or said["name"]
        lines.append(t("aside", row=row["row"], id=row["source_id"] or "-", why=why))
    if len(aside) > SHOWN:
        lines.append(t("aside_more", n=len(aside) - SHOWN))
    for name, words in found["words"].items():
        said_words = ", ".join(f"{one['word']} ({one['n']})" for one in words)
        lines.append(t("results_words", field=name, words=said_words))
    photos = found["photos"]
    if isinstance(photos, dict) and photos["in"]:
        lines.append(t("results_photos", n=photos["attached"], aside=len(photos["aside"])))
    return lines


@click.command("return", help=t("report_return"))
@click.option("--batch", required=True, help=t("batch"))
@click.option("--out", type=OUT, help=t("return_out"))
@click.option("--incomplete", is_flag=True, help=t("return_incomplete"))
@with_home
def return_package(
    batch: str, out: Path | None, *, incomplete: bool, home: Path | None, as_json: bool
) -> None:
    """Write the package for the issuer, or only look what is missing."""
    with opened(home) as services:
        if out is None:
            found = services.returns.check(owner(CITY), batch)
            told: Found = asdict(found)
        else:
            told = services.returns.write(owner(CITY), batch, out, incomplete=incomplete)
    lines = [t("return_checked", plots=told["plots"], n=told["incomplete"])]
    lines += [f"  {flaw_name(code, lang())}: {n}" for code, n in told["flaws"].items()]
    if out is not None:
        lines.append(t("report_done", out=out))
    show(told, lines, as_json=as_json)
