import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, numbersOf } from "../../../static/js/map/mvt.js";

const file = (name) => readFileSync(new URL(`tiles/${name}`, import.meta.url));
const NAMES = ["plots", "crowd", "area", "line"];

/** The same words as the Python decoder's. */
const told = ({ id, type, xy, starts, props }) => ({
  id,
  type,
  paths: starts.slice(0, -1).map((first, i) => {
    const path = [];
    for (let n = first; n < starts[i + 1]; n++) path.push([xy[2 * n], xy[2 * n + 1]]);
    return path;
  }),
  props,
});

for (const name of NAMES)
  test(`reads in the tile of ${name} what the Python decoder reads`, () => {
    const layers = decode(file(`${name}.mvt`));
    const expected = JSON.parse(file(`${name}.json`).toString());
    assert.deepEqual(Object.keys(layers), Object.keys(expected));
    for (const [layer, features] of Object.entries(layers))
      assert.deepEqual(features.map(told), expected[layer]);
  });

test("the box holds every vertex and no more", () => {
  for (const { xy, box } of decode(file("plots.mvt")).plots) {
    const xs = xy.filter((_, i) => i % 2 === 0);
    const ys = xy.filter((_, i) => i % 2 === 1);
    assert.deepEqual(box, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
  }
});

test("a tile cut off anywhere is refused or shorter, never a hang", () => {
  const whole = file("line.mvt");
  for (let size = 0; size < whole.length; size++)
    try {
      decode(whole.subarray(0, size));
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
    }
});

test("no bytes are no layers", () => assert.deepEqual(decode(new Uint8Array()), {}));

test("short texts of numbers", () => {
  assert.deepEqual(numbersOf("7"), [7]);
  assert.deepEqual(numbersOf("3-5,14,20-21"), [3, 4, 5, 14, 20, 21]);
});
