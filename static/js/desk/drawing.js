import { boxOf } from "../map/fitting.js";
import { lookOf, PlotSymbol } from "./looks.js";
import { apart, middleOf, nearest, ringsOf } from "./shapes.js";

/* global L */

/** From this zoom on outlines are drawn, before it a symbol for each plot. */
const OUTLINES = 14;
const CASING = "#10151c";

/** Places to choose from that lie nearer to each other than this share of their extent. */
const CLOSE = 0.2;

/** Plots whose county is written beside them while a place is to be chosen. */
const TAGGED = 7;
/** What is to be looked at is not hidden by its neighbours. */
const oddLast = (a, b) => oddity(a) - oddity(b);
const oddity = ({ properties: { outcome, flags } }) =>
  outcome === "set_aside" ? 2 : Number(flags.length > 0);

/** Plots on the map that no tile holds: a few thousand at most, each to be pointed at. */
export class Drawing extends L.Evented {
  constructor(map, { tip, name }) {
    super();
    this._map = map;
    this._tip = tip;
    this._name = name;
    this._renderer = L.canvas({ pane: "preview", padding: 0.2, tolerance: 5 });
    this._above = L.canvas({ pane: "chosen", padding: 0.2 });
    this._sets = [];
    this._group = L.layerGroup().addTo(map);
    this._marked = L.layerGroup().addTo(map);
    this._fitted = "";
    map.on("zoomend", () => this._redraw(false));
    map.on("movestart", () => tip.hide());
  }

  clear() {
    this._sets = [];
    this._group.clearLayers();
  }

  /** @param {any[]} sets collections with how they are to be drawn; the strong one on top */
  show(sets) {
    this._sets = [...sets].sort((a, b) => Number(a.strong) - Number(b.strong));
    this._redraw(true);
    const strong = this._sets.at(-1);
    const wanted = strong ? `${strong.part} ${strong.asking || strong.placing.bbox}` : "";
    if (wanted !== this._fitted) this.fit();
    this._fitted = wanted;
  }

  /** Look at all of it; at a few plots only, where places to choose from lie near each other. */
  fit() {
    const boxes = this._sets.map(({ placing }) => placing.bbox).filter(Boolean);
    if (!boxes.length) return;
    const near = this._sets.at(-1).asking && apart(boxes) < CLOSE;
    const shown = near ? this._around(TAGGED) : [boxes.at(-1)];
    const bounds = L.latLngBounds(
      shown.flatMap(([w, s, e, n]) => [
        [s, w],
        [n, e],
      ]),
    );
    this._map.fitBounds(bounds, { padding: [60, 60], maxZoom: 16, animate: false });
  }

  /** Boxes of the few plots nearest to the middle one, wherever they may lie. */
  _around(n) {
    const rows = new Set(nearest(this._sets.at(-1).features, n).map(({ id }) => id));
    return this._sets.flatMap(({ features }) =>
      features.filter(({ id }) => rows.has(id)).map(({ geometry }) => boxOf(geometry)),
    );
  }

  _redraw(anew) {
    const outlines = this._map.getZoom() >= OUTLINES;
    if (!anew && outlines === this._outlines) return;
    this._outlines = outlines;
    this._group.clearLayers();
    for (const set of this._sets)
      for (const feature of [...set.features].sort(oddLast)) this._add(feature, set, outlines);
    const strong = this._sets.at(-1);
    if (strong?.asking) for (const feature of nearest(strong.features, TAGGED)) this._tag(feature);
  }

  /** The county a plot would lie in, written beside it. */
  _tag({ geometry, properties }) {
    if (!properties.county) return;
    const name = document.createElement("span");
    name.textContent = properties.county;
    const tag = L.tooltip({
      permanent: true,
      direction: "top",
      offset: [0, -4],
      className: "desk-tag",
    });
    this._group.addLayer(tag.setLatLng(middleOf(geometry)).setContent(name));
  }

  _add(feature, set, outlines) {
    const look = lookOf(feature.properties, set);
    const point = feature.geometry.type === "Point";
    const layer =
      outlines && !point
        ? L.polygon(ringsOf(feature.geometry), {
            ...this._line(look, set),
            interactive: set.strong,
          })
        : new PlotSymbol(middleOf(feature.geometry), {
            ...this._dot(look, set),
            interactive: set.strong,
          });
    if (set.strong) {
      layer.on("mouseover", ({ containerPoint }) =>
        this._tip.show(containerPoint, this._name(feature.properties)),
      );
      layer.on("mouseout", () => this._tip.hide());
      layer.on("click", () => this.fire("choose", { row: feature.properties.row, part: set.part }));
    }
    if (outlines && set.strong) this._group.addLayer(this._casing(feature.geometry, point));
    this._group.addLayer(layer);
  }

  _casing(geometry, point) {
    const options = {
      renderer: this._renderer,
      interactive: false,
      color: CASING,
      weight: 5,
      opacity: 0.7,
      fill: false,
    };
    return point ? L.layerGroup() : L.polygon(ringsOf(geometry), options);
  }

  _line({ colour, dash }, { strong }) {
    return {
      ...{ renderer: this._renderer, color: colour, weight: strong ? 2.5 : 1.5, dashArray: dash },
      ...{ opacity: strong ? 1 : 0.55, fillColor: colour, fillOpacity: strong ? 0.22 : 0.06 },
    };
  }

  _dot({ colour, shape }, { strong }) {
    return {
      ...{ renderer: this._renderer, shape, radius: strong ? 5 : 4, weight: strong ? 1.5 : 1 },
      ...{
        color: CASING,
        fillColor: colour,
        fillOpacity: strong ? 1 : 0.75,
        opacity: strong ? 1 : 0.4,
      },
    };
  }

  /** One row with both its outlines: as it came, and as it would be stored. @param {any} row */
  mark(row) {
    this._marked.clearLayers();
    if (!row) return;
    const drawn = [];
    const draw = (geometry, options) => {
      if (!geometry || !/Polygon|Point/.test(geometry.type)) return;
      const look = { renderer: this._above, interactive: false, fill: false, ...options };
      const layer =
        geometry.type === "Point"
          ? L.circleMarker(middleOf(geometry), { ...look, radius: 9 })
          : L.polygon(ringsOf(geometry), look);
      this._marked.addLayer(layer);
      drawn.push(boxOf(geometry));
    };
    draw(row.after ?? row.before, { color: CASING, weight: 7, opacity: 0.85 });
    draw(row.after, { color: "#00e5ff", weight: 4 });
    draw(row.before, { color: "#ff6b5e", weight: 2, dashArray: "5 6" });
    const boxes = drawn.length ? drawn : row.bbox ? [row.bbox] : [];
    if (!boxes.length) return;
    if (!drawn.length) this._frame(row.bbox);
    const bounds = boxes.flatMap(([west, south, east, north]) => [
      [south, west],
      [north, east],
    ]);
    this._map.fitBounds(bounds, { padding: [120, 120], maxZoom: 18, animate: false });
  }

  /** A row that is in the picture already is only framed. */
  _frame([west, south, east, north]) {
    const options = {
      renderer: this._above,
      interactive: false,
      fill: false,
      color: "#00e5ff",
      weight: 2,
    };
    this._marked.addLayer(
      L.rectangle(
        [
          [south, west],
          [north, east],
        ],
        options,
      ),
    );
  }
}
