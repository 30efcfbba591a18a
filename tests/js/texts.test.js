import assert from "node:assert/strict";
import { test } from "node:test";
import { figures, moment, named, translator } from "../../static/js/texts.js";

test("facts are filled in, and what is not there shows itself", () => {
  const t = translator({ "ui.at": "第 {n} 个,共 {all} 个", "ui.plain": "没有" });
  assert.equal(t("ui.at", { n: 1, all: 733 }), "第 1 个,共 733 个");
  assert.equal(t("ui.at", { n: 0 }), "第 0 个,共 {all} 个");
  assert.equal(t("ui.plain"), "没有");
  assert.equal(t("ui.unknown"), "ui.unknown");
});

test("a fact is text, not a pattern", () => {
  assert.equal(translator({ a: "{x}" })("a", { x: "$& {y}" }), "$& {y}");
});

test("numbers are grouped, nothing is a dash, zero is zero", () => {
  const number = figures("zh-CN");
  assert.equal(number(10400.4), "10,400");
  assert.equal(number(-20.25, 1), "-20.3");
  assert.deepEqual([number(null), number(undefined), number(0)], ["–", "–", "0"]);
});

test("names and instants are read in the language and zone they come in", () => {
  const row = {
    zh: "桥梁(已许可)",
    en: "bridge with permit",
    short_zh: "桥梁",
    short_en: "Bridge",
  };
  assert.equal(named(row, "zh-CN"), "桥梁(已许可)");
  assert.equal(named(row, "en", "short_"), "Bridge");
  assert.equal(named(row, "en"), "Bridge with permit");
  assert.equal(moment("2023-04-12T09:30:00+08:00"), "2023-04-12 09:30");
});
