import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf } from "../../static/js/keys.js";

const press = (code, now = {}, event = {}) => commandOf({ type: "keydown", code, ...event }, now);

test("letters are read by their place, so a Chinese input method does not matter", () => {
  assert.deepEqual(press("KeyF", {}, { key: "Process" }), { do: "mark", arg: "false_positive" });
  assert.deepEqual(press("KeyC"), { do: "mark", arg: "confirmed" });
  assert.deepEqual(press("KeyR"), { do: "mark", arg: "rectified" });
});

test("every key of the review has its command", () => {
  const keys = {
    KeyU: "undo",
    KeyN: "next",
    KeyP: "previous",
    KeyS: "skip",
    KeyL: "later",
    KeyB: "swipe",
    KeyZ: "fit",
    BracketLeft: "epoch",
    BracketRight: "epoch",
    Slash: "search",
    Enter: "submit",
    Escape: "clear",
  };
  for (const [code, name] of Object.entries(keys)) assert.equal(press(code)?.do, name, code);
  assert.equal(press("Slash", {}, { shiftKey: true })?.do, "help");
});

test("a digit is a reason, a class or a code, by what the plot is", () => {
  assert.deepEqual(press("Digit3"), { do: "reason", arg: "3" });
  assert.deepEqual(press("Numpad3", { digits: "class" }), { do: "class", arg: "3" });
  assert.deepEqual(press("Digit9", { digits: "code" }), { do: "code", arg: "9" });
  assert.equal(press("Digit0"), null);
});

test("held Space shows before, its release ends it wherever the focus went", () => {
  assert.deepEqual(press("Space"), { do: "hold", arg: "on" });
  assert.deepEqual(commandOf({ type: "keyup", code: "Space" }, { typing: true }), {
    do: "hold",
    arg: "off",
  });
});

test("typing, composing, dialogs and the browser's own keys are left alone", () => {
  assert.equal(press("KeyF", { typing: true }), null);
  assert.deepEqual(press("Escape", { typing: true }), { do: "leave" });
  assert.equal(press("KeyF", {}, { isComposing: true }), null);
  assert.equal(press("KeyF", { dialog: true }), null);
  for (const held of ["ctrlKey", "metaKey", "altKey"])
    assert.equal(press("KeyF", {}, { [held]: true }), null);
});

test("Enter and Space belong to a control that has the focus", () => {
  assert.equal(press("Enter", { control: true }), null);
  assert.equal(press("Space", { control: true }), null);
});

test("a key held down marks once, and capital letters mark nothing", () => {
  assert.equal(press("KeyF", {}, { repeat: true }), null);
  assert.equal(press("KeyF", {}, { shiftKey: true }), null);
});

test("single keys can be turned off; Enter and Escape stay", () => {
  assert.equal(press("KeyF", { on: false }), null);
  assert.equal(press("Digit1", { on: false }), null);
  assert.equal(press("Enter", { on: false })?.do, "submit");
  assert.equal(press("Escape", { on: false })?.do, "clear");
});
