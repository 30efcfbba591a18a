/**
 * The feature under a point: inside wins over near, then the smaller area, then the nearer one.
 * @param {Iterable<import("./mvt.js").Feature>} features
 * @param {number} x tile units
 * @param {number} y tile units
 * @param {number} tolerance how near counts, tile units
 */
export function pick(features, x, y, tolerance) {
  let best = null;
  for (const feature of features) {
    const [west, north, east, south] = feature.box;
    if (x < west - tolerance || x > east + tolerance) continue;
    if (y < north - tolerance || y > south + tolerance) continue;
    const inside = feature.type === 3 && contains(feature, x, y);
    const away = inside ? 0 : distance(feature, x, y);
    if (!inside && away > tolerance) continue;
    const found = { feature, inside, away, area: inside ? area(feature) : 0 };
    if (best === null || before(found, best)) best = found;
  }
  return best?.feature ?? null;
}

function before(one, other) {
  if (one.inside !== other.inside) return one.inside;
  return one.inside ? one.area < other.area : one.away < other.away;
}

/** Calls with both ends of every edge; polygons are closed. */
function edges({ xy, starts, type }, call) {
  for (let path = 0; path + 1 < starts.length; path++) {
    const first = starts[path];
    const end = starts[path + 1];
    for (let i = type === 3 ? first : first + 1; i < end; i++) {
      const j = i === first ? end - 1 : i - 1;
      call(xy[2 * j], xy[2 * j + 1], xy[2 * i], xy[2 * i + 1]);
    }
  }
}

/** Even-odd rule, so holes are outside. */
function contains(feature, x, y) {
  let inside = false;
  edges(feature, (x1, y1, x2, y2) => {
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

function area(feature) {
  let twice = 0;
  edges(feature, (x1, y1, x2, y2) => {
    twice += x1 * y2 - x2 * y1;
  });
  return Math.abs(twice) / 2;
}

function distance(feature, x, y) {
  if (feature.type === 1) return Math.hypot(feature.xy[0] - x, feature.xy[1] - y);
  let least = Infinity;
  edges(feature, (x1, y1, x2, y2) => {
    const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
    const along = length ? ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length : 0;
    const t = Math.max(0, Math.min(1, along));
    least = Math.min(least, Math.hypot(x1 + t * (x2 - x1) - x, y1 + t * (y2 - y1) - y));
  });
  return least;
}
