import assert from "node:assert/strict";
import { test } from "node:test";
import {
  firstStage,
  offered,
  PHASES,
  queryOf,
  readWish,
  waiting,
  writeWish,
} from "../../static/js/board/model.js";

const STAGES = [
  { stage: "imported", holders: ["city"] },
  { stage: "at_county", holders: ["county"] },
  { stage: "city_check", holders: ["city"] },
  { stage: "closed", holders: [] },
];
const field = (name, kind, needed = false) => ({ name, kind, needed });
const CODEBOOK = {
  actions: {
    mark: [field("mark", "choice"), field("reason", "choice"), field("severity", "choice")],
    accept_negative: [field("determination", "choice", true), field("point", "point")],
    query_boundary: [field("point", "point", true)],
    claim: [],
    extend: [field("date", "date", true)],
  },
  steps: {
    extend: { bulk: true, moves: false, offered: { city: ["city_check"] } },
    mark: { bulk: true, moves: true, offered: { county: ["at_county"] } },
    accept_negative: { bulk: true, moves: true, offered: { city: ["city_check"] } },
    query_boundary: { bulk: false, moves: true, offered: { city: ["city_check"] } },
    claim: { bulk: true, moves: true, offered: { county: ["at_county"] } },
  },
};

test("an address says again what was said", () => {
  const said = { b: "2023 批次 & 合成", s: "city_check", county: "511921", late: "1", q: "巴河" };
  assert.deepEqual(readWish(writeWish({ ...said, mark: "" })), said);
  assert.deepEqual(readWish("#plot=x&evil=1"), {});
});

test("a list is asked for by what is wished and no more", () => {
  const query = new URLSearchParams(
    queryOf({ b: "2023", s: "imported", late: "1" }, { limit: 200, cursor: "next" }),
  );
  assert.deepEqual(Object.fromEntries(query), {
    batch: "2023",
    stage: "imported",
    sort: "due_on",
    overdue: "true",
    limit: "200",
    cursor: "next",
  });
});

test("steps of one's roles in the stage are offered, none that needs the map, moves first", () => {
  const names = (roles, stage) => offered(CODEBOOK, roles, stage).map(({ action }) => action);
  assert.deepEqual(names(["city"], "city_check"), ["accept_negative", "extend"]);
  assert.deepEqual(names(["county"], "city_check"), []);
  assert.deepEqual(names(["auditor", "county"], "at_county"), ["mark", "claim"]);
});

test("of a step's fields those are asked that can be typed for many", () => {
  const asked = (stage, roles) => offered(CODEBOOK, roles, stage)[0].fields.map(({ name }) => name);
  assert.deepEqual(asked("city_check", ["city"]), ["determination"]);
  assert.deepEqual(asked("at_county", ["county"]), ["mark", "reason"]);
});

test("one begins where most waits for oneself, else where most lies", () => {
  const counts = { imported: { n: 2 }, at_county: { n: 9 }, city_check: { n: 5 } };
  assert.deepEqual(waiting(STAGES, ["city"]), ["imported", "city_check"]);
  assert.equal(firstStage(STAGES, counts, ["imported", "city_check"]), "city_check");
  assert.equal(firstStage(STAGES, counts, []), "at_county");
  assert.equal(firstStage(STAGES, {}, []), "imported");
});

test("a stage has one place on the desk", () => {
  const all = Object.values(PHASES).flat();
  assert.equal(new Set(all).size, all.length);
});
