"""The export dictionary is the one that was agreed: names, types and widths, typed in once."""

from georeview.core.fields import EXPORT_FIELDS, PERSONAL_FIELDS, PLOT_FIELDS

AGREED = """
PLOT_ID C 36, SRC_ID C 80, BATCH C 40, PARENT C 36, LINEAGE C 36, REPEAT_N N 4, TYPE_ISS C 60,
TYPE_ACT C 60, MARK C 16, MARK_ST C 10, DETERM C 24, STAGE C 16, OUTCOME C 20, REASON C 8,
DISORDER C 2, SEVERITY C 8, PERMIT C 80, PERMIT_TO D, ADCODE C 6, COUNTY C 30, TOWNCODE C 9,
TOWN C 45, MULTI_CNTY N 1, CNTY_SHR N 6.4, AREA_M2 N 14.2, AREA_STAT N 14.2, IN_M2 N 14.2,
IN_SHR N 6.4, PROT_SHR N 6.4, BAND C 10, EDGE_M N 10.1, ZONE C 10, ZONE_SHR N 6.4,
WATER_SHR N 6.4, RIVER C 45, RIVERCODE C 20, BANK C 4, CHAIN_M N 12.1, RIV_DIST_M N 10.1,
LAYER_VER C 40, LON N 11.7, LAT N 10.7, IMG_BEF D, IMG_AFT D, NDVI_CHG N 7.3, NDWI_CHG N 7.3,
REV_BY C 45, REV_AT D, REV_DUE D, REC_DUE D, RECT_AT D, CLOSE_AT D, OVERDUE N 5, OVD_KIND C 12,
RET_N N 3, PHOTO_N N 4, MEASURE C 4, NOTE C 254, ASOF C 20, VERSION N 9, HASH C 64
"""
LETTERS = {"text": "C", "integer": "N", "real": "N", "date": "D"}


def spec(field) -> str:
    size = f"{field.width}.{field.decimals}" if field.kind == "real" else f"{field.width}"
    return (
        f"{field.short} D"
        if field.kind == "date"
        else f"{field.short} {LETTERS[field.kind]} {size}"
    )


def test_export_columns_are_those_agreed() -> None:
    assert [spec(field) for field in EXPORT_FIELDS] == [x.strip() for x in AGREED.split(",")]


def test_names_are_plain_short_and_there_once() -> None:
    shorts = [field.short for field in EXPORT_FIELDS]
    assert all(name.isascii() and len(name) <= 10 for name in shorts)
    assert len(set(shorts)) == len(shorts) == len({field.name for field in EXPORT_FIELDS})


def test_personal_fields_are_fields_and_never_columns_of_ours() -> None:
    assert {field.name for field in PLOT_FIELDS} >= PERSONAL_FIELDS
    assert not PERSONAL_FIELDS & {field.name for field in EXPORT_FIELDS}
