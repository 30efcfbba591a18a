import { createLru } from "./lru.js";
import { decode } from "./mvt.js";

/* global L */

export const TILE = 512;
const EXTENT = 4096;

/** Pixels per tile unit. */
export const SCALE = TILE / EXTENT;

const HELD = 200;

/**
 * A Leaflet grid of canvases drawn from vector tiles. What is drawn can change without fetching:
 * `repaint` draws all canvases in view again in one animation frame.
 *
 * A subclass gives `address(z, x, y)` and `paint(context, layers, coords, canvas)`.
 */
export const CanvasTiles = L.GridLayer.extend({
  options: { tileSize: TILE, updateWhenZooming: false, keepBuffer: 1 },

  initialize(options) {
    L.setOptions(this, options);
    this._decoded = createLru(HELD);
    this._drawn = new Map();
    this._frame = 0;
    this.on("tileunload", ({ tile }) => this._forget(tile));
  },

  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    canvas.width = canvas.height = TILE * ratio;
    const held = { coords, layers: {}, ratio, abort: new AbortController() };
    this._drawn.set(canvas, held);
    this._fill(canvas, held).then(
      () => done(null, canvas),
      (error) => error.name !== "AbortError" && done(error, canvas),
    );
    return canvas;
  },

  onRemove(map) {
    L.GridLayer.prototype.onRemove.call(this, map);
    for (const canvas of [...this._drawn.keys()]) this._forget(canvas);
  },

  async _fill(canvas, held) {
    const { x, y, z } = held.coords;
    held.layers = await this._layers(this.address(z - 1, x, y), held.abort.signal);
    if (this._drawn.has(canvas)) this._paint(canvas, held);
  },

  async _layers(address, signal) {
    const known = this._decoded.get(address);
    if (known) return known;
    const response = await fetch(address, { signal });
    if (!response.ok) throw new Error(`${response.status} ${address}`);
    this.answered?.(response);
    const layers = response.status === 204 ? {} : decode(await response.arrayBuffer());
    this._decoded.set(address, layers);
    return layers;
  },

  _forget(canvas) {
    this._drawn.get(canvas)?.abort.abort();
    this._drawn.delete(canvas);
  },

  _paint(canvas, { layers, coords, ratio }) {
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, TILE, TILE);
    this.paint(context, layers, coords, canvas);
    this.fire("painted");
  },

  /** Draw what is in view again, once per frame however often it is asked for. */
  repaint() {
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      for (const [canvas, held] of this._drawn) this._paint(canvas, held);
    });
    return this;
  },

  /** Fetch what is in view again; the old picture stays until the new one is there. */
  reload() {
    this._decoded.clear();
    for (const [canvas, held] of this._drawn) this._fill(canvas, held).catch(() => {});
  },

  /** Tiles of the zoom in view: coordinates and decoded layers. */
  *inView() {
    for (const [canvas, held] of this._drawn)
      if (held.coords.z === this._tileZoom) yield { ...held, canvas };
  },
});

/**
 * A path of whole features. Edges that clipping left along a tile's margin are not drawn.
 * @param {import("./mvt.js").Feature[]} features lines or polygons
 * @param {boolean} closed whether margins belong to the path, as they do for fills
 */
export function pathOf(features, closed = false) {
  const path = new Path2D();
  for (const { xy, starts, type } of features) {
    for (let i = 0; i + 1 < starts.length; i++) {
      const [first, end] = [starts[i], starts[i + 1]];
      path.moveTo(xy[2 * first] * SCALE, xy[2 * first + 1] * SCALE);
      const last = type === 3 ? end : end - 1;
      let whole = true;
      for (let n = first + 1; n <= last; n++) {
        const to = n === end ? first : n;
        const cut = !closed && onMargin(xy, n - 1, to);
        if (n === end && whole && !cut) path.closePath();
        else path[cut ? "moveTo" : "lineTo"](xy[2 * to] * SCALE, xy[2 * to + 1] * SCALE);
        whole &&= !cut;
      }
    }
  }
  return path;
}

const LOW = -255;
const HIGH = EXTENT + 255;

function onMargin(xy, a, b) {
  for (const axis of [0, 1]) {
    const [one, other] = [xy[2 * a + axis], xy[2 * b + axis]];
    if ((one <= LOW && other <= LOW) || (one >= HIGH && other >= HIGH)) return true;
  }
  return false;
}
