import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adjusted,
  choiceFor,
  choiceOf,
  inSight,
  mapped,
  nameOf,
  readAs,
  sized,
  stepOf,
  taken,
} from "../../../static/js/desk/choices.js";

const one = {
  crs: "EPSG:4545",
  encoding: null,
  layers: [],
  mapping: { note_issued: "BZ" },
  skip: false,
};
const found = { choices: { "a.shp": one, "b.gpkg": { ...one, crs: null, mapping: {} } } };

test("a change of one file leaves what was decided about it and about the others", () => {
  const { files } = adjusted(found, "b.gpkg", { crs: "EPSG:4544" });
  assert.equal(files["b.gpkg"].crs, "EPSG:4544");
  assert.equal(files["a.shp"].crs, "EPSG:4545");
  assert.deepEqual(files["a.shp"].map, { note_issued: "BZ" });
  assert.equal("mapping" in files["a.shp"], false);
});

test("nothing decided is sent as nothing", () => {
  assert.deepEqual(choiceOf({ choices: {} }, "c.zip"), {
    ...{ crs: null, encoding: null, layers: [], map: {}, area_unit: null, skip: false, each: {} },
  });
});

const layered = {
  choices: { "a.gpkg": { ...one, layers: ["甲", "乙, 丙"], mapping: { note_issued: "BZ" } } },
};
const part = (chosen) => ({ file: "a.gpkg", chosen });
const after = (found, change) => {
  const { files } = adjusted(found, "a.gpkg", change);
  const { map, each, ...rest } = files["a.gpkg"];
  const own = Object.entries(each).map(([name, { map: mapping, ...of }]) => [
    name,
    { ...of, mapping },
  ]);
  return { choices: { "a.gpkg": { ...rest, mapping: map, each: Object.fromEntries(own) } } };
};

test("a layer that is decided about leaves the others as they were", () => {
  const now = after(layered, readAs(layered, [part("乙, 丙")], { crs: "EPSG:4544" }));
  assert.equal(choiceFor(now, part("乙, 丙")).crs, "EPSG:4544");
  assert.equal(choiceFor(now, part("甲")).crs, "EPSG:4545");
  assert.deepEqual(choiceFor(now, part("甲")).map, { note_issued: "BZ" });
  const again = after(now, readAs(now, [part("甲")], { crs: null, map: {} }));
  assert.equal(choiceFor(again, part("甲")).crs, null);
  assert.deepEqual(choiceFor(again, part("甲")).map, {});
  assert.equal(choiceFor(again, part("乙, 丙")).crs, "EPSG:4544");
});

test("one answer may do for several layers", () => {
  const now = after(layered, readAs(layered, [part("甲"), part("乙, 丙")], { encoding: "big5" }));
  assert.deepEqual(
    ["甲", "乙, 丙"].map((name) => choiceFor(now, part(name)).encoding),
    ["big5", "big5"],
  );
});

test("what is decided about a file of one layer is decided about the file", () => {
  assert.deepEqual(readAs(found, [{ file: "a.shp", chosen: null }], { crs: "x" }), { crs: "x" });
});

test("of several layers one may go, and the last takes the file with it", () => {
  assert.deepEqual(taken(layered, part("甲"), false), { layers: ["乙, 丙"] });
  assert.deepEqual(taken(found, { file: "a.shp" }, false), { skip: true });
  assert.deepEqual(taken(found, { file: "a.shp" }, true), { skip: false });
});

test("a part is called by its file, and by its layer where that says more", () => {
  assert.equal(nameOf({ file: "a.gpkg", layer: "甲" }), "a.gpkg · 甲");
  assert.equal(nameOf({ file: "a.zip", layer: null, chosen: "乙" }), "a.zip · 乙");
  assert.equal(nameOf({ file: "a.shp", layer: "a" }), "a.shp");
});

test("a column has one field, and a field one column", () => {
  const now = { source_id: "BH" };
  assert.deepEqual(mapped(now, { header: "TBBH", field: null }, "source_id"), {
    source_id: "TBBH",
  });
  assert.deepEqual(mapped(now, { header: "BH", field: "source_id" }, "note_issued"), {
    source_id: "",
    note_issued: "BH",
  });
});

test("a field that is taken from a column is not found again by itself", () => {
  assert.deepEqual(mapped({}, { header: "MJ", field: "area_stated" }, null), { area_stated: "" });
});

test("each state belongs to a step", () => {
  assert.equal(stepOf(undefined), "send");
  assert.equal(stepOf("asking"), "check");
  assert.equal(stepOf("failed"), "check");
  assert.equal(stepOf("ready"), "report");
  assert.equal(stepOf("done"), "keep");
});

test("what was found stays in sight while it is looked for again", () => {
  const before = {
    id: "1",
    state: "ready",
    found: ["look"],
    report: {},
    counts: {},
    questions: [],
  };
  const again = { id: "1", state: "running", found: [], report: null, questions: [], batch: "b" };
  assert.deepEqual(inSight(before, again).found, ["look"]);
  assert.equal(inSight(before, again).batch, "b");
  assert.equal(inSight(before, again).state, "running");
  const other = { ...again, id: "2" };
  assert.equal(inSight(before, other), other);
  const done = { ...again, state: "ready" };
  assert.equal(inSight(before, done), done);
});

test("sizes are told as people tell them", () => {
  assert.equal(sized(512), "512 B");
  assert.equal(sized(10_353), "10 kB");
  assert.equal(sized(3.4 * 2 ** 20), "3.4 MB");
});
