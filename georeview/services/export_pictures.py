"""Pictures that leave with plots: their surroundings before and after, or their photos."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from georeview.core.access import Actor, sees_evidence
from georeview.services.imagery import Footprints, ImageryService, covering
from georeview.services.plots import seen_by
from georeview.services.review import ReviewService
from georeview.storage.ports.layers import Scene
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

if TYPE_CHECKING:
    from georeview.exports.base import Picture

_CHIP = (360, 270)
"""Width and height, pixels: sharp at the size they are shown at in a sheet."""


class Pictures:
    """Pictures of plots for one person, as JPEG: every reader shows those."""

    def __init__(
        self, store: Store, imagery: ImageryService, review: ReviewService, actor: Actor
    ) -> None:
        self._store = store
        self._imagery = imagery
        self._review = review
        self._actor = actor
        self._scenes: Sequence[Scene] = store.around().scenes
        self._footprints = Footprints()

    def of(self, plots: Sequence[Plot], kind: str) -> "list[list[Picture]]":
        """For each plot its ``chips`` or its ``photos``."""
        one = self._chips if kind == "chips" else self._photos
        return [one(plot) for plot in plots]

    def _chips(self, plot: Plot) -> "list[Picture]":
        """The newest image from before and from after that shows the plot."""
        from georeview.exports.base import Picture

        given = plot.given
        near = [c.scene for c in covering(self._scenes, given.wkb, given.bbox, self._footprints)]
        found = []
        for role in ("before", "after"):
            scene = next((scene for scene in reversed(near) if scene.role == role), None)
            chip = scene and self._imagery.chip(scene, given.wkb, _CHIP)
            if chip:
                found.append(Picture(role, _jpeg(chip)))
        return found

    def _photos(self, plot: Plot) -> "list[Picture]":
        """Previews of its photos; none where the person may not see its evidence."""
        from georeview.exports.base import Picture

        if not sees_evidence(self._actor, plot.review, plot.given.batch):
            return []
        files = self._store.evidence.of_plot(seen_by(self._actor), plot.given.plot_id)
        return [
            Picture(
                f"photos/{file.evidence_id}.jpeg",
                _jpeg(self._review.preview(self._actor, file.evidence_id)),
            )
            for file in files
            if file.media_type.startswith("image/")
        ]


def _jpeg(webp: bytes) -> bytes:
    """One of our own pictures in the format that Excel and Google Earth show."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(webp)).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()
