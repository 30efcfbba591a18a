"""The register of permits: looking into it, and changing it without losing what it said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
import shapely

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, may, need, scope_of
from georeview.core.ledger import Value
from georeview.core.permits import Permit, Standing, checked, differences
from georeview.core.query import Filter
from georeview.errors import BadValue, NotFound, VersionMissing
from georeview.errors.permits import PermitChanged, PermitKnown, PermitWithdrawn
from georeview.errors.store import StoreBroken
from georeview.services.evidence_files import take_in
from georeview.services.ids import new_id
from georeview.services.overlay import OverlayService
from georeview.services.permit_files import once, served, serves
from georeview.services.plots import seen_by
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.permits import (
    Order,
    PermitChange,
    PermitFile,
    PermitPage,
    Wanted,
)
from georeview.storage.ports.store import Store

FILE_KINDS = ("E_PERMIT", "E_PHOTO", "E_DOC")
"""What a file of a permit proves beside its plots."""

NOTE_MAX = 500
Place = Mapping[str, Any]
"""GeoJSON of a geometry, EPSG:4490."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One permit with all about it.

    Attributes:
        permit: The permit.
        plots: How many plots rest on it that the person sees.
        files: Its documents and photos.
        changes: What was changed of it, oldest first.
        whole: Whether the person sees who holds it.
        may_change: Whether the person may change it.
    """

    permit: Permit
    plots: int
    files: Sequence[PermitFile]
    changes: Sequence[PermitChange]
    whole: bool
    may_change: bool


class PermitService:
    """The register, always through somebody's areas."""

    def __init__(
        self,
        store: Store,
        files: Files,
        overlay: OverlayService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._overlay = overlay
        self._clock = clock
        self._settings = settings

    # Looking -------------------------------------------------------------------------------------

    def wanted(self, actor: Actor, **asked: Any) -> Wanted:
        """What is asked of the register today, as this person may ask it."""
        today = self._clock().astimezone(SHANGHAI).date()
        return Wanted(today=today, with_holder=sees_holders(actor), **asked)

    def page(
        self,
        actor: Actor,
        wanted: Wanted,
        order: Order = "number",
        *,
        limit: int = 100,
        after: tuple[str, str] | None = None,
    ) -> tuple[PermitPage, Mapping[str, int]]:
        """A part of the register, and how many plots rest on each entry."""
        page = self._store.permits.page(_scope(actor), wanted, order, limit, after)
        ids = [permit.permit_id for permit in page.items]
        return page, self._store.permits.plots(seen_by(actor), ids)

    def standings(self, actor: Actor) -> Mapping[Standing, int]:
        """How many entries are good for what today."""
        return {
            one: self._store.permits.page(
                _scope(actor), self.wanted(actor, standing=one), "number", 1, None
            ).matched
            for one in Standing
        }

    def kinds(self, actor: Actor) -> list[str]:
        """The kinds there are, the most frequent first."""
        return self._store.permits.kinds(_scope(actor))

    def entry(self, actor: Actor, permit_id: str) -> Entry:
        """One permit with all about it.

        Raises:
            NotFound: Not there, or not visible to the actor.
        """
        permit = self._store.permits.get(_scope(actor), permit_id)
        plots = self._store.permits.plots(seen_by(actor), [permit_id])
        return Entry(
            permit,
            plots.get(permit_id, 0),
            self._store.permits.files(permit_id),
            self._store.permits.changes(permit_id),
            sees_holders(actor),
            permit.withdrawn_on is None and may(actor, Action.KEEP_PERMITS, permit.area),
        )

    def file(self, actor: Actor, permit_id: str, file_id: str) -> tuple[PermitFile, Path]:
        """One file with the place of its original bytes.

        Raises:
            NotFound: Not there, or not visible to the actor.
            StoreBroken: The record is there and its file is not.
        """
        need(actor, Action.SEE_EVIDENCE)
        self._store.permits.get(_scope(actor), permit_id)
        for file in self._store.permits.files(permit_id):
            if file.file_id == file_id:
                path = self._files.path("evidence", file.sha256)
                if not path.is_file():
                    raise StoreBroken(why=file.sha256)
                return file, path
        raise NotFound(what=file_id)

    # Changing ------------------------------------------------------------------------------------

    def add(
        self,
        actor: Actor,
        said: Mapping[str, object],
        place: Place | None = None,
        *,
        again: bool = False,
    ) -> Entry:
        """Write a new entry.

        Args:
            actor: Who writes it.
            said: Its texts and dates.
            place: Where it lies.
            again: Whether it is another permit though its number is there already.

        Raises:
            BadValue: A value cannot be, or there is no number.
            PermitKnown: The number is there already.
            Forbidden: The actor keeps no permits there.
        """
        told = {"number": None, **said}
        permit = self.blank(actor, checked(told), None if place is None else wkb_of(place))
        need(actor, Action.KEEP_PERMITS, permit.area)
        if not again and self._store.permits.numbered([permit.number]):
            raise PermitKnown(number=permit.number)
        self._store.permits.add([(permit, self.noted(actor, "add", None, permit))])
        return self.entry(actor, permit.permit_id)

    def change(
        self,
        actor: Actor,
        permit_id: str,
        revision: int | None,
        said: Mapping[str, object],
        place: Place | None = None,
    ) -> Entry:
        """Give an entry other values; what is not named stays, what it said stays in its history.

        Raises:
            NotFound: No such entry for the actor.
            VersionMissing: The revision it is based on is not named.
            PermitChanged: Somebody else has changed it meanwhile.
            PermitWithdrawn: It was withdrawn.
            BadValue: A value cannot be.
        """
        before = self._changeable(actor, permit_id, revision)
        values: dict[str, Any] = dict(checked(said))
        if place is not None:
            values |= self._placed(actor, wkb_of(place))
        return self._moved(actor, "change", before, replace(before, **values))

    def withdraw(self, actor: Actor, permit_id: str, revision: int | None, why: str) -> Entry:
        """Take an entry out of use; it stays, and plots that rest on it say so.

        Raises:
            As ``change``.
        """
        before = self._changeable(actor, permit_id, revision)
        if not why.strip():
            raise BadValue(field="why", value="")
        today = self._clock().astimezone(SHANGHAI).date().isoformat()
        after = replace(before, withdrawn_on=today)
        return self._moved(actor, "withdraw", before, after, why=why.strip()[:NOTE_MAX])

    def attach(
        self,
        actor: Actor,
        permit_id: str,
        source: BinaryIO,
        *,
        kind: str,
        name: str,
        note: str | None = None,
    ) -> PermitFile:
        """Put a document or photo into an entry, and beside every plot that rests on it.

        Args:
            actor: Who attaches.
            permit_id: The entry.
            source: The bytes.
            kind: One of ``FILE_KINDS``.
            name: File name as the sender called it.
            note: Why a photo shows plots that lie further away than it may.

        Raises:
            NotFound: No such entry for the actor.
            PermitWithdrawn: It was withdrawn.
            BadValue: The kind is none.
            TooLarge: Over the size limit.
            WrongKind: Neither a photo nor a PDF.
        """
        permit = self._store.permits.get(_scope(actor), permit_id)
        self._changeable(actor, permit_id, permit.revision)
        if kind not in FILE_KINDS:
            raise BadValue(field="kind", value=kind[:80])
        if note is not None and len(note) > NOTE_MAX:
            raise BadValue(field="note", value=note[:80])
        taken, read = take_in(self._files, self._settings, source, name)
        file = PermitFile(
            file_id=new_id(),
            permit_id=permit_id,
            sha256=taken.sha256,
            kind=kind,
            name=name[:200],
            media_type=read.media_type,
            size=taken.size,
            taken_at=read.taken_at,
            lon=read.lon,
            lat=read.lat,
            azimuth=read.azimuth,
            note=note or None,
            actor=actor.user,
            created_at=self._clock().isoformat(),
        )
        after = replace(permit, revision=permit.revision + 1, updated_at=file.created_at)
        told: dict[str, Value] = {"file": [None, file.name], "sha256": file.sha256}
        self._store.permits.add_file(file, after, self._change(actor, "file", after, told))
        self._serve(actor, file)
        kept = self._store.permits.files(permit_id)
        return next(f for f in kept if (f.kind, f.sha256) == (kind, file.sha256))

    def _serve(self, actor: Actor, file: PermitFile) -> None:
        """Put a file beside the plots that rest on its permit and that the actor works on."""
        resting = Filter(permit=file.permit_id)
        for plots in self._store.plots.stream(scope_of(actor, Action.ATTACH), resting):
            pending = [
                once(served(actor.on(plot.given.batch), file, plot, self._clock), file)
                for plot in plots
                if serves(file, plot)
            ]
            if pending:
                self._store.ledger.append(pending)

    # For whoever takes entries in ----------------------------------------------------------------

    def blank(
        self,
        actor: Actor,
        said: Mapping[str, str | None],
        wkb: bytes | None,
        *,
        source: str | None = None,
    ) -> Permit:
        """An entry that is not kept yet, from what is said of it."""
        now = self._clock().isoformat()
        values: dict[str, Any] = {**_NOTHING, **said, **self._placed(actor, wkb)}
        return Permit(
            **values,
            permit_id=new_id(),
            source=source,
            withdrawn_on=None,
            revision=1,
            created_at=now,
            updated_at=now,
        )

    def noted(
        self, actor: Actor, action: str, before: Permit | None, after: Permit
    ) -> PermitChange:
        """What makes one state of an entry the next."""
        return self._change(actor, action, after, differences(before, after))

    def _change(
        self, actor: Actor, action: str, after: Permit, detail: Mapping[str, Value]
    ) -> PermitChange:
        return PermitChange(
            after.permit_id,
            after.revision,
            after.updated_at,
            actor.user,
            actor.unit,
            action,
            detail,
        )

    def _placed(self, actor: Actor, wkb: bytes | None) -> dict[str, Any]:
        """Place, box and area of an entry: its county, or the area of whoever keeps it."""
        own = next((g.area for g in actor.grants if actor.has(Action.KEEP_PERMITS, g)), "")
        if wkb is None:
            return {"wkb": None, "bbox": None, "area": own}
        shape = shapely.from_wkb(wkb)
        inside = shapely.get_coordinates(shapely.point_on_surface(shape))
        (county,) = self._overlay.land().county_at(np.asarray(inside, dtype=np.float64))
        return {"wkb": wkb, "bbox": tuple(map(float, shape.bounds)), "area": county or own}

    def _changeable(self, actor: Actor, permit_id: str, revision: int | None) -> Permit:
        permit = self._store.permits.get(_scope(actor), permit_id)
        need(actor, Action.KEEP_PERMITS, permit.area)
        if revision is None:
            raise VersionMissing(plot=permit.number)
        if revision != permit.revision:
            raise PermitChanged(number=permit.number)
        if permit.withdrawn_on is not None:
            raise PermitWithdrawn(number=permit.number)
        return permit

    def _moved(
        self, actor: Actor, action: str, before: Permit, after: Permit, **more: Value
    ) -> Entry:
        need(actor, Action.KEEP_PERMITS, after.area)
        detail = differences(before, after)
        if detail:
            now = self._clock().isoformat()
            after = replace(after, revision=before.revision + 1, updated_at=now)
            change = self._change(actor, action, after, {**detail, **more})
            self._store.permits.change([(after, change)])
        return self.entry(actor, before.permit_id)


_NOTHING = dict.fromkeys(
    (
        "number", "name", "kind", "holder", "authority", "granted_on", "valid_to",
        "plan_consent_no", "flood_assessment", "note",
    )
)  # fmt: skip


def sees_holders(actor: Actor) -> bool:
    """Whether the person sees who holds a permit: personal data, for county and city only."""
    return may(actor, Action.KEEP_PERMITS)


def _scope(actor: Actor) -> Scope:
    need(actor, Action.PERMITS)
    return scope_of(actor, Action.PERMITS)


def wkb_of(place: Place) -> bytes:
    """A GeoJSON geometry in EPSG:4490 as it is kept.

    Raises:
        BadValue: It is none, or lies nowhere on Earth.
    """
    try:
        shape = shapely.from_geojson(orjson.dumps(place))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise BadValue(field="geometry", value=str(place)[:80]) from error
    xy = shapely.get_coordinates(shape)
    fits = len(xy) and np.isfinite(xy).all() and (np.abs(xy) <= (180, 90)).all()
    if not fits or shapely.is_empty(shape) or len(xy) > 10_000:
        raise BadValue(field="geometry", value=str(place)[:80])
    return bytes(shapely.to_wkb(shapely.force_2d(shape)))
