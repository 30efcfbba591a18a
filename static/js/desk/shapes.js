import { boxOf } from "../map/fitting.js";

/** Shapes of GeoJSON, in degrees, as Leaflet and a person look at them. Pure. */

const swap = ([lon, lat]) => [lat, lon];

/** Rings of an area, latitude first. */
export function ringsOf({ type, coordinates }) {
  const polygons = type === "MultiPolygon" ? coordinates : [coordinates];
  return polygons.map((rings) => rings.map((ring) => ring.map(swap)));
}

/** The middle of a shape's box, latitude first. */
export function middleOf(geometry) {
  const [west, south, east, north] = boxOf(geometry);
  return [(south + north) / 2, (west + east) / 2];
}

/** How far boxes lie from each other, as a share of their size. */
export function apart(boxes) {
  const middles = boxes.map(([w, s, e, n]) => [(w + e) / 2, (s + n) / 2]);
  const far = Math.max(
    ...middles.map(([x, y]) => Math.hypot(x - middles[0][0], y - middles[0][1])),
  );
  const [w, s, e, n] = boxes[0];
  return far / Math.max(Math.hypot(e - w, n - s), 1e-9);
}

/** The plots nearest to the one in the middle of all. */
export function nearest(features, n) {
  const placed = features.map((feature) => ({ feature, at: middleOf(feature.geometry) }));
  const middle = [0, 1].map(
    (axis) => placed.map(({ at }) => at[axis]).sort((a, b) => a - b)[placed.length >> 1],
  );
  const away = ({ at }, from) => Math.hypot(at[0] - from[0], at[1] - from[1]);
  const centre = placed.sort((a, b) => away(a, middle) - away(b, middle))[0]?.at;
  return placed
    .sort((a, b) => away(a, centre) - away(b, centre))
    .slice(0, n)
    .map(({ feature }) => feature);
}
