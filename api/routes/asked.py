"""What is asked of imports, as forms and bodies, made into values of the services."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from api.routes.layers import day
from api.uploads import Form, multipart
from georeview.core.fields import AREA_UNITS_M2, PLOT_FIELDS
from georeview.errors import BadValue
from georeview.ingest import ReadOptions
from georeview.services.choices import Choice, LayerChoice
from georeview.services.upload import Changes, Wanted
from georeview.settings import Settings

MAX_FILES = 200
MAX_LAYERS = 200
UNITS = tuple(AREA_UNITS_M2)

FORM = multipart(
    {
        "batch": {"type": "string", "example": "2023 水利部下发图斑"},
        "area": {"type": "string", "example": "5119"},
        "crs": {"type": "string", "example": "EPSG:4545"},
        "encoding": {"type": "string", "example": "gb18030"},
        "layer": {"type": "string"},
        "map": {"type": "array", "items": {"type": "string", "example": "source_id=TBBH"}},
        "area_unit": {"type": "string", "enum": list(UNITS)},
        "review_due": {"type": "string", "format": "date"},
        "rectify_due": {"type": "string", "format": "date"},
        "update": {"type": "boolean"},
    },
    ["file"],
)


class OfALayer(BaseModel):
    """What is decided about one of several layers; what is left out is as for the whole file."""

    model_config = ConfigDict(extra="forbid")

    crs: str | None = Field(None, max_length=8_000, examples=["EPSG:4545"])
    encoding: str | None = Field(None, max_length=40, examples=["gb18030"])
    map: dict[str, str] = Field(default_factory=dict, max_length=60)
    area_unit: str | None = Field(None, max_length=4, examples=["mu"])


class FileChoice(OfALayer):
    """What is decided about one file; what is left out is left to the evidence."""

    layers: list[str] = Field(default_factory=list, max_length=MAX_LAYERS)
    each: dict[str, OfALayer] = Field(default_factory=dict, max_length=MAX_LAYERS)
    skip: bool = False


class Adjustment(BaseModel):
    """What is decided anew; what is left out stays as it is, `files` is replaced as a whole."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "batch": "2023 水利部下发图斑",
                    "files": {"图斑.zip": {"crs": "EPSG:4545", "map": {"source_id": "BIANHAO"}}},
                }
            ]
        },
    )
    batch: str | None = Field(None, max_length=200)
    area: str | None = Field(None, max_length=9, examples=["5119"])
    review_due: date | None = None
    rectify_due: date | None = None
    update: bool = False
    files: dict[str, FileChoice] = Field(default_factory=dict, max_length=MAX_FILES)


def wanted(form: Form, settings: Settings) -> Wanted:
    """What a form wants to become of its files.

    Raises:
        BadValue: A field makes no sense.
    """
    due: list[date | None] = [day(form.text(n), n) for n in ("review_due", "rectify_due")]
    unit = form.text("area_unit")
    if unit is not None and unit not in AREA_UNITS_M2:
        raise BadValue(field="area_unit", value=unit[:40])
    read = ReadOptions(
        crs=form.text("crs"),
        encoding=form.text("encoding"),
        layer=form.text("layer"),
        mapping=_mapping(form.texts("map")),
        area_unit=unit,
        expected=settings.extent_degrees,
    )
    update = form.text("update") == "true"
    return Wanted(form.need("batch"), _area(form), read, due[0], due[1], update)


def _area(form: Form) -> str:
    return _need_area(form.need("area"))


def _need_area(area: str) -> str:
    """An area code: province 2, city 4, county 6, township 9 digits."""
    if not (area.isascii() and area.isdigit() and len(area) in (2, 4, 6, 9)):
        raise BadValue(field="area", value=area[:40])
    return area


def _mapping(pairs: list[str]) -> dict[str, str]:
    fields = {field.name for field in PLOT_FIELDS}
    found = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or name not in fields:
            raise BadValue(field="map", value=pair[:80])
        found[name] = column
    return found


def changes_of(body: Adjustment) -> Changes:
    """What of a body was really said."""
    said = body.model_fields_set
    changes = Changes()
    if "batch" in said:
        changes["batch"] = body.batch or ""
    if "area" in said:
        changes["area"] = _need_area(body.area or "")
    if "review_due" in said:
        changes["review_due"] = _iso(body.review_due)
    if "rectify_due" in said:
        changes["rectify_due"] = _iso(body.rectify_due)
    if "update" in said:
        changes["update"] = body.update
    if "files" in said:
        changes["choices"] = {name: _choice(given).as_json() for name, given in body.files.items()}
    return changes


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _choice(given: FileChoice) -> Choice:
    for one in (given, *given.each.values()):
        _check(one)
    return Choice(
        crs=given.crs,
        encoding=given.encoding,
        layers=tuple(given.layers),
        mapping=given.map,
        area_unit=given.area_unit,
        skip=given.skip,
        each={
            layer: LayerChoice(own.crs, own.encoding, own.map, own.area_unit)
            for layer, own in given.each.items()
        },
    )


def _check(given: OfALayer) -> None:
    """Refuse units and fields that are none.

    Raises:
        BadValue: So it is.
    """
    if given.area_unit is not None and given.area_unit not in UNITS:
        raise BadValue(field="area_unit", value=given.area_unit)
    if strange := set(given.map) - {field.name for field in PLOT_FIELDS}:
        raise BadValue(field="map", value=min(strange)[:80])
