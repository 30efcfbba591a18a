import { h } from "../dom.js";

/**
 * A table that becomes a list of cards on a phone: each cell knows what its column is called.
 * @param {string[]} heads @param {any[][]} rows cells: texts or elements
 */
export function table(heads, rows) {
  const cell = (value, n) =>
    h(n ? "td" : "th", { "data-head": heads[n], scope: n ? null : "row" }, value);
  return h(
    "table",
    { class: "people" },
    h(
      "thead",
      {},
      h("tr", {}, ...heads.map((head) => (head ? h("th", { scope: "col" }, head) : h("td")))),
    ),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map(cell)))),
  );
}
