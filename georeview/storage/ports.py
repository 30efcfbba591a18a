"""What a store offers, whatever stands behind it: records as values, doors as protocols.

Every read of plots takes a ``Scope`` first, so that forgetting who asks is a type error. Times
are ISO 8601 text in UTC; ids are opaque text; ``fid`` is an integer that never leaves the tiles.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from georeview.core.access import EVERYTHING, Grant, Scope
from georeview.core.accesslog import Entry as AccessEntry
from georeview.core.accesslog import NewEntry
from georeview.core.feed import Change
from georeview.core.heads import SignedHead
from georeview.core.jobs import Claim, JobState, Progress
from georeview.core.ledger import Draft, Event, Pattern, Value
from georeview.core.notices import Told
from georeview.core.plot import Review
from georeview.core.query import Filter, PageOf
from georeview.errors import NotFound

Json = Mapping[str, Value | float]
"""A JSON object."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """One issue of plots by the ministry."""

    name: str
    area: str
    review_due: str | None
    rectify_due: str | None
    hard: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class Import:
    """One file taken in; ``report`` is the reader's, as JSON text."""

    import_id: str
    batch: str
    file: str
    sha256: str
    report: str
    actor: str
    created_at: str
    retracted_at: str | None = None


@dataclass(frozen=True, slots=True)
class NewPlot:
    """A plot as it is taken in; another delivery may give it other values, and keeps these too.

    Attributes:
        plot_id: Our id.
        batch: Batch name.
        source_id: Number as issued.
        row: Row in the source file, from 1.
        wkb: Geometry in EPSG:4490, two-dimensional.
        source_wkb: Geometry as it came.
        source_crs: Its coordinate system.
        fields: Canonical fields of the dictionary.
        extra: Columns the dictionary does not know.
        flags: Warnings: ``[{"code": …, "facts": {…}}]``.
        bbox: West, south, east, north, degrees.
    """

    plot_id: str
    batch: str
    source_id: str
    row: int
    wkb: bytes
    source_wkb: bytes
    source_crs: str
    fields: Json
    extra: Json
    flags: Sequence[Json]
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """Overlay facts of one plot: the columns that lists and exports use, and all the rest.

    Attributes:
        plot_id: The plot.
        computed_at: When.
        layers: Layer versions used, one text for comparing (``mgmt_area=v1;river=v1``).
        detail: Everything, in the shape of ``GET /plots/{id}/facts``.
    """

    plot_id: str
    computed_at: str
    layers: str
    area_m2: float | None
    in_m2: float | None
    in_share: float | None
    water_share: float | None
    edge_m: float | None
    band: str | None
    river: str | None
    river_code: str | None
    river_m: float | None
    bank: str | None
    chainage_m: float | None
    county: str | None
    county_name: str | None
    county_share: float | None
    multi_county: bool
    township: str | None
    township_name: str | None
    lon: float
    lat: float
    suggestion: str | None
    detail: Json


@dataclass(frozen=True, slots=True)
class NewPlots:
    """Plots (n) as they are taken in, column by column; what JSON there is, is text.

    Attributes:
        plot_id: Our ids.
        batch: Name of their batch.
        source_id: Numbers as issued.
        row: Rows in the source file, from 1.
        wkb: Geometries in EPSG:4490, two-dimensional.
        source_wkb: Geometries as they came.
        source_crs: Their coordinate system.
        fields: Canonical fields of the dictionary.
        extra: Columns the dictionary does not know.
        flags: Warnings, as ``NewPlot`` has them.
        bbox: West, south, east, north (4, n), degrees.
        type_issued: What ``fields`` says is issued.
        words: Text to search in (see ``records.words_of``).
    """

    plot_id: Sequence[str]
    batch: str
    source_id: Sequence[str]
    row: Sequence[int]
    wkb: Sequence[bytes]
    source_wkb: Sequence[bytes]
    source_crs: str
    fields: Sequence[str]
    extra: Sequence[str]
    flags: Sequence[str]
    bbox: Sequence[Sequence[float]]
    type_issued: Sequence[str | None]
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.plot_id)

    def only(self, places: Sequence[int]) -> "NewPlots":
        """Some of the plots, by their places among them, from 0."""

        def some(column: Sequence[T]) -> Sequence[T]:
            return [column[place] for place in places]

        return replace(
            self,
            plot_id=some(self.plot_id),
            source_id=some(self.source_id),
            row=some(self.row),
            wkb=some(self.wkb),
            source_wkb=some(self.source_wkb),
            fields=some(self.fields),
            extra=some(self.extra),
            flags=some(self.flags),
            bbox=list(map(some, self.bbox)),
            type_issued=some(self.type_issued),
            words=some(self.words),
        )


FactColumns = Mapping[str, Sequence[Any]]
"""Attribute of ``Facts`` → values of n plots; ``detail`` is JSON text."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Plots on their way in (n), with their first events, and their facts where they are known.

    Attributes:
        plots: The plots.
        steps: What is done with each of them first, in order; the same object where it is the same.
        bodies: What is asked of the first step of each, as canonical text.
        event_ids: Identifiers for all events of all plots, one after the other.
        facts: Their facts.
    """

    plots: NewPlots
    steps: Sequence[tuple[Pattern, ...]]
    bodies: Sequence[str]
    event_ids: Sequence[str]
    facts: FactColumns | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A plot that is there already, as another file gives it.

    Attributes:
        plot: What it is from now on, under the id it has.
        facts: Its facts from now on.
        judge: Gives the events for the review as it stands when the file is kept; called while
            the store's lock is held, so it reads nothing and waits for nothing.
    """

    plot: NewPlot
    facts: Facts | None
    judge: Callable[[Review], Sequence[Draft]]


def unwatched(_steps: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Files that are to be undone as one.

    Attributes:
        import_ids: The files, in the order in which they came.
        at: When, ISO UTC.
        facts: Plot → its facts as it was before, for plots that the files changed.
        withdraw: Gives the event for a plot that a file brought, from the file and its review.
        restore: Gives the event for a plot that a file changed, from the file, its review, what it
            was before, and what the file's event had found of the review.
        advance: Told, inside the commit, of how many more plots; raises to leave all as it is.
    """

    import_ids: Sequence[str]
    at: str
    facts: Mapping[str, Facts]
    withdraw: Callable[[str, Review], Draft]
    restore: Callable[[str, Review, NewPlot, Mapping[str, Value]], Draft]
    advance: Callable[[int], None] = unwatched


@dataclass(frozen=True, slots=True)
class Past:
    """What a plot was until an event, by the event's number."""

    replaced_by: int
    given: NewPlot


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with everything known about it except its history.

    ``review_due`` and ``rectify_due`` are the batch's dates, ``hard`` whether only the province
    extends beyond them; ``photos`` is the number of site photos beside it, ``hash`` that of its last
    review event.
    """

    fid: int
    given: NewPlot
    review: Review
    facts: Facts | None
    updated_at: str
    review_due: str | None
    rectify_due: str | None
    hard: bool
    photos: int
    hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        items: The plots; geometry is there, the caller decides to show it.
        after: Where the next part begins (sort value and a tie-breaker), or ``None`` at the end.
        matched: Exact number of plots that meet the filter, or ``None`` where not asked.
    """

    items: Sequence[Plot]
    after: tuple[str | float | int | None, str] | None
    matched: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of one viewer's queue as columns of equal length, ordered by ``fid``.

    ``rank`` is the place in the order of the queue, over all parts, from 1.
    """

    fid: Sequence[int]
    plot_id: Sequence[str]
    source_id: Sequence[str]
    mark: Sequence[str]
    mark_state: Sequence[str]
    stage: Sequence[str]
    version: Sequence[int]
    type_issued: Sequence[str | None]
    county: Sequence[str | None]
    township: Sequence[str | None]
    river: Sequence[str | None]
    area_m2: Sequence[float | None]
    band: Sequence[str | None]
    suggestion: Sequence[str | None]
    lon: Sequence[float]
    lat: Sequence[float]
    rank: Sequence[int]


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A photo or document attached to a plot; the bytes lie in ``evidence/`` under the hash."""

    evidence_id: str
    plot_id: str
    sha256: str
    kind: str
    name: str
    media_type: str
    size: int
    taken_at: str | None
    lon: float | None
    lat: float | None
    azimuth: float | None
    actor: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A repeat of the same request by the same user on the same plot is the same request."""

    user: str
    route: str
    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A judged event waiting to be kept, with what must be kept in the same commit."""

    draft: Draft
    idempotency: Idempotency | None = None
    evidence: EvidenceFile | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The event is on disk.

    Attributes:
        event: The event.
        review: The plot's review right after it.
        repeated: Whether it had been kept by an earlier, equal request.
    """

    event: Event
    review: Review
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """The plot had moved on; nothing was kept for this one."""

    review: Review


@dataclass(frozen=True, slots=True)
class KeyClash:
    """The idempotency key was used for another body; nothing was kept for this one."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain.

    Attributes:
        seq: Number of the last event.
        hash: Its hash.
        area_seq: Number of the last event that moved a plot into or out of somebody's sight.
        facts_seq: Moves with every write of facts, and when the projection is made anew.
    """

    seq: int
    hash: str
    area_seq: int
    facts_seq: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """What ``verify`` found wrong: a code of ``flaw.<code>``, where, and in which file or head."""

    code: str
    seq: int | None
    plot_id: str | None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One immutable version of a layer.

    ``current`` is the newest of its kind and name, ``scale`` the 10,000 of 1:10,000, ``source`` who
    made it and ``file`` what it came in.
    """

    layer_id: str
    kind: str
    name: str
    version: str
    valid_from: str | None
    source: str
    sha256: str
    crs_original: str
    accuracy_m: float
    features: int
    bbox: tuple[float, float, float, float]
    created_at: str
    actor: str
    current: bool = True
    approval_no: str | None = None
    scale: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class LayerFeature:
    """One feature of a layer: geometry in EPSG:4490 and its fields."""

    wkb: bytes
    code: str | None
    name: str | None
    props: Json


@dataclass(frozen=True, slots=True)
class Scene:
    """One image: what it shows is in ``info``; its files lie in ``imagery/<scene_id>/``."""

    scene_id: str
    name: str
    role: str
    date: str
    sensor: str | None
    sha256: str
    info: Json
    created_at: str
    actor: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside every plot: scenes by date, names of counties and townships by code."""

    scenes: Sequence[Scene]
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """All that a step on a plot is judged by, as it stands when its turn comes.

    Attributes:
        plot: The plot, with what earlier steps of the same group changed.
        files: Its evidence, oldest first.
        around: What stands beside every plot.
        other: Another plot the step speaks of, where it names one and it is there.
    """

    plot: Plot
    files: Sequence[EvidenceFile]
    around: Around
    other: Plot | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that is judged and kept in one go.

    Attributes:
        plot_id: The plot.
        scope: What the person sees; a plot outside it is not there.
        judge: Gives the event to keep, or raises the refusal. It is called while the store's lock
            is held: it reads nothing, waits for nothing, changes nothing.
        idempotency: What makes a later request the same one.
        other: Another plot that the judge has to know.
    """

    plot_id: str
    scope: Scope
    judge: Callable[[Known], Draft]
    idempotency: Idempotency | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one step.

    Attributes:
        result: The event and the review right after it, or why nothing was kept.
        known: What it was judged by, with the plot as the event left it.
    """

    result: Kept | Stale | KeyClash | Exception
    known: Known


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        user: Sign-in name.
        name: Name shown to others.
        unit: Unit the person acts for.
        password_hash: ``None`` where nobody can sign in with a password.
        disabled: Whether the account is closed.
        grants: Roles with areas.
        email: Where the person is reached, if told.
        lang: The language the person reads.
        must_change: Whether the password was somebody else's and only opens the way to a new one.
        last_sign_in: When a session was last opened; kept by ``open_session`` alone.
    """

    user: str
    name: str
    unit: str
    password_hash: str | None
    disabled: bool
    grants: tuple[Grant, ...]
    email: str | None = None
    lang: str = "zh-CN"
    must_change: bool = False
    last_sign_in: str | None = None


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Whose session it is, and when it ends."""

    person: Person
    expires_at: str


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; only the hash of its secret is kept."""

    token_sha256: str
    user: str
    created_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The key of another system.

    Attributes:
        key_id: Ours.
        name: What the system is called; no two keys ever share it.
        sha256: Hash of the secret.
        unit: The unit that runs the system.
        role: What it may.
        area: Where.
        created_at: When it was made.
        created_by: Sign-in name of who made it.
        expires_at: From when on it opens nothing; ``None`` for no end.
        revoked_at: When it was ended.
        last_used: The day it was last used.
    """

    key_id: str
    name: str
    sha256: str
    unit: str
    role: str
    area: str
    created_at: str
    created_by: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where another system wants to be told of changes.

    Attributes:
        webhook_id: Ours.
        url: Where to.
        secret: What messages are signed with.
        owner: Sign-in name of whoever asked, or ``key:NAME``; its area is what is told of.
        created_at: When.
        since: Number of the last event that has arrived, or was none of the owner's.
        failures: Tries in a row that failed.
        next_at: Not to be tried before.
        delivered_at: When something arrived last.
        failing_since: When the first of the failures was.
        last_error: What was wrong last: a status, or a word for what stands in the texts.
        disabled_at: When it was given up.
    """

    webhook_id: str
    url: str
    secret: str
    owner: str
    created_at: str
    since: int
    failures: int
    next_at: str
    delivered_at: str | None = None
    failing_since: str | None = None
    last_error: str | None = None
    disabled_at: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person, or a role of an area, is told of a batch on one day.

    Attributes:
        number: Ours.
        kind: What is told.
        user_name: The person, empty for a role.
        role: The role, empty for a person.
        area: Where.
        batch: Of which batch.
        day: The day here, ISO.
        plots: How often it was told.
        plot_id: The last plot.
        actor: Who acted last.
        seq: The last event.
        at: When that was.
    """

    number: int
    kind: str
    user_name: str
    role: str
    area: str
    batch: str
    day: str
    plots: int
    plot_id: str
    actor: str
    seq: int
    at: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """Long work that is asked for.

    Attributes:
        job_id: Our id.
        kind: Which work, a key of ``georeview.jobs.tasks``.
        options: What it was asked for with.
        user: Who asks; ``None`` is the service itself.
        area: Where it belongs: who looks after this area may see it.
        created_at: When.
        once: A name that only one job may ever have; ``None`` for any number of equal ones.
    """

    job_id: str
    kind: str
    options: Json
    user: str | None
    area: str
    created_at: str
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Long work and how far it is.

    Attributes:
        number: Its place in the order of asking.
        given: What was asked for.
        state: Where it is.
        run_after: Not tried before this.
        claim: The latest holder's; ``fence`` is 0 before the first.
        attempts: Tries begun, without those that were handed back.
        cancelling: Whether its holder has been asked to stop it.
        progress: How far.
        result: What came of it, when it is done.
        error: Code and facts of the last refusal.
        started_at: When its latest try began.
        finished_at: When it was over.
    """

    number: int
    given: NewJob
    state: JobState
    run_after: str
    claim: Claim
    attempts: int
    cancelling: bool
    progress: Progress
    result: Json | None
    error: Json | None
    started_at: str | None
    finished_at: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker takes a job with; times are ISO text in UTC.

    Attributes:
        holder: Which worker, for people who look.
        now: The present instant.
        until: When others may take the job, if the lease has not been renewed.
        beyond: A lease that ends after this was written by a clock that has been set back since.
    """

    holder: str
    now: str
    until: str
    beyond: str


@dataclass(frozen=True, slots=True)
class PlotDays:
    """What one plot stood at, at the end of days.

    Attributes:
        fid: The plot's number.
        batch: Its batch.
        days: ISO day and the standing's text, by day.
    """

    fid: int
    batch: str
    days: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PlotStanding:
    """One plot behind a figure, as it stood then."""

    fid: int
    plot_id: str
    source_id: str
    type_issued: str | None
    standing: str


@dataclass(frozen=True, slots=True)
class League:
    """A published table.

    Attributes:
        league_id: Our id.
        batch: Of which batch.
        area: Area of who published it; every unit in it may read it.
        as_of: ISO day.
        seq: Number of the last event it rests on.
        content: The table as it was shown, canonical JSON.
        sha256: Hash of the content.
        head: The end of the ledger, signed, with that hash; JSON.
        actor: Who published it.
        published_at: When.
    """

    league_id: str
    batch: str
    area: str
    as_of: str
    seq: int
    content: str
    sha256: str
    head: str
    actor: str
    published_at: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Plots that somebody else looks at again.

    Attributes:
        sample_id: Our id.
        batch: Of which batch.
        area: Area of who drew it; who sees the whole of it may see the sample.
        as_of: ISO day; the frame are the negatives of then.
        seed: What the ranks were made from.
        content: The draw, canonical JSON (``core.sampling.Draw``).
        sha256: Hash of the content; the events of its plots name it.
        actor: Who drew it.
        unit: For which unit.
        drawn_at: When.
    """

    sample_id: str
    batch: str
    area: str
    as_of: str
    seed: str
    content: str
    sha256: str
    actor: str
    unit: str
    drawn_at: str


@dataclass(frozen=True, slots=True)
class SamplePlot:
    """One plot of a sample, and what the second look came to.

    Attributes:
        sample_id: The sample.
        plot_id: The plot.
        place: Its place in its stratum, from 1.
        stratum: The stratum.
        result: One of ``core.sampling.RESULTS``, ``None`` before anybody has looked.
        note: What was said of it.
        actor: Who looked.
        answered_at: When.
    """

    sample_id: str
    plot_id: str
    place: int
    stratum: str
    result: str | None = None
    note: str | None = None
    actor: str | None = None
    answered_at: str | None = None


@dataclass(frozen=True, slots=True)
class DayOverride:
    """A day on which people work, or do not, other than the packaged calendar says."""

    day: str
    working: bool
    source: str
    actor: str
    set_at: str


class Ledger(Protocol):
    """Events: kept once, in one order, never changed."""

    def append(self, batch: Sequence[Pending]) -> list[Kept | Stale | KeyClash]:
        """Keep events; those that arrive together are committed together.

        Returns only when what was kept is on disk. Each event stands or falls alone.

        Raises:
            Unavailable: The store cannot write now; nothing of the batch was kept.
        """

    def settle(self, batch: Sequence[Asked]) -> Future[list[Settled | NotFound]]:
        """Judge and keep steps, together with whatever else arrives; one answer for each.

        ``NotFound`` is the answer for a plot that is not there for the person.

        What was kept is on disk when the answers come. Each step stands or falls alone; a repeat of
        an earlier request gets that request's answer before it is judged, for it is based on a
        version that its own first try has moved.

        Raises:
            Unavailable: In the future: the store cannot write now; nothing of the batch was kept.
        """

    def review(self, scope: Scope, plot_id: str) -> Review:
        """The plot's review.

        Raises:
            NotFound: No such plot in this scope.
        """

    def history(self, scope: Scope, plot_id: str) -> list[Event]:
        """The plot's events, oldest first.

        Raises:
            NotFound: No such plot in this scope.
        """

    def events(self, since: int = 0) -> Iterator[Event]:
        """Every event after a number, in order."""

    def head(self) -> Head:
        """The end of the chain."""

    def verify(
        self, heads: Mapping[str, SignedHead] = ..., advance: Callable[[int], None] = ...
    ) -> Iterator[Flaw]:
        """Recompute every hash, every link and every projection; yields what is wrong.

        The signed heads of the store itself are held against the ledger too.

        Args:
            heads: Signed heads that were kept elsewhere, each with what to call it.
            advance: Told how many events have been looked at since last time; each is looked at
                twice, in order and plot by plot.
        """

    def rebuild(self) -> int:
        """Make the projection anew from the events; returns the number of plots."""


class Feed(Protocol):
    """Events for other systems."""

    def changes(self, since: int, limit: int) -> list[Change]:
        """The next changes after a number, in the order of the ledger, none left out."""


class Plots(Protocol):
    """Plots as they came, with their review and facts beside."""

    def batches(self, scope: Scope) -> list[Batch]:
        """Batches of which the scope sees a plot, or whose area it holds; newest first."""

    def imports(self, batch: str) -> list[Import]:
        """Files taken in for a batch, oldest first."""

    def known(self, batch: str, numbers: Sequence[str]) -> Mapping[str, NewPlot]:
        """Number as issued → the plot of the batch as it was given last, for some numbers.

        Plots that were withdrawn are not among them.
        """

    def numbers(self, batch: str) -> Iterator[Sequence[str]]:
        """Numbers of all plots of a batch, part by part in the order in which they came."""

    def withdrawn(self, batch: str, numbers: Sequence[str]) -> Mapping[str, str]:
        """Number as issued → id of the plot that was withdrawn from the batch, for some numbers."""

    def get(self, scope: Scope, plot_id: str) -> Plot:
        """One plot.

        Raises:
            NotFound: No such plot in this scope.
        """

    def by_source(self, scope: Scope, batch: str, source_id: str) -> Plot:
        """One plot by the number it was issued under.

        Raises:
            NotFound: No such plot in this scope.
        """

    def page(self, scope: Scope, where: Filter, page: PageOf, *, count: bool) -> Page:
        """A part of a list; ``risk`` sorts as the queue does (see the queue's order)."""

    def stream(self, scope: Scope, where: Filter, *, chunk: int = 2000) -> Iterator[list[Plot]]:
        """All plots of a filter in ``fid`` order, as one consistent view."""

    def rows(self, scope: Scope, batch: str) -> Iterator[Rows]:
        """The viewer's queue as columns, part by part in ``fid`` order, as one consistent view."""

    def marks(self, scope: Scope, batch: str) -> Iterator[Sequence[tuple[str, str]]]:
        """``mark`` and ``mark_state`` of the same plots in the same order as ``rows``."""

    def fids(self, scope: Scope, batch: str) -> Sequence[int]:
        """The numbers of the same plots, rising."""

    def shapes(self, scope: Scope, batch: str) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        """``fid`` and WKB of the same plots, part by part in the same order."""

    def last_import(self, batch: str) -> str | None:
        """Names the state of the shapes: as long as it is the same, so are they."""

    def counts(self, scope: Scope, batch: str) -> Mapping[str, int]:
        """How many plots carry each mark."""

    def stages(self, scope: Scope, where: Filter) -> Mapping[str, int]:
        """Stage → how many of the plots of a filter lie in it."""


class Deliveries(Protocol):
    """Files that change plots which are there, and files that are taken back."""

    def add(
        self,
        batch: Batch,
        source: Import,
        entries: Iterable[Entries],
        revisions: Iterable[Revision] = (),
    ) -> tuple[int, int]:
        """Keep a file's new plots, and change those that are there, in one commit or not at all.

        A batch that is already there keeps its own dates. Nobody else writes until this is over:
        the entries are read as they are kept, in memory that does not grow with them, so whoever
        gives them should have done the slow work before.

        Returns:
            The numbers of plots that are new, and that were changed.

        Raises:
            NotFound: A plot that is to be changed is not there.
            StoreConflict: A number is already in the batch.
            ValueError: The events of a plot are not its first ones, in order.
        """

    def files(self, name: str) -> list[Import]:
        """A file by its id, or all files of the load whose ids begin with this; in their order."""

    def before(self, import_id: str) -> list[NewPlot]:
        """What the plots that a file changed were before it; not those it brought.

        Raises:
            NotFound: There is no such file.
        """

    def brought(self, import_ids: Sequence[str]) -> tuple[int, int]:
        """How many plots files brought, and how many they changed.

        Raises:
            NotFound: There is no such file.
        """

    def retract(self, taken: TakeBack) -> tuple[int, int]:
        """Undo files as one, in one commit.

        Returns:
            The numbers of plots that were withdrawn, and that are again what they were.

        Raises:
            NotFound: There is no such file.
            AlreadyRetracted: It has been taken back.
            BuiltUpon: A later file has changed its plots.
            ReviewBegun: Somebody has reviewed some of them.
        """

    def pasts(self, scope: Scope, plot_id: str) -> list[Past]:
        """What a plot was before each change, oldest first.

        Raises:
            NotFound: No such plot in this scope.
        """


class Figures(Protocol):
    """What key figures are counted from, made from the events and kept beside them."""

    def counted(self) -> tuple[int, str]:
        """Number of the last event that is counted, and by which formulas and calendar."""

    def begin(self, basis: str) -> None:
        """Forget every count and begin anew by other formulas or another calendar."""

    def histories(self, since: int, until: int) -> Iterator[tuple[int, Batch, Sequence[Event]]]:
        """Plots with events in a range of numbers, each with its batch and all events up to it."""

    def add(self, since: int, until: int, basis: str, plots: Sequence[PlotDays]) -> bool:
        """Count the events of a range, in one commit; false when somebody else has.

        Args:
            since: Number of the last event that is counted.
            until: Number of the last event of the range.
            basis: By which formulas and calendar.
            plots: What the events made of their plots.
        """

    def standings(self, batch: str, day: str) -> list[tuple[str, int]]:
        """Standings at the end of a day, each with the number of plots that have it."""

    def behind(
        self, scope: Scope, batch: str, day: str, standings: Sequence[str], after: int, limit: int
    ) -> list[PlotStanding]:
        """Plots that had one of some standings at the end of a day, by ``fid``.

        Args:
            scope: Only plots that are seen today.
            batch: Of which batch.
            day: ISO day.
            standings: Texts.
            after: Only plots with a greater ``fid``.
            limit: At most so many.
        """

    def last_event(self, before: str) -> int:
        """Number of the last event before an instant (ISO, UTC)."""

    def publish(self, league: League) -> None:
        """Keep a table as it was shown."""

    def published(self, batch: str, scope: Scope) -> list[League]:
        """Published tables of areas that meet the scope, newest first."""


class Samples(Protocol):
    """Draws and what came of them; the events of their plots tell the same."""

    def add(self, sample: Sample, plots: Sequence[SamplePlot]) -> None:
        """Keep a draw."""

    def all(self, batch: str) -> list[Sample]:
        """Draws of a batch, newest first."""

    def get(self, sample_id: str) -> Sample:
        """One draw.

        Raises:
            NotFound: There is none.
        """

    def plots(self, sample_id: str) -> list[SamplePlot]:
        """Its plots, by stratum and place."""

    def answer(self, plot: SamplePlot) -> None:
        """Keep what the second look came to."""


class Calendars(Protocol):
    """Days that differ from the packaged calendar."""

    def overrides(self) -> list[DayOverride]:
        """All of them, by day."""

    def put(self, override: DayOverride) -> None:
        """Say what a day is, whatever was said of it before."""

    def remove(self, day: str) -> None:
        """Let the packaged calendar decide again."""


class FactStore(Protocol):
    """Overlay facts, replaced whole for a plot."""

    def put(self, facts: Sequence[Facts]) -> None:
        """Keep facts, one commit; older facts of the same plots move to the facts' history."""

    def layers_used(self, batch: str | None = None, scope: Scope = EVERYTHING) -> Mapping[str, int]:
        """Layer versions text → number of plots whose facts rest on them.

        Args:
            batch: Only these plots.
            scope: Who asks.
        """


class EvidenceIndex(Protocol):
    """Which files belong to which plot."""

    def of_plot(self, scope: Scope, plot_id: str) -> list[EvidenceFile]:
        """Evidence of a plot, oldest first.

        Raises:
            NotFound: No such plot in this scope.
        """

    def get(self, scope: Scope, evidence_id: str) -> EvidenceFile:
        """One file.

        Raises:
            NotFound: No such evidence in this scope.
        """

    def hashes(self) -> Iterator[str]:
        """Every content hash there should be a file for."""


class Layers(Protocol):
    """Boundary layers and their versions."""

    def add(self, layer: LayerVersion, features: Sequence[LayerFeature]) -> None:
        """Keep a new version, which becomes the current one of its kind and name.

        Raises:
            LayerVersionTaken: Another one of its kind has the version.
        """

    def all(self) -> list[LayerVersion]:
        """Every version of every layer, current ones first."""

    def get(self, layer_id: str) -> LayerVersion:
        """One version.

        Raises:
            NotFound: No such layer.
        """

    def features(self, layer_id: str) -> list[LayerFeature]:
        """All features of a version."""


class Scenes(Protocol):
    """Images."""

    def add(self, scene: Scene) -> None:
        """Keep a scene's record."""

    def all(self) -> list[Scene]:
        """Every scene by date, oldest first."""

    def get(self, scene_id: str) -> Scene:
        """One scene.

        Raises:
            NotFound: No such scene.
        """


class People(Protocol):
    """Who may sign in, and who is signed in."""

    def put(self, person: Person, noted: NewEntry | None = None) -> None:
        """Add a person or replace what is known of one, and note it in the same commit."""

    def get(self, user: str) -> Person | None:
        """One person, or ``None``."""

    def all(self) -> list[Person]:
        """Everybody, by sign-in name."""

    def open_session(self, session: Session) -> None:
        """Keep a session, and when its person signed in last; those that are over go."""

    def signed_in(self, tokens_sha256: Sequence[str]) -> Mapping[str, SignedInPerson]:
        """Sessions by the hashes of their secrets, each with its person; expired ones too."""

    def close_session(self, token_sha256: str) -> None:
        """End a session."""

    def close_sessions(self, user: str) -> None:
        """End all sessions of a person."""

    def failed(self, who: str, at: str, since: str) -> None:
        """Note a failed sign-in for an account or an address; those before ``since`` go."""

    def failures(self, who: str, since: str) -> list[str]:
        """When sign-ins of an account or address failed since an instant."""

    def every_failure(self, since: str) -> Mapping[str, list[str]]:
        """The same for everybody whose sign-ins failed."""

    def forgive(self, who: str, noted: NewEntry) -> None:
        """Forget the failed sign-ins of an account or address."""


class AccessKeys(Protocol):
    """The keys of other systems."""

    def add(self, key: AccessKey, noted: NewEntry) -> None:
        """Keep a new key.

        Raises:
            StoreConflict: There is one of that name.
        """

    def all(self) -> list[AccessKey]:
        """Every key, also those that are over, by name."""

    def by_hash(self, hashes: Sequence[str]) -> Mapping[str, AccessKey]:
        """Keys by their hashes, also those that are over."""

    def revoke(self, key_id: str, at: str, noted: NewEntry) -> None:
        """End a key for good."""

    def used(self, key_id: str, day: str) -> None:
        """Keep on which day a key was used last."""


class Webhooks(Protocol):
    """Where other systems want to be told."""

    def add(self, hook: Webhook, noted: NewEntry) -> None:
        """Keep a new one."""

    def all(self) -> list[Webhook]:
        """Every webhook, oldest first."""

    def get(self, webhook_id: str) -> Webhook | None:
        """One of them."""

    def move(self, hook: Webhook, noted: NewEntry | None = None) -> None:
        """Keep how far one is and how it fares."""

    def remove(self, webhook_id: str, noted: NewEntry) -> None:
        """Forget one."""


class Notices(Protocol):
    """What people are told."""

    def done(self, what: str) -> int | None:
        """Up to which event something has been told; ``None`` when never."""

    def tell(self, what: str, told: Iterable[Told], seq: int, at: str) -> None:
        """Keep what is told, and that everything up to an event has been, in one commit."""

    def of(
        self, user: str, roles: Sequence[tuple[str, Scope]], since: str, limit: int
    ) -> list[Notice]:
        """What a person and the roles it holds were told since a day, newest first."""

    def read(self, user: str) -> Mapping[str, int]:
        """What a person has read, each with what it had come to then."""

    def set_read(self, user: str, read: Mapping[str, int]) -> None:
        """Keep that a person has read these."""


class AccessLog(Protocol):
    """Who gave or took which right; only ever added to."""

    def entries(self, scope: Scope, before: int | None, limit: int) -> list[AccessEntry]:
        """Entries about subjects of a scope, newest first, before a number."""

    def last_hash(self) -> str:
        """Hash of the last entry, that of none when there is none."""


class Jobs(Protocol):
    """The queue of long work; in the same database as what the work writes."""

    def add(self, job: NewJob) -> Job:
        """Ask for work; where ``once`` is taken, the job that has it is the answer."""

    def get(self, user: str | None, scope: Scope, job_id: str) -> Job:
        """A job that the user asked for, or that belongs to the scope.

        Raises:
            NotFound: There is no such job.
        """

    def once(self, name: str) -> Job | None:
        """The job that has this name, ``None`` when nobody has asked for it."""

    def all(
        self,
        user: str | None,
        scope: Scope,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs as ``get`` shows them, newest first.

        Args:
            user: Who looks.
            scope: Areas whose jobs may be seen whoever asked.
            kind: Only of this kind.
            state: Only these.
            before: Only those asked for before this number.
            limit: At most so many.
        """

    def counts(self) -> Mapping[str, int]:
        """How many jobs are in each state."""

    def waiting(self, lease: Lease) -> bool:
        """Whether there is something to claim; costs a look, writes nothing."""

    def claim(self, lease: Lease) -> Job | None:
        """Take the oldest job that is due or whose holder is gone; ``None`` when there is none."""

    def beat(self, claim: Claim, lease: Lease, progress: Progress) -> None:
        """Renew a lease and say how far the work is.

        Raises:
            JobLost: Somebody else holds the job now.
        """

    def finish(
        self,
        claim: Claim,
        state: JobState,
        now: str,
        *,
        result: Json | None = None,
        error: Json | None = None,
    ) -> None:
        """Say what became of a job.

        Raises:
            JobLost: Somebody else holds the job now.
        """

    def put_back(
        self, claim: Claim, run_after: str, *, error: Json | None = None, counted: bool = True
    ) -> None:
        """Let a job wait for its next try.

        Args:
            claim: The holder's.
            run_after: When it may be tried.
            error: Why this try ended.
            counted: Whether this try counts; one that was handed back does not.

        Raises:
            JobLost: Somebody else holds the job now.
        """

    def cancel(self, job_id: str, now: str) -> Job:
        """Take a job out of the queue, or ask its holder to stop; nothing when it is over."""

    def retry(self, job_id: str, now: str) -> Job:
        """Let a failed or cancelled job begin again; nothing when it is not over, or done."""

    def ask_anew(self, job_id: str, options: Json, now: str, *, area: str, unless: str) -> Job:
        """Let a job begin again with other options, whatever has come of it; its holder loses it.

        Args:
            job_id: Which job.
            options: What it is asked for with from now on.
            now: The present instant.
            area: Area that it is about from now on.
            unless: Nothing changes where a job of this ``once`` has been asked for.
        """


class Heads(Protocol):
    """Signed heads that the store itself keeps."""

    def add(self, head: SignedHead) -> None:
        """Keep a signed head."""

    def all(self) -> list[SignedHead]:
        """Every signed head, oldest first."""


class Expiry(Protocol):
    """What is kept for a time only."""

    def forget(self, *, now: str, answers_before: str, jobs_before: str) -> Mapping[str, int]:
        """Remove what is over: sessions, answers to repeated requests, finished jobs.

        Returns:
            How many of each: ``sessions``, ``answers``, ``jobs``.
        """


class Store(Protocol):
    """All of it."""

    ledger: Ledger
    feed: Feed
    heads: Heads
    plots: Plots
    deliveries: Deliveries
    facts: FactStore
    evidence: EvidenceIndex
    layers: Layers
    scenes: Scenes
    people: People
    access: AccessLog
    keys: AccessKeys
    webhooks: Webhooks
    notices: Notices
    jobs: Jobs
    expiry: Expiry
    figures: Figures
    calendar: Calendars
    samples: Samples

    def fenced(self, claim: Claim, lease: Callable[[], Lease]) -> "Store":
        """The same store for the work of one job: every write renews its lease in the same commit.

        Whatever writes through it is refused with ``JobLost``, and nothing of it kept, once
        somebody else holds the job. Closing it closes nothing.

        Args:
            claim: The holder's.
            lease: Gives a lease from the present instant on.
        """

    def around(self) -> Around:
        """What stands beside every plot."""

    def store_id(self) -> str:
        """Which store this is: random, made once, never changed."""

    def ready(self) -> None:
        """Check that the store can be read and written and is fully migrated.

        Raises:
            Unavailable: It cannot; ``why`` says what is wrong.
        """

    def close(self) -> None:
        """Finish what was accepted and let go of every handle."""
