import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, middleOf, nearest, ringsOf } from "../../../static/js/desk/shapes.js";

const square = (id, lon, lat) => ({
  id,
  geometry: {
    type: "Polygon",
    coordinates: [
      [
        [lon, lat],
        [lon + 2, lat],
        [lon + 2, lat + 2],
        [lon, lat],
      ],
    ],
  },
});

test("latitude stands first for the map, in every part", () => {
  const { coordinates } = square(1, 107, 31).geometry;
  const both = { type: "MultiPolygon", coordinates: [coordinates, coordinates] };
  assert.deepEqual(ringsOf(both)[1][0][0], [31, 107]);
  assert.deepEqual(ringsOf(square(1, 107, 31).geometry)[0][0][1], [31, 109]);
  assert.deepEqual(middleOf(square(1, 107, 31).geometry), [32, 108]);
});

test("the few plots around the middle one are found", () => {
  const features = [0, 1, 2, 3, 50].map((lon, n) => square(n, lon, 0));
  assert.deepEqual(
    nearest(features, 3)
      .map(({ id }) => id)
      .sort(),
    [1, 2, 3],
  );
  assert.deepEqual(nearest([], 3), []);
});

test("boxes are as far apart as their size makes it", () => {
  assert.ok(
    apart([
      [0, 0, 3, 4],
      [0.5, 0, 3.5, 4],
    ]) < 0.2,
  );
  assert.ok(
    apart([
      [0, 0, 3, 4],
      [300, 0, 303, 4],
    ]) > 10,
  );
});
