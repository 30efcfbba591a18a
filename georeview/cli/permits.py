"""``georeview permits``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from georeview.cli.common import CITY, EXIT_IN_PART, opened, show, t, with_home
from georeview.cli.load import Day
from georeview.core.permits import DATES, TEXTS, Permit, Standing
from georeview.ingest import ReadOptions
from georeview.services.people import owner

ALL_MOST = 100_000
_WORDS = {
    "valid": "permits_valid",
    "expiring": "permits_expiring_soon",
    "expired": "permits_expired",
    "withdrawn": "permits_withdrawn",
}


@click.group(help=t("permits"))
def permits() -> None:
    """The register of permits."""


@permits.command("list", help=t("permits_list"))
@click.option("--q", help=t("permits_q"))
@click.option("--kind", help=t("permits_kind"))
@click.option(
    "--standing", type=click.Choice([one.value for one in Standing]), help=t("permits_standing")
)
@with_home
def permits_list(
    q: str | None, kind: str | None, standing: str | None, *, home: Path | None, as_json: bool
) -> None:
    """Entries, those that end first in front."""
    asked = {"q": q, "kind": kind, "standing": Standing(standing) if standing else None}
    _listed(home, asked, as_json=as_json)


@permits.command("expiring", help=t("permits_expiring"))
@with_home
def permits_expiring(*, home: Path | None, as_json: bool) -> None:
    """Entries on which plots rest and that have run out or soon will."""
    asked = [{"standing": one, "in_use": True} for one in (Standing.EXPIRED, Standing.EXPIRING)]
    _listed(home, *asked, as_json=as_json)


def _listed(home: Path | None, *asked: dict[str, Any], as_json: bool) -> None:
    me = owner("")
    rows: list[dict[str, Any]] = []
    with opened(home) as services:
        for one in asked:
            wanted = services.permits.wanted(me, **one)
            page, plots = services.permits.page(me, wanted, "valid_to", limit=ALL_MOST)
            rows += [_row(p, p.standing(wanted.today), plots) for p in page.items]
    lines = [
        "\t".join([r["number"], r["kind"] or "-", r["name"] or "-", r["valid_to"] or "-"])
        + f"\t{t(_WORDS[r['standing']])}\t{r['plots']}"
        for r in rows
    ]
    show({"items": rows}, lines, as_json=as_json)


def _row(permit: Permit, standing: Standing, plots: Mapping[str, int]) -> dict[str, Any]:
    return {
        "permit_id": permit.permit_id,
        **{name: getattr(permit, name) for name in (*TEXTS, *DATES)},
        "area": permit.area,
        "standing": standing.value,
        "plots": plots.get(permit.permit_id, 0),
    }


@permits.command("add", help=t("permits_add"))
@click.argument("number")
@click.option("--name", help=t("permits_name"))
@click.option("--kind", help=t("permits_kind"))
@click.option("--holder", help=t("permits_holder"))
@click.option("--authority", help=t("permits_authority"))
@click.option("--granted-on", type=Day(), help=t("permits_granted_on"))
@click.option("--valid-to", type=Day(), help=t("permits_valid_to"))
@click.option("--area", default=CITY, help=t("area"))
@click.option("--at", nargs=2, type=float, metavar="LON LAT", help=t("permits_at"))
@click.option("--same-number", is_flag=True, help=t("permits_same_number"))
@with_home
def permits_add(
    number: str,
    area: str,
    at: tuple[float, float] | None,
    *,
    same_number: bool,
    home: Path | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Write an entry."""
    told = {name: str(value) for name, value in said.items() if value is not None}
    place = None if at is None else {"type": "Point", "coordinates": list(at)}
    with opened(home) as services:
        made = services.permits.add(
            owner(area), {"number": number, **told}, place, again=same_number
        ).permit
    _told(made, as_json=as_json)


def _told(permit: Permit, *, as_json: bool) -> None:
    shown = {"permit_id": permit.permit_id, "number": permit.number, "area": permit.area}
    show(shown, [t("permits_added", **shown)], as_json=as_json)


@permits.command("import", help=t("permits_import"))
@click.argument("source")
@click.option("--update", is_flag=True, help=t("permits_update"))
@click.option("--choose", multiple=True, metavar="NUMBER=ROW", help=t("permits_choose"))
@click.option("--crs", help=t("crs"))
@click.option("--area", default=CITY, help=t("area"))
@with_home
@click.pass_context
def permits_import(
    ctx: click.Context,
    source: str,
    choose: tuple[str, ...],
    crs: str | None,
    area: str,
    *,
    update: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Take a file, or a version of a layer, into the register."""
    chosen = dict(_choice(text) for text in choose)
    me = owner(area)
    with opened(home) as services:
        intake = services.permit_intake
        path = Path(source)
        file = path.exists()
        offer = (
            intake.of_file(me, path, ReadOptions(crs=crs)) if file else intake.of_layer(me, source)
        )
        taken = intake.take(me, offer, update=update, chosen=chosen)
    twice = {
        number: [one.row for one in rows]
        for number, rows in offer.twice.items()
        if number not in chosen
    }
    counted = {name: getattr(taken, name) for name in taken.__slots__}
    lines = [t("permits_taken", **counted)]
    lines += [
        t("permits_twice_at", number=n, rows=", ".join(map(str, r))) for n, r in twice.items()
    ]
    lines += [t("permits_aside_at", row=a.row, field=a.why, value=a.value) for a in offer.aside]
    aside = [{"row": one.row, "why": one.why, "value": one.value} for one in offer.aside]
    show({**counted, "numbers_twice": twice, "rows_aside": aside}, lines, as_json=as_json)
    if twice or aside:
        ctx.exit(EXIT_IN_PART)


def _choice(text: str) -> tuple[str, int]:
    number, _, row = text.rpartition("=")
    if not number or not row.isdigit():
        raise click.UsageError(t("permits_bad_choice", value=text))
    return number, int(row)
