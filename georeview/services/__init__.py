"""One use case, one function: permission, load, rule, keep. The only doors inside."""

from collections.abc import Callable
from dataclasses import dataclass

from georeview.clock import Clock
from georeview.core.jobs import Claim
from georeview.meter import UNHEARD, Meter
from georeview.services.backup import BackupService
from georeview.services.bulk import BulkService
from georeview.services.calendar import CalendarService
from georeview.services.dossiers import DossierService
from georeview.services.escalations import EscalationService
from georeview.services.exports import ExportService
from georeview.services.feed import FeedService
from georeview.services.figures import FigureService
from georeview.services.imagery import ImageryService
from georeview.services.imports import ImportService
from georeview.services.inspection import InspectionService
from georeview.services.jobs import JobService
from georeview.services.keys import KeyService
from georeview.services.layer_changes import LayerChanges
from georeview.services.layer_drafts import DraftService
from georeview.services.layers import LayerService
from georeview.services.lineage import LineageService
from georeview.services.live import LiveService
from georeview.services.locks import LockService
from georeview.services.mails import MailService
from georeview.services.notices import NoticeService
from georeview.services.operations import OperationsService
from georeview.services.overlay import OverlayService
from georeview.services.pauses import Pauses
from georeview.services.people import PeopleService
from georeview.services.permit_intake import PermitIntake
from georeview.services.permit_plots import PermitPlots
from georeview.services.permit_watch import PermitWatch
from georeview.services.permits import PermitService
from georeview.services.personal import PersonalService
from georeview.services.plots import PlotService
from georeview.services.printing import PrintService
from georeview.services.register_lists import RegisterLists
from georeview.services.registers import RegisterService
from georeview.services.reports import ReportService
from georeview.services.result_uploads import ResultUploads
from georeview.services.results import ResultService
from georeview.services.retract import RetractService
from georeview.services.returns import ReturnService
from georeview.services.review import ReviewService
from georeview.services.rivers import RiverService
from georeview.services.samples import SampleService
from georeview.services.sessions import SessionService
from georeview.services.splitting import SplitService
from georeview.services.tiles import TileService
from georeview.services.transfer import TransferService
from georeview.services.upkeep import UpkeepService
from georeview.services.uploads import UploadService
from georeview.services.webhooks import WebhookService
from georeview.services.worklist import WorklistService
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.jobs import Lease
from georeview.storage.store import DatabaseStore, open_store


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case, wired to one store."""

    settings: Settings
    clock: Clock
    store: DatabaseStore
    files: Files
    review: ReviewService
    splits: SplitService
    bulk: BulkService
    results: ResultService
    result_uploads: ResultUploads
    worklists: WorklistService
    feed: FeedService
    plots: PlotService
    lineage: LineageService
    locks: LockService
    live: LiveService
    people: PeopleService
    personal: PersonalService
    sessions: SessionService
    keys: KeyService
    webhooks: WebhookService
    notices: NoticeService
    imports: ImportService
    retract: RetractService
    layers: LayerService
    layer_changes: LayerChanges
    drafts: DraftService
    imagery: ImageryService
    overlay: OverlayService
    exports: ExportService
    returns: ReturnService
    tiles: TileService
    upkeep: UpkeepService
    backups: BackupService
    transfers: TransferService
    operations: OperationsService
    jobs: JobService
    inspection: InspectionService
    uploads: UploadService
    calendar: CalendarService
    figures: FigureService
    samples: SampleService
    registers: RegisterService
    register_lists: RegisterLists
    rivers: RiverService
    reports: ReportService
    dossiers: DossierService
    printing: PrintService
    permits: PermitService
    permit_intake: PermitIntake
    permit_plots: PermitPlots
    permit_watch: PermitWatch
    escalations: EscalationService
    mails: MailService

    def fenced(self, claim: Claim, lease: Callable[[], Lease]) -> "Services":
        """The same use cases for the work of one job: they write only as long as it is held.

        Args:
            claim: The holder's.
            lease: Gives a lease from the present instant on.
        """
        store = self.store.fenced(claim, lease)
        return _wired(self.settings, self.clock, store, self.files, self.operations, UNHEARD)

    def close(self) -> None:
        """Finish what was accepted and let go of the store."""
        self.imagery.close()
        self.store.close()


def open_services(settings: Settings, clock: Clock, meter: Meter = UNHEARD) -> Services:
    """Open the store the settings name and wire every use case to it.

    Args:
        settings: What is set.
        clock: Where the time comes from.
        meter: Is told what is written and which tiles are asked for.

    Raises:
        Unavailable: The store cannot be opened or is not safe to use, or the home is another's.
    """
    files = Files(settings.home)
    store = open_store(settings, meter)
    operations = OperationsService(store, files, clock, settings)
    try:
        operations.check_home()
    except BaseException:
        store.close()
        raise
    return _wired(settings, clock, store, files, operations, meter)


def _wired(
    settings: Settings,
    clock: Clock,
    store: DatabaseStore,
    files: Files,
    operations: OperationsService,
    meter: Meter,
) -> Services:
    jobs = JobService(store, clock)
    pauses = Pauses(store, clock)
    feed = FeedService(store)
    plots = PlotService(store, clock)
    overlay = OverlayService(store, files, clock)
    layers = LayerService(store, files, overlay, clock, settings)
    imagery = ImageryService(store, files, jobs, clock, settings)
    imports = ImportService(store, files, overlay, clock, settings)
    inspection = InspectionService(files, imports, overlay, settings)
    upkeep = UpkeepService(store, files, clock, settings)
    review = ReviewService(store, files, plots, clock, settings)
    calendar = CalendarService(store, clock)
    samples = SampleService(store, clock)
    results = ResultService(store, review, clock, settings)
    permits = PermitService(store, files, overlay, clock, settings)
    figures = FigureService(store, calendar, samples, upkeep, clock)
    registers = RegisterService(store, files, plots, review, calendar, clock, settings)
    rivers = RiverService(figures, registers, plots)
    reports = ReportService(store, figures, samples, calendar, rivers, clock)
    dossiers = DossierService(store, plots, imagery, review)
    bulk = BulkService(store, review)
    notices = NoticeService(store, plots, clock)
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        files=files,
        review=review,
        splits=SplitService(store, review, overlay, clock),
        bulk=bulk,
        results=results,
        result_uploads=ResultUploads(store, files, results, jobs, clock, settings),
        worklists=WorklistService(store, plots),
        feed=feed,
        plots=plots,
        lineage=LineageService(store),
        locks=LockService(store, clock, settings),
        live=LiveService(store, feed, clock),
        people=PeopleService(store, pauses, clock),
        personal=PersonalService(store, clock),
        sessions=SessionService(store, pauses, clock, settings),
        keys=KeyService(store, pauses, clock),
        notices=notices,
        mails=MailService(store, notices, clock, settings),
        webhooks=WebhookService(store, feed, clock, settings),
        imports=imports,
        retract=RetractService(store, overlay, jobs, clock),
        layers=layers,
        layer_changes=LayerChanges(store, files, layers),
        drafts=DraftService(store, files, layers, overlay, jobs, clock, settings),
        imagery=imagery,
        overlay=overlay,
        exports=ExportService(store, files, plots, jobs, upkeep, imagery, review, clock, settings),
        returns=ReturnService(store, files, plots, jobs, upkeep, clock, settings),
        tiles=TileService(store, files, layers, imagery, meter),
        upkeep=upkeep,
        backups=BackupService(store, files, upkeep, clock, settings),
        transfers=TransferService(store, settings),
        operations=operations,
        jobs=jobs,
        inspection=inspection,
        uploads=UploadService(store, files, inspection, jobs, clock, settings),
        calendar=calendar,
        figures=figures,
        registers=registers,
        register_lists=RegisterLists(files, registers, settings),
        reports=reports,
        dossiers=dossiers,
        escalations=EscalationService(store, figures, samples, calendar, bulk, clock),
        printing=PrintService(store, files, reports, dossiers, jobs),
        rivers=rivers,
        samples=samples,
        permits=permits,
        permit_intake=PermitIntake(store, permits, layers),
        permit_plots=PermitPlots(store, plots, permits, clock),
        permit_watch=PermitWatch(store, clock),
    )
