import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, degrees, fitted, square } from "../../../static/js/map/fitting.js";

const VIEW = { width: 1000, height: 800, right: 0, bottom: 0 };

/** Box of a plot of so many metres around a place, in the square. */
function plot(metres, lon = 107.1, lat = 31.56) {
  const [x, y] = square(lon, lat);
  const half = metres / 40_075_017 / Math.cos((lat * Math.PI) / 180) / 2;
  return [x - half, y - half, x + half, y + half];
}

const pixels = ([west, , east], zoom) => (east - west) * 256 * 2 ** zoom;

test("the longer side takes about a third of the free map", () => {
  const box = plot(120);
  const { zoom, x } = fitted(box, VIEW);
  const share = pixels(box, zoom) / VIEW.height;
  assert.ok(share <= 0.34 && share > 0.17, String(share));
  assert.ok(Math.abs(x - (box[0] + box[2]) / 2) < 1e-12);
});

test("no nearer than 19, no further than 15", () => {
  assert.equal(fitted(plot(1), VIEW).zoom, 19);
  assert.equal(fitted(plot(0), VIEW).zoom, 19);
  assert.equal(fitted(plot(50_000), VIEW).zoom, 15);
});

test("what a sheet covers is not free: the plot stands in the middle of the rest", () => {
  const box = plot(60);
  const sheet = { ...VIEW, width: 390, height: 700, bottom: 300 };
  const { zoom, y } = fitted(box, sheet);
  const middle = (box[1] + box[3]) / 2;
  const onScreen = (middle - y) * 256 * 2 ** zoom + sheet.height / 2;
  assert.ok(Math.abs(onScreen - 200) < 0.5, String(onScreen));
});

test("the square and back", () => {
  const [lon, lat] = degrees(...square(107.1, 31.56));
  assert.ok(Math.abs(lon - 107.1) < 1e-9 && Math.abs(lat - 31.56) < 1e-9);
});

test("boxes of points, polygons and several polygons", () => {
  const ring = (x) => [
    [
      [x, 1],
      [x + 1, 1],
      [x + 1, 3],
      [x, 1],
    ],
  ];
  assert.deepEqual(boxOf({ coordinates: [107, 31] }), [107, 31, 107, 31]);
  assert.deepEqual(boxOf({ coordinates: ring(5) }), [5, 1, 6, 3]);
  assert.deepEqual(boxOf({ coordinates: [ring(5), ring(8)] }), [5, 1, 9, 3]);
});
