import { cluster, isTorn, membersOf } from "./clusters.js";
import { pick } from "./hit.js";
import { createSymbols } from "./symbols.js";
import { CanvasTiles, pathOf, SCALE, TILE } from "./tiles.js";

/* global L */

/** Up to this map zoom plots are gathered in groups. */
const GROUP_ZOOM = 11;
const CELL = 64;
const CROWD = 600;

/** An outline smaller than this many pixels is drawn as its symbol. */
const SMALL = 8;
const RADIUS = 7;
const MARK = 3;

/** Marks from the one drawn first to the one that must lie above all. */
const ORDER = [2, 0, 3, 1];
const WHITE = "#ffffff";
const SELECTED = [
  [7, WHITE],
  [4, "#10151c"],
  [2, "#00e5ff"],
];

/**
 * Plots on canvas. Tiles hold outlines and ids; what a plot is marked with, whether it passes the
 * filter and which one is selected are looked up by id when drawing.
 */
export const PlotLayer = CanvasTiles.extend({
  options: { pane: "plots" },

  initialize(options) {
    CanvasTiles.prototype.initialize.call(this, options);
    this._look = { state: null, visible: null, selected: 0 };
    this._batch = "";
    this._revision = "";
    this._served = "";
    this._spots = new WeakMap();
  },

  /** @param {object[]} styles marks of the codebook */
  setStyles(styles) {
    this._styles = [...styles].sort((a, b) => a.code - b.code);
    this._symbols = createSymbols(this._styles);
    return this.repaint();
  },

  /** @param {{state?: Uint8Array, visible?: Uint8Array, selected?: number}} look */
  setLook(look) {
    Object.assign(this._look, look);
    return this.repaint();
  },

  setBatch(batch) {
    if (batch === this._batch) return;
    Object.assign(this, { _batch: batch, _revision: "", _served: "" });
    if (this._map) this.reload();
  },

  /** The revision of the rows; tiles of another one are fetched again. */
  setRevision(revision) {
    this._revision = revision;
    if (this._served && this._served !== revision) this.reload();
  },

  address(z, x, y) {
    const known = this._revision && `&rev=${this._revision}`;
    return `/tiles/plots/${z}/${x}/${y}.mvt?batch=${encodeURIComponent(this._batch)}${known}`;
  },

  answered(response) {
    this._served = (response.headers.get("ETag") ?? "").replaceAll(/W\/|"/g, "");
  },

  paint(context, { plots = [] }, { z }, canvas) {
    if (!this._styles) return;
    const shapes = [];
    const points = [];
    for (const feature of plots)
      (feature.type === 3 && !isSmall(feature) ? shapes : points).push(feature);
    this._paintShapes(context, shapes);
    const spots = this._spotsOf(points, z);
    this._spots.set(canvas, spots);
    for (const spot of spots) this._paintSpot(context, spot);
    for (const { id, box } of shapes)
      if (isTorn(this._look.state, id))
        this._symbols.stampTorn(context, box[2] * SCALE, box[1] * SCALE);
    this._paintSelected(context, plots, spots);
    if (plots.length) this.fire("drawn");
  },

  _spotsOf(points, z) {
    const { state, visible } = this._look;
    if (z <= GROUP_ZOOM || points.length > CROWD || points[0]?.props.ids)
      return cluster(points, { state, visible, scale: SCALE, size: TILE, cell: CELL });
    const spots = points
      .filter(({ id }) => this._shown(id))
      .map((feature) => ({ ...middle(feature), r: RADIUS, n: 1, id: feature.id }));
    const rank = ({ id }) => ORDER.indexOf(this._code(id));
    return spots.sort((a, b) => rank(a) - rank(b));
  },

  _paintSpot(context, spot) {
    if (spot.n > 1) this._symbols.stampGroup(context, spot);
    else this._symbols.stamp(context, this._code(spot.id), spot.x, spot.y, RADIUS);
    if (spot.n === 1 && isTorn(this._look.state, spot.id))
      this._symbols.stampTorn(context, spot.x + RADIUS, spot.y - RADIUS);
  },

  /** One path for each mark: wash, white casing, coloured line; what is filtered out is faint. */
  _paintShapes(context, shapes) {
    const groups = new Map(ORDER.map((code) => [code, []]));
    const faint = [];
    for (const shape of shapes)
      (this._shown(shape.id) ? groups.get(this._code(shape.id)) : faint).push(shape);
    context.lineJoin = "round";
    stroke(context, pathOf(faint, true), "#ffffff66", 1);
    for (const [code, group] of groups) {
      if (group.length === 0) continue;
      const { fill, wash, dash } = this._styles[code];
      const path = pathOf(group, true);
      context.globalAlpha = wash;
      context.fillStyle = fill;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
      stroke(context, path, WHITE, 4);
      stroke(context, path, fill, 2, dash);
    }
  },

  _paintSelected(context, plots, spots) {
    const { selected } = this._look;
    if (!selected) return;
    const feature = plots.find((f) => f.id === selected && f.type === 3 && !isSmall(f));
    if (feature) {
      const path = pathOf([feature], true);
      for (const [width, colour] of SELECTED) stroke(context, path, colour, width);
      return;
    }
    const point = plots.find((f) => f.id === selected && !f.props.ids);
    const group = point ? null : plots.find((f) => f.props.ids && membersOf(f).includes(selected));
    const at = point
      ? middle(point)
      : group && spots.find((s) => s.n > 1 && near(s, middle(group)));
    if (!at) return;
    const ring = new Path2D();
    ring.arc(at.x, at.y, (at.r ?? RADIUS) + 5, 0, 2 * Math.PI);
    for (const [width, colour] of SELECTED) stroke(context, ring, colour, width);
    if (point) this._symbols.stamp(context, this._code(selected), at.x, at.y, RADIUS);
  },

  _code(id) {
    return this._look.state ? this._look.state[id - 1] & MARK : 0;
  },

  _shown(id) {
    return !this._look.visible || this._look.visible[id - 1] === 1;
  },

  /** Boxes of what is drawn in view, in pixels of the world at this zoom. */
  boxesInView() {
    const boxes = [];
    for (const { canvas, coords, layers } of this.inView()) {
      const add = (...box) =>
        boxes.push(box.map((v, i) => v + TILE * (i % 2 ? coords.y : coords.x)));
      for (const { x, y, r } of this._spots.get(canvas) ?? []) add(x - r, y - r, x + r, y + r);
      for (const feature of layers.plots ?? [])
        if (feature.type === 3 && !isSmall(feature)) add(...feature.box.map((v) => v * SCALE));
    }
    return boxes;
  },

  /**
   * What is under a place: a plot's id, or the group that must be opened first.
   * @param {L.LatLng} latlng
   * @param {number} tolerance pixels
   * @returns {{id: number, n: number} | null}
   */
  at(latlng, tolerance) {
    const world = this._map.project(latlng, this._tileZoom);
    const coords = world.divideBy(TILE).floor();
    const x = world.x - coords.x * TILE;
    const y = world.y - coords.y * TILE;
    for (const tile of this.inView()) {
      if (tile.coords.x !== coords.x || tile.coords.y !== coords.y) continue;
      return this._spotAt(tile, x, y, tolerance) ?? this._shapeAt(tile, x, y, tolerance);
    }
    return null;
  },

  _spotAt({ canvas }, x, y, tolerance) {
    const reach = (spot) => spot.r + tolerance / 2;
    const found = (this._spots.get(canvas) ?? [])
      .map((spot) => ({ spot, away: Math.hypot(spot.x - x, spot.y - y) }))
      .filter(({ spot, away }) => away <= reach(spot))
      .sort((a, b) => a.away - b.away)[0];
    return found ? { id: found.spot.id, n: found.spot.n } : null;
  },

  _shapeAt({ layers }, x, y, tolerance) {
    const shapes = (layers.plots ?? []).filter((f) => f.type === 3 && this._shown(f.id));
    const found = pick(shapes, x / SCALE, y / SCALE, tolerance / SCALE);
    return found && { id: found.id, n: 1 };
  },
});

function isSmall({ box: [west, north, east, south] }) {
  return Math.max(east - west, south - north) * SCALE < SMALL;
}

const near = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) < CELL;

function middle({ box: [west, north, east, south] }) {
  return { x: ((west + east) / 2) * SCALE, y: ((north + south) / 2) * SCALE };
}

function stroke(context, path, colour, width, dash = []) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
}
