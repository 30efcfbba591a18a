import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cluster, membersOf, radiusOf } from "../../../static/js/map/clusters.js";
import { decode } from "../../../static/js/map/mvt.js";

const [PENDING, CONFIRMED, FALSE_POSITIVE, RECTIFIED] = [0, 1, 2, 3];
const SUBMITTED = 4;
const HOW = { state: null, visible: null, scale: 1 / 8, size: 512, cell: 64 };
const spot = (id, x, y) => ({ id, type: 1, xy: Int32Array.of(x * 8, y * 8), props: {} });
const cell = (ids, x, y) => ({ ...spot(1, x, y), props: { n: 99, ids } });
const total = (spots) => spots.reduce((sum, { n }) => sum + n, 0);

test("plots near each other are one group that counts each mark", () => {
  const state = Uint8Array.of(PENDING, FALSE_POSITIVE | SUBMITTED, RECTIFIED, PENDING);
  const points = [spot(1, 100, 100), spot(2, 104, 100), spot(3, 100, 104), spot(4, 400, 400)];
  const [group, single] = cluster(points, { ...HOW, state });
  assert.equal(group.n, 3);
  assert.deepEqual(group.counts, [1, 0, 1, 1]);
  assert.equal(group.id, 0);
  assert.deepEqual([single.n, single.id], [1, 4]);
});

test("a confirmed plot always stands alone, and clear of a group", () => {
  const state = Uint8Array.of(PENDING, CONFIRMED, PENDING);
  const points = [spot(1, 100, 100), spot(2, 101, 100), spot(3, 102, 100)];
  const spots = cluster(points, { ...HOW, state });
  const confirmed = spots.find(({ counts }) => counts[CONFIRMED]);
  const group = spots.find(({ n }) => n === 2);
  assert.deepEqual([confirmed.n, confirmed.id], [1, 2]);
  assert.equal(spots.at(-1), confirmed); // drawn above all
  assert.ok(Math.hypot(confirmed.x - group.x, confirmed.y - group.y) >= group.r);
});

test("a cell of a crowded tile shows the confirmed and rectified plots among its members", () => {
  const state = new Uint8Array(20);
  state[4] = CONFIRMED;
  state[6] = RECTIFIED | SUBMITTED;
  const [group] = cluster([cell("3-9,20", 100, 100)], { ...HOW, state });
  assert.equal(group.n, 8);
  assert.deepEqual(group.counts, [6, 1, 0, 1]);
});

test("what the filter leaves out is not counted", () => {
  const visible = Uint8Array.of(1, 0, 0, 0, 1);
  const spots = cluster([cell("1-3", 100, 100), spot(4, 104, 100), spot(5, 300, 300)], {
    ...HOW,
    visible,
  });
  assert.deepEqual(spots.map(({ id }) => id).sort(), [1, 5]);
});

test("no plot is lost and symbols keep clear of the tile's edge", () => {
  const points = [];
  for (let i = 0; i < 400; i++) points.push(spot(i + 1, (i * 37) % 512, (i * 91) % 512));
  const spots = cluster(points, { ...HOW, state: new Uint8Array(400) });
  assert.equal(total(spots), 400);
  for (const { x, y, r } of spots)
    assert.ok(x >= r && y >= r && x <= 512 - r && y <= 512 - r, `${x} ${y}`);
});

test("all plots of a real crowded tile are counted", () => {
  const tile = decode(readFileSync(new URL("tiles/crowd.mvt", import.meta.url)));
  const spots = cluster(tile.plots, { ...HOW, state: new Uint8Array(5000) });
  assert.equal(
    total(spots),
    tile.plots.reduce((sum, feature) => sum + membersOf(feature).length, 0),
  );
});

test("a symbol grows with its number", () => {
  const radii = [1, 2, 10, 100, 10_000].map(radiusOf);
  assert.deepEqual(
    radii,
    [...radii].sort((a, b) => a - b),
  );
});
