import { CanvasTiles, pathOf, TILE } from "./tiles.js";

/* global L */

const BAND = "#ffffff24";
const EQUATOR_M = 40_075_016.686;

/** A band narrower than this many pixels is not drawn: the line itself covers it. */
const NARROW = 4;

/** Lines are finer on maps further out than this zoom. */
const NEAR = 15;

/**
 * A layer version as lines and areas.
 *
 * Options: `id` of the version, `look` (a line style of the codebook), `band` the accuracy of the
 * line in metres where it is drawn as a band, else 0.
 */
export const VectorLayer = CanvasTiles.extend({
  options: { id: "", look: null, band: 0 },

  address(z, x, y) {
    return `/tiles/layers/${encodeURIComponent(this.options.id)}/${z}/${x}/${y}.mvt`;
  },

  paint(context, { features = [] }, coords) {
    const { look, band } = this.options;
    const lines = pathOf(features.filter(({ type }) => type !== 1));
    const thin = coords.z < NEAR ? 0.7 : 1;
    const width = look.width * thin;
    const dash = look.dash.map((length) => length * thin);
    context.lineJoin = "round";
    if (look.fill) this._paintFill(context, features, look.fill);
    const breadth = band && (2 * band) / metresPerPixel(coords);
    if (breadth >= NARROW) stroke(context, lines, BAND, breadth);
    if (look.casing) stroke(context, lines, look.casing, width + 2);
    if (look.line) stroke(context, lines, look.line, width, dash);
    for (const { type, xy } of features) if (type === 1) dot(context, xy, look);
  },

  _paintFill(context, features, fill) {
    context.fillStyle = fill;
    context.fill(
      pathOf(
        features.filter(({ type }) => type === 3),
        true,
      ),
    );
  },
});

function stroke(context, path, colour, width, dash = []) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
}

function dot(context, xy, { line, casing }) {
  context.beginPath();
  context.arc(xy[0] / 8, xy[1] / 8, 3, 0, 2 * Math.PI);
  context.fillStyle = line;
  context.strokeStyle = casing || "#10151c99";
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

/** Ground metres under a pixel in the middle of a tile. */
function metresPerPixel({ y, z }) {
  const rows = 2 ** (z - 1);
  const latitude = Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + 0.5)) / rows)));
  return (EQUATOR_M * Math.cos(latitude)) / (rows * TILE);
}
