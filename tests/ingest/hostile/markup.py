"""KML, KMZ, GML and GPX."""

from collections.abc import Callable
from pathlib import Path

from tests.files import zipped
from tests.ingest.hostile.base import Family, Make, Trap, cut, data

RING = "107.1,31.56 107.1004,31.56 107.1004,31.5604 107.1,31.56"
POLYGON = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{RING}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
KML_HEAD = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
KML_TAIL = "</Document></kml>"
LAUGHS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
GML_NS = 'xmlns:gml="http://www.opengis.net/gml" xmlns:ogr="http://ogr.maptools.org/"'


def mark(inner: str = POLYGON, name: str = "1") -> str:
    extended = f'<ExtendedData><Data name="TBBH"><value>{name}</value></Data></ExtendedData>'
    return f"<Placemark>{extended}{inner}</Placemark>"


def kml(body: str, before: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{KML_HEAD}{body}{KML_TAIL}'


def gml(member: str = "", attributes: str = "", srs: str = "EPSG:4490", before: str = "") -> str:
    points = RING.replace(",", " ")
    good = (
        "<gml:featureMember><ogr:plots><ogr:shape>"
        f'<gml:Polygon srsName="{srs}"><gml:exterior><gml:LinearRing><gml:posList>{points}'
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></ogr:shape>"
        f"<ogr:TBBH>01</ogr:TBBH></ogr:plots></gml:featureMember>{member}"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f"<ogr:FeatureCollection {GML_NS} {attributes}>{good}</ogr:FeatureCollection>"
    )


def gpx(body: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>'


def point(lon: str = "107.1", lat: str = "31.56", name: str = "1") -> str:
    return f'<wpt lon="{lon}" lat="{lat}"><extensions><TBBH>{name}</TBBH></extensions></wpt>'


def kmz(members: Callable[[Trap], dict[str, bytes]]) -> Make:
    def make(folder: Path, trap: Trap) -> Path:
        return zipped(folder / "a.kmz", members(trap))

    return make


def entity(root: str, where: str) -> str:
    return f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "{where}">]>'


def xml(name: str, text: str | Callable[[Trap], str]) -> Make:
    return data(name, text)


GOOD_KML, GOOD_GML, GOOD_GPX = kml(mark()), gml(), gpx(point())

FAMILY: Family = {
    "kml-good": ("taken", xml("a.kml", GOOD_KML)),
    "kml-reads": ("markup_declares", xml("a.kml", lambda t: kml(mark(name="&x;"), entity("kml", f"file://{t.secret}")))),
    "kml-asks": ("markup_declares", xml("a.kml", lambda t: kml(mark(name="&x;"), entity("kml", t.url)))),
    "kml-outer-dtd": ("markup_declares", xml("a.kml", lambda t: kml(mark(), f'<!-- a --><!DOCTYPE kml SYSTEM "{t.url}">'))),
    "kml-laughs": ("markup_declares", xml("a.kml", kml(mark(name="&a11;"), f'<!DOCTYPE kml [<!ENTITY a0 "ha">{LAUGHS}]>'))),
    "kml-laughs-utf-16": ("markup_declares", data("a.kml", kml(mark(name="&a11;"), f'<!DOCTYPE kml [<!ENTITY a0 "ha">{LAUGHS}]>').replace("UTF-8", "UTF-16").encode("utf-16"))),
    "kml-undeclared-entity": ("file_broken", xml("a.kml", kml(mark(name="&secret;")))),
    "kml-network-link": ("no_rows", xml("a.kml", lambda t: kml(f"<NetworkLink><Link><href>{t.url}</href></Link></NetworkLink>"))),
    "kml-overlay": ("taken", xml("a.kml", lambda t: kml(mark() + f"<GroundOverlay><Icon><href>file://{t.secret}</href></Icon></GroundOverlay>"))),
    "kml-include": ("taken", xml("a.kml", lambda t: kml(mark() + f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{t.secret}"/>'))),
    "kml-deep-folders": ("file_broken", xml("a.kml", kml("<Folder>" * 100_000))),
    "kml-deep-shape": ("file_broken", xml("a.kml", kml(mark("<MultiGeometry>" * 5_000 + "</MultiGeometry>" * 5_000)))),
    "kml-odd-numbers": ("taken", xml("a.kml", kml(mark() + mark(POLYGON.replace("107.1,31.56", "north,south"), "2")))),
    "kml-nan": ("taken", xml("a.kml", kml(mark() + mark(POLYGON.replace("107.1,", "NaN,"), "2")))),
    "kml-model": ("taken", xml("a.kml", lambda t: kml(mark() + mark(f"<Model><Link><href>{t.url}</href></Link></Model>", "2")))),
    "kml-64-kB-description": ("taken", xml("a.kml", kml(mark(f"<description><![CDATA[<table>{'字' * 65_536}]]></description>" + POLYGON)))),
    "kml-script": ("taken", xml("a.kml", kml(mark("<description><![CDATA[<!DOCTYPE html><script>alert(1)</script>]]></description>" + POLYGON)))),
    "kml-cut": ("file_broken", cut(xml("a.kml", GOOD_KML), 0.6)),
    "kml-cut-early": ("format_disguised", xml("a.kml", GOOD_KML[:30])),
    "kml-other-root": ("format_disguised", xml("a.kml", lambda t: f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{t.secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")),
    "kml-strange-encoding": ("taken", xml("a.kml", GOOD_KML.replace("UTF-8", "x-user-defined"))),
    "kml-wrong-encoding": ("taken", data("a.kml", kml(mark(name="桥梁一号")).encode("gbk"))),
    "kml-nought": ("file_broken", xml("a.kml", kml(mark(name="a\0b")))),
    "kmz-good": ("taken", kmz(lambda t: {"doc.kml": GOOD_KML.encode()})),
    "kmz-bomb": ("archive_too_large", kmz(lambda t: {"doc.kml": GOOD_KML.encode() + b" " * 30_000_000})),
    "kmz-no-kml": ("format_disguised", kmz(lambda t: {"a.png": b"x"})),
    "kmz-climbs": ("taken", kmz(lambda t: {"../../../../tmp/doc.kml": GOOD_KML.encode()})),
    "kmz-reads": ("markup_declares", kmz(lambda t: {"doc.kml": kml(mark(name="&x;"), entity("kml", f"file://{t.secret}")).encode()})),
    "kmz-is-text": ("format_disguised", data("a.kmz", GOOD_KML)),
    "gml-good": ("taken", xml("a.gml", GOOD_GML)),
    "gml-reads": ("markup_declares", xml("a.gml", lambda t: gml(before=entity("a", f"file://{t.secret}")))),
    "gml-asks": ("markup_declares", xml("a.gml", lambda t: gml(before=entity("a", t.url)))),
    "gml-laughs": ("markup_declares", xml("a.gml", gml(before=f'<!DOCTYPE a [<!ENTITY a0 "ha">{LAUGHS}]>'))),
    "gml-schema-elsewhere": ("taken", xml("a.gml", lambda t: gml(attributes=f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://ogr.maptools.org/ {t.url}.xsd"'))),
    "gml-schema-here": ("taken", xml("a.gml", lambda t: gml(attributes=f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://ogr.maptools.org/ {t.secret}"'))),
    "gml-link": ("taken", xml("a.gml", lambda t: gml(f'<gml:featureMember xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{t.url}#a"/>'))),
    "gml-link-to-file": ("taken", xml("a.gml", lambda t: gml(f'<gml:featureMember xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="file://{t.secret}#a"/>'))),
    "gml-system-is-a-link": ("crs_missing", xml("a.gml", lambda t: gml(srs=t.url))),
    "gml-deep": ("file_broken", xml("a.gml", gml("<gml:a>" * 50_000))),
    "gml-cut": ("file_broken", cut(xml("a.gml", GOOD_GML), 0.8)),
    "gml-other-root": ("format_disguised", xml("a.gml", lambda t: f"<OGRWFSDataSource><URL>{t.url}</URL></OGRWFSDataSource>")),
    "gml-nan": ("outside_area", xml("a.gml", gml(GOOD_GML.partition("<gml:featureMember>")[2].partition("</ogr:FeatureC")[0].join(["<gml:featureMember>", ""]).replace("107.1 ", "NaN ").replace(">01<", ">02<")))),
    "gpx-good": ("taken", xml("a.gpx", GOOD_GPX)),
    "gpx-reads": ("markup_declares", xml("a.gpx", lambda t: gpx(point(name="&x;"), entity("gpx", f"file://{t.secret}")))),
    "gpx-laughs": ("markup_declares", xml("a.gpx", gpx(point(name="&a11;"), f'<!DOCTYPE gpx [<!ENTITY a0 "ha">{LAUGHS}]>'))),
    "gpx-nan": ("taken", xml("a.gpx", gpx(point() + point("nan", "inf", "2")))),
    "gpx-no-place": ("taken", xml("a.gpx", gpx(point() + "<wpt><extensions><TBBH>2</TBBH></extensions></wpt>"))),
    "gpx-cut": ("file_broken", cut(xml("a.gpx", GOOD_GPX), 0.7)),
    "gpx-deep": ("file_broken", xml("a.gpx", gpx("<extensions>" * 50_000))),
    "gpx-other-root": ("format_disguised", xml("a.gpx", GOOD_KML)),
    "gpx-two-kinds": ("layer_unclear", xml("a.gpx", gpx(point() + '<trk><trkseg><trkpt lon="1" lat="1"/><trkpt lon="1" lat="2"/></trkseg></trk>'))),
}  # fmt: skip
