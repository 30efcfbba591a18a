import assert from "node:assert/strict";
import { test } from "node:test";
import {
  entered,
  foreseen,
  laidAside,
  outcome,
  pause,
  prefers,
  resolved,
  retried,
  settled,
  tally,
  toSend,
  unsettled,
} from "../../static/js/outbox.js";

const deed = (id, plot = "p1", more = {}) => ({
  seq: Number(id.slice(1)),
  id,
  user: "wang",
  plot,
  action: "mark",
  body: { mark: "false_positive" },
  base: 3,
  after: null,
  state: "queued",
  ...more,
});

test("a second record for a plot stands on the first one's version", () => {
  const first = entered([], deed("e1"));
  const second = entered([first], deed("e2"));
  assert.equal(first.after, null);
  assert.equal(second.after, "e1");
  const [left] = settled([first, second], "e1", 4);
  assert.deepEqual([left.id, left.base, left.after], ["e2", 4, null]);
});

test("records go in order, and only under the person who made them", () => {
  const entries = [deed("e1", "p1", { user: "li" }), deed("e2", "p2"), deed("e3", "p3")];
  assert.equal(toSend(entries, "wang").id, "e2");
  assert.equal(toSend(entries, "li").id, "e1");
  assert.equal(toSend(entries, "zhao"), null);
});

test("a plot that waits for a decision holds back its own records, no others", () => {
  const entries = [deed("e1", "p1", { state: "conflict" }), deed("e2", "p1"), deed("e3", "p2")];
  assert.equal(toSend(entries, "wang").id, "e3");
  assert.equal(toSend(entries.slice(0, 2), "wang"), null);
});

test("an answer is kept, shown, given back or tried again", () => {
  const said = { 201: "done", 200: "done", 412: "conflict", 401: "sign-in", 409: "rejected" };
  Object.assign(said, { 403: "rejected", 404: "rejected", 422: "rejected", 428: "rejected" });
  Object.assign(said, { 0: "retry", 408: "retry", 429: "retry", 500: "retry", 503: "retry" });
  for (const [status, how] of Object.entries(said)) assert.equal(outcome(Number(status)), how);
});

test("keeping theirs drops mine; sending mine again is a new record on their version", () => {
  const torn = deed("e1", "p1", { state: "conflict", theirs: { version: 7 } });
  const entries = [torn, deed("e2", "p1", { after: "e1" }), deed("e3", "p2")];
  const theirs = resolved(entries, "p1", "theirs", () => "new");
  assert.deepEqual(
    theirs.map((entry) => entry.id),
    ["e3"],
  );
  const [mine, next] = resolved(entries, "p1", "mine", () => "new");
  assert.deepEqual([mine.id, mine.base, mine.state, mine.body], ["new", 7, "queued", torn.body]);
  assert.equal(next.after, "new");
});

test("what could not be sent at once asks to be kept, and so does what was done on top of it", () => {
  const late = entered([], deed("e1", "p1", { late: true }));
  const onTop = entered([late], deed("e2"));
  assert.deepEqual(prefers(onTop), { Prefer: "conflict=keep" });
  assert.deepEqual(prefers(entered([], deed("e1"))), {});
});

test("a record that lies beside its plot stays until it is settled there, and holds back nothing", () => {
  assert.equal(outcome(201, { conflict: true }), "aside");
  const entries = [deed("e1"), deed("e2", "p1", { after: "e1" })];
  const plot = { plot_id: "p1", version: 7, aside: [{ seq: 9 }] };
  const [kept, next] = laidAside(entries, "e1", { event: { seq: 9 }, plot });
  assert.deepEqual([kept.state, kept.receipt.seq], ["aside", 9]);
  assert.deepEqual([next.after, next.base, next.late], [null, 3, true]);
  assert.equal(toSend([kept, next], "wang").id, "e2");
  assert.equal(tally([kept], "wang").conflict, 1);
  assert.equal(unsettled([kept], plot).length, 1);
  assert.deepEqual(unsettled([kept], { ...plot, aside: [] }), []);
  assert.equal(unsettled([kept], { plot_id: "p2", aside: [] }).length, 1);
  const again = deed("e3", "p1", { state: "conflict" });
  assert.deepEqual(resolved([kept, again], "p1", "theirs"), [kept]);
});

test("of a plot that has left there is a receipt", () => {
  const [left] = laidAside([deed("e1")], "e1", { event: { seq: 9 } });
  assert.deepEqual([left.state, left.receipt.seq], ["left", 9]);
});

test("the pause grows from 2 seconds to 2 minutes", () => {
  assert.deepEqual([1, 2, 3, 20].map(pause), [2000, 4000, 8000, 120000]);
});

test("the chip counts one's own and names what others left", () => {
  const entries = [
    deed("e1"),
    deed("e2", "p2", { state: "conflict" }),
    deed("e3", "p3", { state: "rejected" }),
    deed("e4", "p4", { user: "li" }),
  ];
  assert.deepEqual(tally(entries, "wang"), { queued: 1, conflict: 1, rejected: 1, others: 1 });
});

const plot = {
  plot_id: "p1",
  mark: "pending",
  mark_state: "draft",
  suggestion: "FP31",
  reason: null,
  violation: null,
  area_m2: 612,
};

test("a plot is painted as its waiting records will leave it", () => {
  const marked = foreseen(plot, [deed("e1")]);
  assert.deepEqual([marked.mark, marked.reason, marked.waiting], ["false_positive", "FP31", true]);
  const submitted = foreseen(plot, [deed("e1"), deed("e2", "p1", { action: "submit", body: {} })]);
  assert.equal(submitted.mark_state, "submitted");
  assert.equal(foreseen(plot, [deed("e1", "p2")]), plot);
  assert.equal(foreseen(plot, [deed("e1", "p1", { state: "conflict" })]), plot);
});

test("a changed mind drops what belonged to the other mark, and no measure is mistaken", () => {
  const body = { mark: "confirmed", area_m2: "88" };
  const seen = foreseen({ ...plot, mark: "false_positive", reason: "FP21" }, [
    deed("e1", "p1", { body }),
  ]);
  assert.deepEqual([seen.reason, seen.violation], [null, "PR90"]);
  assert.deepEqual([seen.area_m2, seen.area_measured_m2], [612, "88"]);
});

test("a suspected problem suggests no reason against it", () => {
  const seen = foreseen({ ...plot, suggestion: "PR42" }, [deed("e1")]);
  assert.equal(seen.reason, "FP99");
});

test("an undo brings back what was there", () => {
  const undo = deed("e2", "p1", { action: "undo_mark", body: {}, paint: { mark: "pending" } });
  assert.equal(foreseen(plot, [deed("e1"), undo]).mark, "pending");
});

test("a record that was refused for the moment goes again under a new key", () => {
  const refused = deed("e1", "p1", { state: "rejected", problem: { code: "plot_locked" } });
  const entries = retried([refused, deed("e2", "p1", { after: "e1" })], "e1", () => "e9");
  assert.deepEqual(
    entries.map(({ id, state, after }) => [id, state, after]),
    [
      ["e9", "queued", null],
      ["e2", "queued", "e9"],
    ],
  );
  assert.equal(toSend(entries, "wang").id, "e9");
});
