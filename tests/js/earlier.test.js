import assert from "node:assert/strict";
import { test } from "node:test";
import { earlierShapes } from "../../static/js/earlier.js";

const at = (x) => ({ type: "Point", coordinates: [x, 31] });
const event = (seq, day) => ({ seq, recorded_at: `${day}T08:00:00+08:00` });

test("only outlines that were replaced by another one are earlier ones", () => {
  const items = [
    { until_seq: 4, geometry: at(1) },
    { until_seq: 6, geometry: at(2) },
    { until_seq: 9, geometry: at(2) },
    { until_seq: null, geometry: at(3) },
  ];
  const events = [event(4, "2023-05-01"), event(6, "2023-06-01"), event(9, "2023-07-01")];
  assert.deepEqual(
    earlierShapes(items, events).map(({ until, geometry }) => [until, geometry.coordinates[0]]),
    [
      ["2023-05-01", 1],
      ["2023-07-01", 2],
    ],
  );
  assert.deepEqual(earlierShapes([{ until_seq: null, geometry: at(1) }], []), []);
});
