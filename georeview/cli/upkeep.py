"""``georeview verify``, ``heads``, ``backup``, ``restore``, ``transfer`` and ``migrate``."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from georeview import texts
from georeview.cli.common import (
    EXIT_IN_PART,
    EXIT_REFUSED,
    bar,
    chosen,
    lang,
    opened,
    show,
    t,
    with_home,
)
from georeview.clock import system_clock
from georeview.core.heads import SignedHead, Why, as_text
from georeview.errors.upkeep import MigrationsPending
from georeview.storage.ports.ledger import Flaw

MOST_SHOWN = 100
"""Flaws that are printed; after the first, most follow from it."""


@click.command(help=t("verify"))
@click.option(
    "--head", "files", multiple=True, type=click.Path(path_type=Path), help=t("verify_head")
)
@with_home
def verify(files: tuple[Path, ...], *, home: Path | None, as_json: bool) -> None:
    """Recompute every hash, projection and evidence file; exit 1 when anything is wrong."""
    from georeview.services.upkeep import read_head

    heads = {str(file): read_head(file) for file in files}
    with opened(home) as services:
        end, own_key = services.store.ledger.head(), services.upkeep.own_key()
        with bar(t("verifying"), services.upkeep.steps()) as advance:
            flaws, n = _first(services.upkeep.verify(heads, advance))
        known = services.upkeep.heads_known()
    held = {name: head for name, head in heads.items() if name not in {f.what for f in flaws}}
    lines = [_flaw(flaw) for flaw in flaws] or [
        t("verified", n=end.seq, hash=end.hash),
        t("verified_heads", n=known + len(heads)),
    ]
    if n > len(flaws):
        lines.append(t("flaws_more", n=n - len(flaws)))
    lines += [_held(name, head, own_key) for name, head in held.items()]
    found = {
        "events": end.seq,
        "head": end.hash,
        "heads": [
            {"file": name, "seq": head.seq, "held": name in held, "own_key": head.key == own_key}
            for name, head in heads.items()
        ],
        "flaws": [asdict(flaw) for flaw in flaws],
        "flaws_found": n,
    }
    show(found, lines, as_json=as_json)
    if flaws:
        sys.exit(EXIT_REFUSED)


def _first(flaws: Iterable[Flaw]) -> tuple[list[Flaw], int]:
    """The first flaws, and how many there are."""
    shown, n = [], 0
    for n, flaw in enumerate(flaws, 1):
        if n <= MOST_SHOWN:
            shown.append(flaw)
    return shown, n


def _flaw(flaw: Flaw) -> str:
    facts = {"seq": flaw.seq or "-", "plot_id": flaw.plot_id or "-", "what": flaw.what or "-"}
    return texts.say(f"flaw.{flaw.code}.say", lang(), **facts)


def _held(name: str, head: SignedHead, own_key: str | None) -> str:
    key = "head_held" if head.key == own_key else "head_held_other_key"
    return t(key, file=name, seq=head.seq, at=head.signed_at, signer=head.key[:16])


@click.group(help=t("heads"))
def heads() -> None:
    """Signed heads of the ledger."""


@heads.command("list", help=t("heads_list"))
@with_home
def heads_list(*, home: Path | None, as_json: bool) -> None:
    """Every signed head that the store has kept."""
    with opened(home) as services:
        kept, own_key = services.upkeep.heads(), services.upkeep.own_key()
    lines = [f"{h.signed_at}\t{h.why}\t{h.seq}\t{h.hash}\t{h.key[:16]}" for h in kept]
    show({"own_key": own_key, "items": [asdict(h) for h in kept]}, lines, as_json=as_json)


@heads.command("sign", help=t("heads_sign"))
@click.option("--out", type=click.Path(path_type=Path), help=t("heads_out"))
@with_home
def heads_sign(out: Path | None, *, home: Path | None, as_json: bool) -> None:
    """Sign where the ledger ends now, and give the head away."""
    from georeview.storage.homes import put

    with opened(home) as services:
        head = services.upkeep.sign_head(Why.ASKED)
    if out is not None:
        put(out, as_text(head).encode("utf-8"))
    line = t("head_signed", seq=head.seq, hash=head.hash, signer=head.key[:16])
    show(asdict(head), [line], as_json=as_json)


@click.command(help=t("backup"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--no-imagery", is_flag=True, help=t("no_imagery"))
@with_home
def backup(file: Path, no_imagery: bool, *, home: Path | None, as_json: bool) -> None:
    """Put a live store into one file; exit 3 when something in it is not as it should be."""
    with opened(home) as services, bar(t("backing_up"), services.backups.steps()) as advance:
        made = services.backups.write(file, advance, imagery=not no_imagery)
    lines = [
        t("backup_done", file=file, mb=f"{made.size / 2**20:.1f}", files=made.files),
        _end(made.rows, made.head.seq, made.head.hash),
        *(t("file_missing", sha256=sha256) for sha256 in made.missing),
        *map(_flaw, made.flaws),
    ]
    show(asdict(made) | {"file": str(file)}, lines, as_json=as_json)
    if made.missing or made.flaws:
        sys.exit(EXIT_IN_PART)


@click.command(help=t("restore"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--store", help=t("restore_store"))
@click.option("--accept-flaws", is_flag=True, help=t("accept_flaws"))
@with_home
def restore(
    file: Path, store: str | None, accept_flaws: bool, *, home: Path | None, as_json: bool
) -> None:
    """Bring a backup back into an empty home, or an empty database; verified before it is there."""
    from georeview.services.restore import restore as bring_back
    from georeview.services.restore import steps_of

    given = chosen(home, store=store)
    with bar(t("restoring"), steps_of(file, given)) as advance:
        back = bring_back(given, file, system_clock, advance, flawed=accept_flaws)
    lines = [
        t("restore_done", home=given.home, files=back.files, at=back.made_at),
        _end(back.rows, back.head.seq, back.head.hash),
        t("head_held" if back.own_key else "head_held_other_key", file=file.name,
          seq=back.head.seq, at=back.head.signed_at, signer=back.head.key[:16]),
        *(t("file_missing", sha256=sha256) for sha256 in back.missing),
        *map(_flaw, back.flaws),
    ]  # fmt: skip
    show(asdict(back), lines, as_json=as_json)
    if back.missing or back.flaws:
        sys.exit(EXIT_IN_PART)


@click.command(help=t("transfer"))
@click.option("--to", required=True, help=t("transfer_to"))
@with_home
def transfer(to: str, *, home: Path | None, as_json: bool) -> None:
    """Carry the store into an empty one; exit 3 when marks were made meanwhile."""
    with opened(home) as services, bar(t("transferring"), services.transfers.steps()) as advance:
        done = services.transfers.move(to, advance)
    lines = [
        *(f"{table}\t{n}" for table, n in done.rows.items() if n),
        _end(done.rows, done.head.seq, done.head.hash),
        *([t("transfer_files", n=done.files)] if done.files else []),
        *(t("file_missing", sha256=sha256) for sha256 in done.missing),
        t("transfer_behind", n=done.behind) if done.behind else t("transfer_done"),
    ]
    shown: dict[str, Any] = {
        "rows": dict(done.rows),
        "events": done.head.seq,
        "head": done.head.hash,
        "files": done.files,
        "missing": done.missing,
        "behind": done.behind,
    }
    show(shown, lines, as_json=as_json)
    if done.behind or done.missing:
        sys.exit(EXIT_IN_PART)


def _end(rows: Mapping[str, int], seq: int, ended: str) -> str:
    """Counts and the end of the ledger, for comparing."""
    return t("counted", plots=rows.get("plot", 0), people=rows.get("person", 0), n=seq, hash=ended)


@click.command(help=t("migrate"))
@click.option("--check", is_flag=True, help=t("migrate_check"))
@with_home
def migrate(check: bool, *, home: Path | None, as_json: bool) -> None:
    """Bring the store to this version's schema, or only say what is to be done."""
    from georeview.storage.store import schema

    done, pending = schema(chosen(home))
    shown = {"done": done, "pending": pending}
    lines = [t("migration_done", name=name) for name in done]
    lines += [t("migration_pending", name=name) for name in pending]
    if check:
        show(shown, lines, as_json=as_json)
        if pending:
            raise MigrationsPending(names=", ".join(pending))
        return
    with opened(home) as services:
        services.store.ready()
        moved = services.store.ledger.put_clocks_right()
    lines += [t("migrate_clocks", n=moved)] if moved else []
    ran = {"migrated": True, "ran": pending, "clocks_put_right": moved}
    show(ran, [*lines, t("migrated")], as_json=as_json)
