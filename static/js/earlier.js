import { request } from "./api.js";
import { $, fill, h } from "./dom.js";

/**
 * What a plot was before later deliveries gave it another shape: the outlines that differ from the
 * one after them, each with the day until which it held. Pure.
 * @param {any[]} items shapes of the plot, oldest first @param {any[]} events its history
 */
export function earlierShapes(items, events) {
  const days = new Map(events.map((event) => [event.seq, event.recorded_at.slice(0, 10)]));
  return items
    .slice(0, -1)
    .map(({ until_seq, geometry }, n) => ({
      ...{ until: days.get(until_seq) ?? "", geometry },
      same: JSON.stringify(geometry) === JSON.stringify(items[n + 1].geometry),
    }))
    .filter(({ same, geometry }) => !same && geometry);
}

/** A switch for each earlier outline of the chosen plot; the map draws those that are on. */
export function createEarlier({ store }) {
  const { t } = store.get();

  async function find({ panel }) {
    const known = store.get().earlier;
    const revised = panel?.history.some(({ action }) => action === "revise");
    if (!revised) {
      if (known) store.set({ earlier: null });
      return;
    }
    const { plot_id, version } = panel.plot;
    if (known?.plot_id === plot_id && known.version === version) return;
    store.set({ earlier: null });
    const address = `/api/v1/plots/${encodeURIComponent(plot_id)}/shapes`;
    const { items } = await request(address).catch(() => ({ items: [] }));
    if (store.get().panel?.plot.plot_id !== plot_id) return;
    const shapes = earlierShapes(items, panel.history);
    store.set({ earlier: { plot_id, version, shapes, on: new Set() } });
  }

  function show({ earlier }) {
    $("p-earlier").hidden = !earlier?.shapes.length;
    if (!earlier) return;
    fill(
      $("p-earlier-list"),
      ...earlier.shapes.map(({ until }, n) =>
        h(
          "li",
          {},
          h(
            "label",
            {},
            h("input", { type: "checkbox", value: n, checked: earlier.on.has(n) }),
            h("i", { class: `earlier-line line-${n % 3}`, "aria-hidden": "true" }),
            t("ui.earlier.until", { day: until }),
          ),
        ),
      ),
    );
  }

  $("p-earlier-list").addEventListener("change", ({ target }) => {
    const { earlier } = store.get();
    const on = new Set(earlier.on);
    if (target.checked) on.add(Number(target.value));
    else on.delete(Number(target.value));
    store.set({ earlier: { ...earlier, on } });
    $("p-earlier-list").querySelector(`input[value="${target.value}"]`)?.focus();
  });
  store.subscribe(["panel"], find);
  store.subscribe(["earlier"], show);
}
