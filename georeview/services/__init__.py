"""One use case, one function: permission, load, rule, keep. The only doors inside."""

from dataclasses import dataclass

from georeview.clock import Clock
from georeview.meter import UNHEARD, Meter
from georeview.services.exports import ExportService
from georeview.services.imagery import ImageryService
from georeview.services.imports import ImportService
from georeview.services.layers import LayerService
from georeview.services.operations import OperationsService
from georeview.services.overlay import OverlayService
from georeview.services.people import PeopleService
from georeview.services.plots import PlotService
from georeview.services.review import ReviewService
from georeview.services.tiles import TileService
from georeview.services.upkeep import UpkeepService
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Store
from georeview.storage.store import open_store


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case, wired to one store."""

    settings: Settings
    clock: Clock
    store: Store
    files: Files
    review: ReviewService
    plots: PlotService
    people: PeopleService
    imports: ImportService
    layers: LayerService
    imagery: ImageryService
    overlay: OverlayService
    exports: ExportService
    tiles: TileService
    upkeep: UpkeepService
    operations: OperationsService

    def close(self) -> None:
        """Finish what was accepted and let go of the store."""
        self.exports.close()
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
    plots = PlotService(store, clock)
    overlay = OverlayService(store, files, clock)
    layers = LayerService(store, files, clock, settings)
    imagery = ImageryService(store, files, clock, settings)
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        files=files,
        review=ReviewService(store, files, plots, clock, settings),
        plots=plots,
        people=PeopleService(store, clock, settings),
        imports=ImportService(store, files, overlay, clock, settings),
        layers=layers,
        imagery=imagery,
        overlay=overlay,
        exports=ExportService(store, files, plots, clock, settings),
        tiles=TileService(store, layers, imagery, meter),
        upkeep=UpkeepService(store, files),
        operations=operations,
    )
