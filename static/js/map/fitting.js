/** Share of the free map that a plot's longer side takes when it is opened. */
const SIDE = 0.34;
const NEAREST = 19;
const FURTHEST = 15;
const TILE = 256;

/**
 * Zoom and centre that show a box in the part of the map that nothing covers.
 * @param {number[]} box west, north, east, south as shares of the mercator square
 * @param {{width: number, height: number, right: number, bottom: number}} view pixels of the map
 *   and of what covers its right and bottom
 * @param {{side?: number, nearest?: number, furthest?: number}} how
 * @returns {{zoom: number, x: number, y: number}} the centre of the whole map in the square
 */
export function fitted(box, view, { side = SIDE, nearest = NEAREST, furthest = FURTHEST } = {}) {
  const [west, north, east, south] = box;
  const free = { x: view.width - view.right, y: view.height - view.bottom };
  const across = Math.max((east - west) / free.x, (south - north) / free.y, 1e-12);
  const exact = Math.log2(side / (across * TILE));
  const zoom = Math.min(nearest, Math.max(furthest, Math.floor(exact)));
  const pixel = 1 / (TILE * 2 ** zoom);
  return {
    zoom,
    x: (west + east) / 2 + (view.right / 2) * pixel,
    y: (north + south) / 2 + (view.bottom / 2) * pixel,
  };
}

/**
 * Box of a GeoJSON geometry in degrees: west, south, east, north.
 * @param {{coordinates: any}} geometry
 */
export function boxOf({ coordinates }) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part) => {
    if (typeof part[0] !== "number") {
      for (const inner of part) walk(inner);
      return;
    }
    const [lon, lat] = part;
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  };
  walk(coordinates);
  return box;
}

/** Degrees as shares of the mercator square, y downwards. */
export const square = (lon, lat) => [
  (lon + 180) / 360,
  0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI),
];

/** The way back. */
export const degrees = (x, y) => [
  x * 360 - 180,
  (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI,
];
