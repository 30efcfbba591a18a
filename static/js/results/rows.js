import { request } from "../api.js";
import { fill, h } from "../dom.js";
import { table } from "../people/table.js";
import { named } from "../texts.js";

/** What becomes of each row of a list. */
export function createRows({ t, lang, codebook, place: where }) {
  const place = h("section", { class: "rows-of", "aria-label": t("results.rows") });
  const codes = new Map(
    [...codebook.reasons, ...codebook.violations].map((row) => [row.code, row]),
  );
  let shown = { id: "", outcome: "", items: [], next: null };

  async function load(id, outcome) {
    shown = { id, outcome, items: [], next: "0" };
    await more();
  }

  async function more() {
    const asked = new URLSearchParams({ cursor: shown.next ?? "0" });
    if (shown.outcome) asked.set("outcome", shown.outcome);
    const { items, next } = await request(`/api/v1/results/${shown.id}/rows?${asked}`);
    shown = { ...shown, items: [...shown.items, ...items], next };
    draw();
  }

  function draw() {
    const heads = ["row", "plot", "outcome", "says", "why"].map((name) =>
      t(`results.column.${name}`),
    );
    fill(
      place,
      shown.items.length
        ? table(heads, shown.items.map(told))
        : h("p", { class: "nothing" }, t("results.no_rows")),
      shown.next
        ? h("button", { type: "button", class: "plain", "data-do": "more" }, t("results.more"))
        : null,
    );
  }

  const told = (row) => [
    String(row.row),
    row.version === null || row.outcome === "not_found" ? (row.source_id ?? "–") : link(row),
    h("span", { class: "pill", "data-outcome": row.outcome }, row.name),
    says(row.body),
    row.why ? h("span", { title: row.why.hint }, row.why.title) : "",
  ];

  const link = ({ plot_id: plot, source_id: number }) =>
    h("a", { href: `/#${new URLSearchParams({ b: where().batch, plot })}` }, number);

  function says({ mark, reason, violation }) {
    if (!mark) return "–";
    const code = codes.get(reason ?? violation);
    return [t(`ui.mark.${mark}`), code ? `${code.code} ${named(code, lang)}` : null]
      .filter(Boolean)
      .join(" · ");
  }

  return { place, load, more };
}
