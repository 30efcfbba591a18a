import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, sexagesimal } from "../../../static/js/map/coords.js";

test("degrees", () => {
  assert.equal(decimal(107.102341, 31.5601), "107.10234°E 31.56010°N");
  assert.equal(decimal(-0.5, -31), "0.50000°W 31.00000°S");
});

test("degrees, minutes, seconds", () => {
  assert.equal(sexagesimal(107.10234, 31.56012), "107°06′08.4″E 31°33′36.4″N");
});

test("seconds never reach sixty", () => {
  assert.equal(sexagesimal(106.9999999, 31.9999999), "107°00′00.0″E 32°00′00.0″N");
});
