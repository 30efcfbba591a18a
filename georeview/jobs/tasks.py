"""Every kind of job in one table: what it does, what it takes to ask for it, what is shown of it.

A task may be ended at any moment and begun again by another worker: each ends as if it had run
once. Nothing heavy is imported here; the services import what they need when they are called.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from georeview.core.access import Action, need
from georeview.core.heads import Why
from georeview.jobs.run import Run
from georeview.services import Services
from georeview.services.exports import KIND as EXPORT
from georeview.services.figures import KIND as FIGURES
from georeview.services.imagery import KIND as IMAGERY
from georeview.services.inspection import LOOKING, wanted
from georeview.services.layer_drafts import LOOK_KIND, PUBLISH
from georeview.services.layer_drafts import STEPS as LAYER_STEPS
from georeview.services.loading import STEPS
from georeview.services.mails import KIND as MAIL
from georeview.services.notices import KIND as NOTICES
from georeview.services.permit_watch import KIND as PERMITS
from georeview.services.printing import KIND as REPORT
from georeview.services.result_uploads import LOOK_RESULTS, TAKE_RESULTS
from georeview.services.retract import KIND as RETRACT
from georeview.services.returns import KIND as RETURN
from georeview.services.uploads import INSPECT, TAKE_IN
from georeview.services.webhooks import KIND as WEBHOOK
from georeview.storage.ports import Json

EXPORTS_KEPT = timedelta(days=7)
ANSWERS_KEPT = timedelta(days=30)
JOBS_KEPT = timedelta(days=30)
PARTS_KEPT = timedelta(days=1)
"""Nothing is being written for so long: whoever began it was killed."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a kind of job does.

    Attributes:
        run: Does it; returns the result.
        right: What it takes to ask for it by kind alone (``POST /jobs``); ``None`` where it is
            asked for in another way, with a file or a form of its own.
        every: How often the service asks for it by itself; ``None`` for never.
        shown: Members of the result that anybody who sees the job may see.
        url: Where what came of it is found.
    """

    run: Callable[[Services, Run], Json]
    right: Action | None = None
    every: timedelta | None = None
    shown: tuple[str, ...] = ()
    url: str | None = None


def _inspect(services: Services, run: Run) -> Json:
    steps = (LOOKING + STEPS) * len(wanted(run.job))
    return services.uploads.inspect(run.actor(), run.job, run.counter(steps, "reading"))


def _take_in(services: Services, run: Run) -> Json:
    steps = STEPS * len(wanted(run.job))
    return services.uploads.take_in(run.actor(), run.job, run.counter(steps, "keeping"))


def _look_at_layer(services: Services, run: Run) -> Json:
    return services.drafts.look(run.actor(), run.job, run.counter(LAYER_STEPS, "reading"))


def _publish(services: Services, run: Run) -> Json:
    run.step(0, 0, "keeping")
    return services.drafts.publish(run.actor(), run.job)


def _overlay(services: Services, run: Run) -> Json:
    need(run.actor(), Action.LAYER)
    batch = run.job.given.options.get("batch")
    name = None if batch is None else str(batch)
    behind = bool(run.job.given.options.get("behind"))
    done = services.overlay.run(
        name,
        behind=behind,
        since=datetime.fromisoformat(run.job.given.created_at),
        advance=run.counter(services.overlay.count(name, behind=behind), "laying_over"),
    )
    return {"plots": done.plots, "layers": done.layers}


def _imagery(services: Services, run: Run) -> Json:
    run.step(0, 1, "converting")
    return services.imagery.bring_in(run.actor(), run.job)


def _retract(services: Services, run: Run) -> Json:
    plots = services.retract.plots(str(run.job.given.options["import"]))
    advance = run.counter(plots, "taking_back")
    return asdict(services.retract.take_back(run.actor(), run.job, advance))


def _look_at_results(services: Services, run: Run) -> Json:
    return services.result_uploads.look(run.actor(), run.job, run.counter(0, "reading"))


def _take_results(services: Services, run: Run) -> Json:
    return services.result_uploads.take(run.actor(), run.job, run.counter(0, "keeping"))


def _export(services: Services, run: Run) -> Json:
    return services.exports.make(run.actor(), run.job, run.counter(0, "writing"))


def _return(services: Services, run: Run) -> Json:
    return services.returns.make(run.actor(), run.job, run.counter(0, "writing"))


def _mail(services: Services, run: Run) -> Json:
    wish = str(run.job.given.options["wish"])
    return {"told": services.mails.send(wish, run.counter(0, "telling"))}


def _figures(services: Services, run: Run) -> Json:
    events = services.figures.uncounted()
    services.figures.count(run.counter(events, "counting"))
    return {"events": events}


def _escalations(services: Services, run: Run) -> Json:
    services.figures.count()
    return {"proposed": services.escalations.look(run.actor(), run.counter(0, "counting"))}


def _report(services: Services, run: Run) -> Json:
    services.figures.count()
    return services.printing.make(run.actor(), run.job, run.counter)


def _sign_head(services: Services, _run: Run) -> Json:
    head = services.upkeep.sign_head(Why.HOURLY)
    services.upkeep.sign_access()
    return {"seq": head.seq, "hash": head.hash}


def _tidy(services: Services, _run: Run) -> Json:
    now = services.clock()
    files = services.files.sweep(
        exports_before=(now - EXPORTS_KEPT).timestamp(),
        parts_before=(now - PARTS_KEPT).timestamp(),
    )
    gone = services.store.expiry.forget(
        now=now.isoformat(),
        answers_before=(now - ANSWERS_KEPT).isoformat(),
        jobs_before=(now - JOBS_KEPT).isoformat(),
    )
    return {"files": files, **gone}


def _webhook(services: Services, run: Run) -> Json:
    return services.webhooks.deliver(run.job, run.counter(0, "telling"))


def _notices(services: Services, _run: Run) -> Json:
    return {"told": services.notices.tell()}


def _permits(services: Services, _run: Run) -> Json:
    return asdict(services.permit_watch.look())


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        INSPECT: Task(_inspect, url="/api/v1/imports/{id}"),
        TAKE_IN: Task(_take_in, shown=("batch",)),
        LOOK_KIND: Task(_look_at_layer, url="/api/v1/layers/drafts/{id}"),
        PUBLISH: Task(_publish, shown=("layer_id",)),
        "overlay": Task(_overlay, right=Action.LAYER, shown=("plots", "layers")),
        IMAGERY: Task(_imagery, shown=("scene_id",), url="/api/v1/imagery"),
        RETRACT: Task(_retract, shown=("batch", "files", "withdrawn", "restored")),
        LOOK_RESULTS: Task(_look_at_results, url="/api/v1/results/{id}"),
        TAKE_RESULTS: Task(_take_results, shown=("counts",)),
        EXPORT: Task(_export, shown=("rows",), url="/api/v1/exports/{id}"),
        RETURN: Task(_return, shown=("plots", "incomplete"), url="/api/v1/returns/{id}"),
        REPORT: Task(_report, shown=("documents",), url="/api/v1/reports/{id}"),
        WEBHOOK: Task(_webhook, shown=("told",)),
        MAIL: Task(_mail, shown=("told",)),
        NOTICES: Task(_notices, shown=("told",)),
        FIGURES: Task(_figures, shown=("events",)),
        PERMITS: Task(_permits, every=timedelta(days=1), shown=("asked", "told")),
        "sign_head": Task(_sign_head, every=timedelta(hours=1), shown=("seq", "hash")),
        "escalations": Task(_escalations, every=timedelta(days=1), shown=("proposed",)),
        "tidy": Task(
            _tidy, every=timedelta(days=1), shown=("files", "sessions", "answers", "jobs")
        ),
    }
)
"""The one table of kinds: a new kind is one row, its name under ``job.kind.`` in the texts."""


def ask_what_is_due(services: Services, tasks: Mapping[str, Task] = TASKS) -> None:
    """Ask for what the service does by itself; of several workers, one asks for each turn."""
    now = services.clock()
    for kind, task in tasks.items():
        if task.every is not None:
            turn = now.timestamp() // task.every.total_seconds()
            services.jobs.ask_by_itself(kind, f"{kind} {int(turn)}")
    asking = {
        WEBHOOK: services.webhooks.due,
        NOTICES: services.notices.due,
        MAIL: services.mails.due,
        FIGURES: services.figures.due,
    }
    for kind, due in asking.items():
        if kind in tasks:
            for once, options in due():
                services.jobs.ask_by_itself(kind, once, options)
