"""What a permit lends the plots that rest on it: its values, its documents, its photos.

One photo may serve all plots of one permit: the same bytes lie beside each, by an event that names
their hash, where they were taken near enough or somebody has explained why they are not.
"""

from collections.abc import Iterator, Sequence

from georeview.clock import Clock
from georeview.core.access import Action, Actor, scope_of
from georeview.core.ledger import Value
from georeview.core.permits import PHOTO_M, Permit
from georeview.core.review import attachment
from georeview.errors.review import FieldMissing, PermitUnfit
from georeview.services.ids import new_id
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.ledger import Idempotency, Known, Pending
from georeview.storage.ports.permits import PermitFile
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store


def linkable(store: Store, actor: Actor, permit_id: object) -> Permit:
    """The entry that a plot is to rest on.

    Raises:
        FieldMissing: None is named.
        PermitUnfit: There is none for the actor, or it was withdrawn.
    """
    if not permit_id:
        raise FieldMissing(field="permit", value="")
    name = str(permit_id)[:80]
    scope = scope_of(actor, Action.LINK_PERMIT)
    permit = store.permits.some(scope, [name]).get(name)
    if permit is None or permit.withdrawn_on is not None:
        raise PermitUnfit(field="permit", value=permit.number if permit else name)
    return permit


def serving(
    actor: Actor, files: Sequence[PermitFile], clock: Clock, known: Known
) -> Iterator[Pending]:
    """The files of a permit that a plot can use and has not; nothing is read here."""
    there = {(file.kind, file.sha256) for file in known.files}
    for file in files:
        if (file.kind, file.sha256) not in there and serves(file, known.plot):
            yield served(actor, file, known.plot, clock)


def serves(file: PermitFile, plot: Plot) -> bool:
    """Whether a file proves something of a plot: a photo only near it, or where it says why not."""
    if file.kind != "E_PHOTO" or file.note:
        return True
    if file.lon is None or file.lat is None or plot.facts is None:
        return False
    from georeview.geometry.measure import distance_m

    away = distance_m(file.lon, file.lat, plot.facts.lon, plot.facts.lat)
    return away <= PHOTO_M


def served(actor: Actor, file: PermitFile, plot: Plot, clock: Clock) -> Pending:
    """The event that puts a file of a permit beside a plot.

    Raises:
        Forbidden: The actor may not attach anything there.
    """
    now = clock()
    beside = EvidenceFile(
        evidence_id=new_id(),
        plot_id=plot.given.plot_id,
        sha256=file.sha256,
        kind=file.kind,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        taken_at=file.taken_at,
        lon=file.lon,
        lat=file.lat,
        azimuth=file.azimuth,
        actor=actor.user,
        created_at=now.isoformat(),
    )
    body: dict[str, Value] = {
        "evidence_id": beside.evidence_id,
        "kind": file.kind,
        "media_type": file.media_type,
        "sha256": file.sha256,
        "size": file.size,
        "permit": file.permit_id,
    }
    if file.note:
        body["text"] = file.note
    draft = attachment(plot.review, new_id(), actor, body=body, observed_at=None, now=now)
    return Pending(draft, evidence=beside)


def once(pending: Pending, file: PermitFile) -> Pending:
    """The same, kept once however often it is sent."""
    key = f"{file.kind} {file.sha256}"
    same = Idempotency("", "attach", key, file.sha256)
    return Pending(pending.draft, same, evidence=pending.evidence)
