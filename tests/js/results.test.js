import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlace, writePlace } from "../../static/js/results/address.js";

test("an empty address is the newest batch and the first tab one may open", () => {
  assert.deepEqual(readPlace("", "2023", "in"), { tab: "in", batch: "2023", list: "" });
  assert.deepEqual(readPlace("#tab=nothing", "2023", "up").tab, "up");
});

test("what is written is read again", () => {
  const place = { tab: "up", batch: "2023 批次/补", list: "" };
  assert.deepEqual(readPlace(`#${writePlace(place)}`, "other", "in"), place);
  const open = { tab: "in", batch: "b", list: "a1" };
  assert.deepEqual(readPlace(`#${writePlace(open)}`, "other", "up"), open);
});
