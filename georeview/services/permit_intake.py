"""Taking a table of permits into the register: what is new, what differs, what has to be asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from georeview.core.access import Action, Actor, may, need
from georeview.core.ledger import Value
from georeview.core.permits import Permit, differences, read_row
from georeview.errors import BadValue, NotFound
from georeview.ingest import ReadOptions
from georeview.services.layers import LayerService
from georeview.services.permits import PermitService
from georeview.storage.ports.layers import LayerFeature
from georeview.storage.ports.permits import PermitChange
from georeview.storage.ports.store import Store

KIND = "permit"


@dataclass(frozen=True, slots=True)
class Offered:
    """One row of a table beside what the register knows.

    Attributes:
        row: Its number in the table, from 1.
        permit: What it says, as an entry.
        before: The entry it is of, where there is one.
        detail: What it changes of that, by name: old and new.
    """

    row: int
    permit: Permit
    before: Permit | None
    detail: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that cannot be taken, and why: a key of ``permits.aside.``."""

    row: int
    why: str
    value: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A table held against the register; every row stands in one of these.

    Attributes:
        new: Entries the register does not have.
        changed: Entries it has otherwise.
        same: Rows that say what it says.
        twice: Number → rows that say different things under it, or several entries it may be of.
        aside: Rows without a number, with impossible values, or of another area.
    """

    new: Sequence[Offered]
    changed: Sequence[Offered]
    same: int
    twice: Mapping[str, Sequence[Offered]]
    aside: Sequence[Aside]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows of a table; together they are all of them."""

    added: int
    changed: int
    same: int
    left: int
    twice: int
    aside: int


class PermitIntake:
    """From a layer version, or a file, into the register."""

    def __init__(self, store: Store, permits: PermitService, layers: LayerService) -> None:
        self._store = store
        self._permits = permits
        self._layers = layers

    def of_layer(self, actor: Actor, layer_id: str) -> Offer:
        """What a version of a layer of permits offers.

        Raises:
            Forbidden: The actor keeps no permits.
            NotFound: There is no such version.
        """
        need(actor, Action.KEEP_PERMITS)
        layer = self._store.layers.get(layer_id)
        if layer.kind != KIND:
            raise NotFound(what=layer_id)
        return self._held_against(actor, self._store.layers.features(layer_id), layer_id)

    def of_file(self, actor: Actor, path: Path, options: ReadOptions) -> Offer:
        """What a file offers, read as a layer of permits is.

        Raises:
            Forbidden: The actor keeps no permits.
            GeoreviewError: The file cannot be taken.
        """
        need(actor, Action.KEEP_PERMITS)
        read = self._layers.read(path, KIND, options)
        rows = [LayerFeature(f.wkb, f.code, f.name, dict(f.props)) for f in read.features]
        return self._held_against(actor, rows, read.report.file)

    def take(
        self,
        actor: Actor,
        offer: Offer,
        *,
        update: bool = False,
        chosen: Mapping[str, int] | None = None,
    ) -> Taken:
        """Write what is new; what is otherwise only when told, what is there twice when chosen.

        Args:
            actor: Who writes it.
            offer: What was found.
            update: Whether entries are changed to what the table says.
            chosen: Number → the row that holds, where several say different things.

        Raises:
            BadValue: A chosen row is none of those of its number.
            PermitChanged: Somebody has changed an entry meanwhile; nothing of it was kept.
        """
        picked = list(_picked(offer, chosen or {}))
        new = [*offer.new, *(one for one in picked if one.before is None)]
        changed = [one for one in picked if one.before is not None and one.detail]
        changed += offer.changed if update else ()
        noted = self._permits.noted
        self._store.permits.add(
            [(one.permit, noted(actor, "take_in", None, one.permit)) for one in new]
        )
        self._store.permits.change([self._moved(actor, one) for one in changed])
        rows = sum(len(rows) for rows in offer.twice.values())
        same = offer.same + sum(one.before is not None and not one.detail for one in picked)
        return Taken(
            added=len(new),
            changed=len(changed),
            same=same,
            left=0 if update else len(offer.changed),
            twice=rows - len(picked),
            aside=len(offer.aside),
        )

    def _moved(self, actor: Actor, one: Offered) -> tuple[Permit, PermitChange]:
        after = one.permit
        return after, self._permits.noted(actor, "take_in", one.before, after)

    def _held_against(self, actor: Actor, rows: Sequence[LayerFeature], source: str) -> Offer:
        read: dict[str, list[Offered]] = {}
        aside: list[Aside] = []
        for row, feature in enumerate(rows, 1):
            try:
                permit = self._read(actor, feature, source)
            except BadValue as error:
                value = str(error.facts.get("value"))
                aside.append(Aside(row, str(error.facts["field"]), value))
                continue
            if not may(actor, Action.KEEP_PERMITS, permit.area):
                aside.append(Aside(row, "area", permit.area))
                continue
            read.setdefault(permit.number, []).append(Offered(row, permit, None, {}))
        known = self._store.permits.numbered(list(read))
        return _sorted(read, known, aside)

    def _read(self, actor: Actor, feature: LayerFeature, source: str) -> Permit:
        said = read_row({"permit_no": feature.code, "name": feature.name, **feature.props})
        if "number" not in said:
            raise BadValue(field="number", value="")
        return self._permits.blank(actor, said, feature.wkb, source=source)


def _sorted(
    read: Mapping[str, Sequence[Offered]],
    known: Mapping[str, Sequence[Permit]],
    aside: Sequence[Aside],
) -> Offer:
    new: list[Offered] = []
    changed: list[Offered] = []
    twice: dict[str, Sequence[Offered]] = {}
    same = 0
    for number, rows in read.items():
        entries = known.get(number, ())
        held = [_against(one, entries[0] if len(entries) == 1 else None) for one in rows]
        distinct = list(_distinct(held))
        if len(distinct) > 1 or len(entries) > 1:
            twice[number] = held
            continue
        same += len(rows) - 1
        (one,) = distinct
        if one.before is None:
            new.append(one)
        elif one.detail:
            changed.append(one)
        else:
            same += 1
    return Offer(new, changed, same, twice, aside)


def _against(one: Offered, before: Permit | None) -> Offered:
    """A row as the next state of an entry: what it leaves empty is not taken away."""
    if before is None:
        return one
    said = {
        name: value
        for name in (*_TAKEN, "wkb", "bbox", "area")
        if (value := getattr(one.permit, name)) is not None
    }
    after = replace(
        before,
        **said,
        source=one.permit.source,
        revision=before.revision + 1,
        updated_at=one.permit.updated_at,
    )
    return Offered(one.row, after, before, differences(before, after))


_TAKEN = (
    "name", "kind", "holder", "authority", "granted_on", "valid_to", "plan_consent_no",
    "flood_assessment", "note",
)  # fmt: skip


def _distinct(rows: Iterable[Offered]) -> Iterator[Offered]:
    """Rows that say different things; of those that say the same, the first."""
    seen = set()
    for one in rows:
        said = (*(getattr(one.permit, name) for name in _TAKEN), one.permit.wkb)
        if said not in seen:
            seen.add(said)
            yield one


def _picked(offer: Offer, chosen: Mapping[str, int]) -> Iterator[Offered]:
    for number, row in chosen.items():
        found = [one for one in offer.twice.get(number, ()) if one.row == row]
        if not found:
            raise BadValue(field="chosen", value=f"{number[:60]}: {row}")
        yield found[0]
