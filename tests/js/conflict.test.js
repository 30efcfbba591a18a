import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "../../static/js/conflict.js";

const plot = {
  mark: "confirmed",
  reason: null,
  note: "弃渣",
  area_m2: 600,
  area_measured_m2: "88",
  course: { percent: 40 },
};

test("only what a record says otherwise is shown beside the plot", () => {
  const said = { mark: "confirmed", reason: "FP31", area_m2: "88", percent: 60, evidence: ["e"] };
  assert.deepEqual(differences(said, plot), [
    { name: "reason", mine: "FP31", theirs: null },
    { name: "percent", mine: 60, theirs: 40 },
  ]);
});
