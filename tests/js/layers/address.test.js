import assert from "node:assert/strict";
import { test } from "node:test";
import { address, readAddress, workbench } from "../../../static/js/layers/address.js";

test("an address says what it was made of", () => {
  for (const what of [{}, { draft: "j 1" }, { layer: "mgmt_area-1", against: "mgmt_area-0" }])
    assert.deepEqual(readAddress(address(what)), what);
  assert.deepEqual(readAddress("#other=1&layer="), {});
  assert.equal(address({ layer: "a", against: null }), "#layer=a");
});

test("the workbench is asked for a plot by batch and number", () => {
  const said = new URLSearchParams(workbench({ batch: "2023 批", source_id: "A&1" }).slice(2));
  assert.deepEqual(Object.fromEntries(said), { b: "2023 批", f: "a", plot: "A&1" });
});
