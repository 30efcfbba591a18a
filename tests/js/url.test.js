import assert from "node:assert/strict";
import { test } from "node:test";
import { place, readHash, safeNext, writeHash } from "../../static/js/url.js";

test("a link says again what was said", () => {
  const said = { b: "2023 批次(合成)", plot: "SC511923-2023-000123", f: "1", q: "巴河 & 桥" };
  const hash = writeHash({ ...said, s: "area", z: 16.5, c: "107.1,31.56" });
  assert.deepEqual(readHash(hash), { ...said, s: "area", z: "16.5", c: "107.1,31.56" });
  assert.ok(hash.includes("c=107.1,31.56"));
});

test("nothing said is no hash, and strange names are passed over", () => {
  assert.equal(writeHash({ plot: "", z: null }), "");
  assert.deepEqual(readHash("#"), {});
  assert.deepEqual(readHash("#evil=1&plot=a"), { plot: "a" });
});

test("a place needs sound coordinates and zoom", () => {
  assert.deepEqual(place({ c: "107.1,31.5", z: "16" }), { center: [107.1, 31.5], zoom: 16 });
  for (const said of [
    {},
    { c: "107.1", z: "16" },
    { c: "400,31", z: "9" },
    { c: "107,31", z: "x" },
  ])
    assert.equal(place(said), null);
});

test("after signing in one stays on this site", () => {
  const origin = "http://127.0.0.1:8000";
  assert.equal(safeNext("/#plot=a&z=16", origin), "/#plot=a&z=16");
  assert.equal(safeNext("/docs?x=1", origin), "/docs?x=1");
  const strange = [null, "", "https://evil.example/", "//evil.example/", "/\\evil.example", "a"];
  for (const next of [...strange, "javascript:alert(1)", "/\t/evil.example"])
    assert.equal(safeNext(next, origin), "/");
});
