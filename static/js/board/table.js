import { $, fill, h, symbol } from "../dom.js";
import { figures, listed, named } from "../texts.js";

/** The plots of a stage, to choose from. */
export function createTable({ store, actions }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  const styles = Object.fromEntries(codebook.marks.map((style) => [style.mark, style]));
  const codes = Object.fromEntries(
    [...codebook.reasons, ...codebook.violations].map((row) => [row.code, row]),
  );

  const pill = (plot) =>
    h(
      "span",
      { class: `pill pill-${plot.mark}` },
      symbol(styles[plot.mark]),
      t(`ui.mark.${plot.mark}`),
    );

  function why(plot) {
    const row = codes[plot.reason ?? plot.violation];
    return row ? `${row.code} ${named(row, lang)}` : "–";
  }

  function due(plot) {
    if (!plot.due_on) return "–";
    const late = plot.overdue_days > 0;
    return [
      h("span", {}, plot.due_on),
      late ? h("em", {}, t("board.days_late", { n: number(plot.overdue_days) })) : null,
    ];
  }

  function row(plot, chosen) {
    const at = `/#b=${encodeURIComponent(plot.batch)}&plot=${encodeURIComponent(plot.source_id)}`;
    const cell = (key, ...what) => h("td", { "data-name": t(`board.column.${key}`) }, ...what);
    const tick = h("input", { type: "checkbox", checked: chosen, "data-plot": plot.plot_id });
    return h(
      "tr",
      { class: chosen ? "is-chosen" : null },
      h(
        "td",
        {},
        h(
          "label",
          {},
          tick,
          h("span", { class: "vh" }, t("board.choose", { plot: plot.source_id })),
        ),
      ),
      h("th", { scope: "row" }, h("a", { href: at }, plot.source_id)),
      cell("mark", pill(plot), plot.conflicts ? h("em", {}, t("ui.row.conflict")) : null),
      cell("why", why(plot)),
      cell(
        "place",
        listed([plot.county_name, plot.township_name].filter(Boolean), lang) || t("ui.no_county"),
      ),
      cell("river", plot.river ?? "–"),
      cell("area", plot.area_m2 === null ? t("ui.point") : `${number(plot.area_m2)} m²`),
      cell("due", ...[due(plot)].flat()),
      cell("assignee", plot.assignee ?? "–"),
    );
  }

  function show() {
    const { plots, matched, chosen, wish, busy } = store.get();
    $("list").setAttribute("aria-busy", String(busy));
    $("title").textContent = t(`stage.${wish.s}`);
    $("matched").textContent = matched === null ? "" : t("board.matched", { n: number(matched) });
    fill($("rows"), ...plots.map((plot) => row(plot, chosen.has(plot.plot_id))));
    $("none").hidden = busy || plots.length > 0;
    $("more").hidden = matched === null || plots.length >= matched;
    $("more").textContent = t("board.more", { n: number(matched - plots.length) });
    const all = $("all");
    all.checked = plots.length > 0 && plots.every((plot) => chosen.has(plot.plot_id));
    all.indeterminate = !all.checked && chosen.size > 0;
    all.disabled = plots.length === 0;
  }

  $("rows").addEventListener("change", ({ target }) => {
    if (target.dataset.plot) actions.choose([target.dataset.plot], target.checked);
  });
  $("all").addEventListener("change", ({ target }) =>
    actions.choose(
      store.get().plots.map((plot) => plot.plot_id),
      target.checked,
    ),
  );
  store.subscribe(["plots", "matched", "chosen", "wish", "busy"], show);
  show();
}
