import assert from "node:assert/strict";
import { test } from "node:test";
import { createLru } from "../../../static/js/map/lru.js";

test("forgets what was used least lately", () => {
  const held = createLru(2);
  held.set("a", 1);
  held.set("b", 2);
  assert.equal(held.get("a"), 1);
  held.set("c", 3);
  assert.equal(held.get("b"), undefined);
  assert.equal(held.get("a"), 1);
  assert.equal(held.get("c"), 3);
});

test("a key set again is one entry with the new value", () => {
  const held = createLru(2);
  held.set("a", 1);
  held.set("b", 2);
  held.set("a", 3);
  held.set("c", 4);
  assert.equal(held.size, 2);
  assert.equal(held.get("a"), 3);
  assert.equal(held.get("b"), undefined);
});

test("cleared", () => {
  const held = createLru(2);
  held.set("a", 1);
  held.clear();
  assert.equal(held.size, 0);
});
