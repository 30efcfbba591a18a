import { joined, request } from "../api.js";
import { fill, h } from "../dom.js";
import { newId } from "../outboxdb.js";
import { table } from "../people/table.js";
import { figures } from "../texts.js";

const QUERY = { over: "permit_over=true", without: "without_permit=true" };

/** Where a plot is on the map. */
export const onMap = (plot) =>
  `/#b=${encodeURIComponent(plot.batch)}&plot=${encodeURIComponent(plot.source_id)}&f=a`;

/** One step with many plots; what did not go through is told. */
export async function together(plots, action, body) {
  const { items, done } = await request("/api/v1/plots/bulk", {
    method: "POST",
    json: { action, body, plots: plots.map(({ plot_id, version }) => ({ plot_id, version })) },
    headers: { "Idempotency-Key": newId() },
  });
  const refused = items.filter(({ status }) => status !== 201);
  const why = [...new Set(refused.map(({ title, hint }) => joined(title, hint)))];
  return { done, refused: refused.length, why: why.join(" ") };
}

/** A box to tick for each plot, and one for all of them. */
export function ticks(t, plots, chosen, changed) {
  const box = (plot) => {
    const made = h("input", { type: "checkbox", checked: chosen.has(plot.plot_id) });
    made.setAttribute("aria-label", t("board.choose", { plot: plot.source_id }));
    made.addEventListener("change", () => {
      if (made.checked) chosen.add(plot.plot_id);
      else chosen.delete(plot.plot_id);
      changed();
    });
    return made;
  };
  const every = h("input", { type: "checkbox", checked: chosen.size === plots.length });
  every.addEventListener("change", () => {
    for (const { plot_id } of plots) {
      if (every.checked) chosen.add(plot_id);
      else chosen.delete(plot_id);
    }
    changed();
  });
  return { box, all: h("label", { class: "check" }, every, t("board.choose_all")) };
}

/** Plots whose permit has run out, for the city to decide; or works that have none. */
export function createPlots({ t, lang, me, guard, say, place, what }) {
  const number = figures(lang);
  const decides = what === "over" && me.actions.includes("reopen");
  const chosen = new Set();
  let plots = [];
  let matched = 0;

  async function load() {
    const page = await request(`/api/v1/plots?${QUERY[what]}&limit=200&sort=source_id`);
    plots = page.items;
    matched = page.matched;
    chosen.clear();
    show();
  }

  function show() {
    const { box, all } = ticks(t, plots, chosen, show);
    const heads = ["plot", "place", "type", what === "over" ? "why" : "stage", ""];
    const rows = plots.map((plot) => [
      h("a", { href: onMap(plot) }, plot.source_id),
      [plot.county_name, plot.township_name, plot.river].filter(Boolean).join(" · "),
      plot.type_issued ?? "–",
      what === "over" ? plot.reason : t(`stage.${plot.stage}`),
      decides ? box(plot) : "",
    ]);
    const titles = heads.map((head) => head && t(`permits.column.${head}`));
    fill(
      place,
      h("p", { class: "meta" }, t(`permits.${what}.lead`)),
      h(
        "div",
        { class: "bulk" },
        h("b", {}, t("permits.plots", { n: number(matched) })),
        decides && plots.length ? [all, act("reopen"), act("decline")] : null,
        what === "without" && plots.length
          ? h(
              "a",
              { class: "plain", href: "/permits/works.xlsx", download: true },
              t("permits.sheet"),
            )
          : null,
      ),
      rows.length ? table(titles, rows) : h("p", { class: "nothing" }, t(`permits.${what}.none`)),
    );
  }

  const bodies = {
    reopen: () => ({ code: "RO7", text: t("permits.over.reopened") }),
    decline: () => ({ text: t("permits.over.left") }),
  };

  function act(action) {
    const made = h(
      "button",
      { type: "button", class: action === "reopen" ? "primary" : "plain", disabled: !chosen.size },
      t(`permits.over.${action}`, { n: number(chosen.size) }),
    );
    made.addEventListener("click", () =>
      guard(async () => {
        const picked = plots.filter(({ plot_id }) => chosen.has(plot_id));
        const { done, refused, why } = await together(picked, action, bodies[action]());
        await load();
        say([t("permits.done", { n: done, refused }), why].filter(Boolean).join(" "));
      }),
    );
    return made;
  }

  return { load };
}
