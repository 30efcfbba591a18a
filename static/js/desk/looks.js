/* global L */

/** What outcomes and candidates look like; `css/desk_parts.css` has the same for legends. */
const KINDS = {
  stored: { colour: "#2dd4bf", shape: "circle" },
  mended: { colour: "#a5b4fc", shape: "diamond" },
  warned: { colour: "#fbbf24", shape: "triangle" },
  changed: { colour: "#60a5fa", shape: "circle" },
  unchanged: { colour: "#d1d5db", shape: "circle" },
  joined: { colour: "#d1d5db", shape: "circle" },
  set_aside: { colour: "#fb7185", shape: "square" },
};
export const CANDIDATES = ["#2dd4bf", "#fbbf24", "#c4b5fd", "#f9a8d4", "#93c5fd"];
export const DASHES = [null, "8 4", "3 4", "10 4 3 4", "1 5"];

/** A symbol whose shape says what its colour says. */
export const PlotSymbol = L.CircleMarker.extend({
  _updatePath() {
    const context = this._renderer._ctx;
    const { x, y } = this._point;
    const r = this._radius;
    if (!this._renderer._drawing || this._empty()) return;
    context.beginPath();
    if (this.options.shape === "circle") context.arc(x, y, r, 0, 2 * Math.PI);
    else {
      const corners = {
        diamond: [
          [0, -r - 1],
          [r + 1, 0],
          [0, r + 1],
          [-r - 1, 0],
        ],
        triangle: [
          [0, -r - 1],
          [r + 1, r],
          [-r - 1, r],
        ],
        square: [
          [-r, -r],
          [r, -r],
          [r, r],
          [-r, r],
        ],
      }[this.options.shape];
      for (const [dx, dy] of corners) context.lineTo(x + dx, y + dy);
      context.closePath();
    }
    this._renderer._fillStroke(context, this);
  },
});

/** How a plot is drawn, by what becomes of it or by the place it is tried in. */
export function lookOf({ kinds, flags }, { asking, n }) {
  if (asking || !kinds.length)
    return { colour: CANDIDATES[n % 5], dash: DASHES[n % 5], shape: "circle" };
  const kind = kinds.includes("warned") ? "warned" : kinds.includes("mended") ? "mended" : kinds[0];
  return { ...KINDS[kind], dash: flags.length ? "6 3" : null };
}
