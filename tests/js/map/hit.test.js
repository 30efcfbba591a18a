import assert from "node:assert/strict";
import { test } from "node:test";
import { pick } from "../../../static/js/map/hit.js";

function feature(id, type, ...paths) {
  const all = paths.flat();
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const starts = [0];
  for (const path of paths) starts.push(starts.at(-1) + path.length);
  return {
    id,
    type,
    xy: Int32Array.from(all.flat()),
    starts,
    box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    props: {},
  };
}

const square = (id, x, y, side) =>
  feature(id, 3, [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
  ]);
const at = (features, x, y, tolerance = 8) => pick(features, x, y, tolerance)?.id ?? null;

test("inside wins over near", () => {
  const big = square(1, 0, 0, 100);
  const neighbour = square(2, 103, 0, 10);
  assert.equal(at([big, neighbour], 99, 5), 1);
  assert.equal(at([neighbour, big], 99, 5), 1);
});

test("of two that hold the point the smaller one", () => {
  const shapes = [square(1, 0, 0, 100), square(2, 40, 40, 20)];
  assert.equal(at(shapes, 50, 50), 2);
  assert.equal(at(shapes.reverse(), 50, 50), 2);
  assert.equal(at(shapes, 10, 10), 1);
});

test("near counts up to the tolerance, the nearest first", () => {
  const shapes = [square(1, 0, 0, 10), square(2, 26, 0, 10)];
  assert.equal(at(shapes, 16, 5), 1);
  assert.equal(at(shapes, 20, 5), 2);
  assert.equal(at(shapes, 45, 5), null);
  assert.equal(at(shapes, 45, 5, 22), 2);
});

test("a hole is outside", () => {
  const ring = (a, b) => [
    [a, a],
    [b, a],
    [b, b],
    [a, b],
  ];
  const holed = feature(1, 3, ring(0, 100), ring(20, 80));
  assert.equal(at([holed], 50, 50), null);
  assert.equal(at([holed], 10, 10), 1);
  assert.equal(at([holed], 25, 50), 1); // near the hole's edge
});

test("lines and points by distance", () => {
  const line = feature(1, 2, [
    [0, 0],
    [100, 0],
  ]);
  const point = feature(2, 1, [[50, 6]]);
  assert.equal(at([line, point], 50, 2), 1);
  assert.equal(at([line, point], 50, 5), 2);
  assert.equal(at([line], 50, 9), null);
  assert.equal(at([line], 108, 0), 1); // a line is not closed
});

test("nothing there", () => assert.equal(at([], 1, 1), null));
