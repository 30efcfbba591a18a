import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFLICT, listed, neighbour, TORN } from "../../static/js/filter.js";

const rows = {
  n: 4,
  source_id: ["B-02", "A-01", "C-03", "0009"],
  type_issued: ["桥梁", "Bridge", null, "临河房屋"],
  county: ["511923", "511923", null, "511922"],
  township: ["511923001", null, null, null],
  river: ["巴河", "巴河", null, "南江河"],
  area_m2: [300, 900, null, 600],
  order: [2, 0, 3, 1],
  place_names: { 511923: "平昌县", 511922: "南江县", 511923001: "同州街道" },
};
const wish = (more) => ({ mark: null, sort: "risk", q: "", ...more });
const STATE = Uint8Array.of(0, 2 | 4, 1, 0);

test("the list stands in the served order of risk, by number, or by size", () => {
  assert.deepEqual(listed(rows, STATE, wish()).order, [3, 1, 4, 2]);
  assert.deepEqual(listed(rows, STATE, wish({ sort: "number" })).order, [4, 2, 1, 3]);
  assert.deepEqual(listed(rows, STATE, wish({ sort: "area" })).order, [2, 4, 1, 3]);
});

test("a filter by mark looks past whether it was submitted", () => {
  const found = listed(rows, STATE, wish({ mark: 2 }));
  assert.deepEqual(found.order, [2]);
  assert.deepEqual([...found.visible], [0, 1, 0, 0]);
  assert.deepEqual(found.counts, [2, 1, 1, 0, 0]);
});

test("plots with a late record are found by themselves, whatever their mark", () => {
  const torn = Uint8Array.of(0, 2 | CONFLICT, 1 | CONFLICT, 0);
  const found = listed(rows, torn, wish({ mark: TORN }));
  assert.deepEqual(found.order, [3, 2]);
  assert.deepEqual(found.counts, [2, 1, 1, 0, 2]);
});

test("search finds number, place, river and type, all words, any case", () => {
  assert.deepEqual(listed(rows, STATE, wish({ q: "平昌 桥" })).order, [1]);
  assert.deepEqual(listed(rows, STATE, wish({ q: "bridge" })).order, [2]);
  assert.deepEqual(listed(rows, STATE, wish({ q: "同州" })).order, [1]);
  assert.deepEqual(listed(rows, STATE, wish({ q: "000" })).order, [4]);
  assert.deepEqual(listed(rows, STATE, wish({ q: "没有" })).counts, [0, 0, 0, 0, 0]);
});

test("the plot one is at stays in the list until one leaves it, but not among the found", () => {
  const found = listed(rows, STATE, wish({ mark: 0 }), 2);
  assert.deepEqual(found.order, [1, 4, 2]);
  assert.deepEqual([...found.visible], [1, 0, 0, 1]);
});

test("what is to be looked at later comes last", () => {
  assert.deepEqual(listed(rows, STATE, wish({ mark: 0 }), 0, new Set(["B-02"])).order, [4, 1]);
});

test("neighbours: the next, the one before, the first when lost, none at the end", () => {
  assert.deepEqual([neighbour([3, 1, 4], 1), neighbour([3, 1, 4], 1, -1)], [4, 3]);
  assert.deepEqual([neighbour([3, 1], 9), neighbour([3, 1], 1), neighbour([], 1)], [3, 0, 0]);
});
