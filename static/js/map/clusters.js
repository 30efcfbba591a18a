import { numbersOf } from "./mvt.js";

/** Low two bits of a state byte. */
const MARK = 3;
const CONFIRMED = 1;
const CONFLICT = 8;

/**
 * @typedef {object} Spot what one symbol on the map stands for
 * @property {number} x pixels in the tile
 * @property {number} y pixels in the tile
 * @property {number} r radius in pixels
 * @property {number} n how many plots
 * @property {number} id the plot if it is one, else 0
 * @property {number[]} counts plots by mark code
 */

/** Plots of a point feature; a cell of a crowded tile names several. */
export function membersOf(feature) {
  if (!feature.members)
    feature.members = feature.props.ids ? numbersOf(feature.props.ids) : [feature.id];
  return feature.members;
}

/** Radius of the symbol of n plots. */
export const radiusOf = (n) => (n === 1 ? 7 : 10 + 3 * Math.ceil(Math.log10(n + 1)));

/**
 * Gathers points of a tile by cells, so that no symbols overlap; confirmed plots and those with a late
 * record stand alone, for they are few and are what one looks for.
 * @param {import("./mvt.js").Feature[]} features points
 * @param {object} how
 * @param {Uint8Array | null} how.state mark codes by id - 1; null before they came
 * @param {Uint8Array | null} how.visible 1 where a plot passes the filter
 * @param {number} how.scale pixels per tile unit
 * @param {number} how.size side of the tile in pixels
 * @param {number} how.cell side of a cell in pixels
 * @returns {Spot[]} singles last, confirmed at the very end
 */
export function cluster(features, { state, visible, scale, size, cell }) {
  const cells = new Map();
  const alone = [];
  for (const feature of features) {
    const x = feature.xy[0] * scale;
    const y = feature.xy[1] * scale;
    const seen = counted(membersOf(feature), state, visible);
    if (seen.n === 0 || x < 0 || x >= size || y < 0 || y >= size) continue;
    if (seen.n === 1 && (seen.counts[CONFIRMED] === 1 || isTorn(state, seen.id)))
      alone.push({ x, y, r: 7, ...seen });
    else {
      const key = Math.floor(y / cell) * 4096 + Math.floor(x / cell);
      cells.set(key, joined(cells.get(key), { x, y, ...seen }));
    }
  }
  const groups = apart([...cells.values()]).sort((a, b) => b.n - a.n);
  const lone = alone.map((spot) => aside(spot, groups));
  return [...groups, ...lone].map((spot) => within(spot, size));
}

/** Whether a late record waits beside a plot. */
export const isTorn = (state, id) => Boolean(state && state[id - 1] & CONFLICT);

function counted(members, state, visible) {
  const counts = [0, 0, 0, 0];
  let n = 0;
  let id = 0;
  for (const member of members) {
    if (visible && !visible[member - 1]) continue;
    counts[state ? state[member - 1] & MARK : 0]++;
    id = member;
    n++;
  }
  return { n, id: n === 1 ? id : 0, counts };
}

/** A lone symbol moved to the rim of a group it would hide. */
function aside(spot, groups) {
  for (const group of groups) {
    const away = Math.hypot(spot.x - group.x, spot.y - group.y);
    const rim = group.r + spot.r;
    if (group.n === 1 || away >= rim) continue;
    const [dx, dy] = away ? [(spot.x - group.x) / away, (spot.y - group.y) / away] : [0.7, -0.7];
    return { ...spot, x: group.x + dx * rim, y: group.y + dy * rim };
  }
  return spot;
}

/** Two groups as one, at the middle of all their plots. */
function joined(one, other) {
  if (!one) return other;
  const n = one.n + other.n;
  return {
    x: (one.x * one.n + other.x * other.n) / n,
    y: (one.y * one.n + other.y * other.n) / n,
    n,
    id: 0,
    counts: one.counts.map((count, code) => count + other.counts[code]),
  };
}

/** Clear of the tile's edge, which would cut the symbol. */
function within(spot, size) {
  const inside = (v) => Math.min(Math.max(v, spot.r + 2), size - spot.r - 2);
  return { ...spot, x: inside(spot.x), y: inside(spot.y) };
}

/** Groups that would overlap join the larger one. */
function apart(groups) {
  const kept = [];
  for (const group of groups.sort((a, b) => b.n - a.n)) {
    const r = radiusOf(group.n);
    const near = kept.findIndex((k) => Math.hypot(k.x - group.x, k.y - group.y) < k.r + r);
    if (near < 0) kept.push({ ...group, r });
    else {
      const both = joined(kept[near], group);
      kept[near] = { ...both, r: radiusOf(both.n) };
    }
  }
  return kept;
}
