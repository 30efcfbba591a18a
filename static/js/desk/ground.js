import { h } from "../dom.js";
import { createButtons, createReadout, createTooltip } from "../map/controls.js";
import { aim } from "../map/epochs.js";
import { createLayers } from "../map/layers.js";

/* global L */

/**
 * The map of a desk, under what is looked at: our rivers and boundaries and the newest image.
 * @param {{store: any, map: any, tiles: any, fit: () => void}} parts `fit` looks at all there is
 * @returns {{ui: HTMLElement, tip: any, legend: HTMLElement, note: HTMLElement}} what floats on it
 */
export function createGround({ store, map, tiles, fit }) {
  const { t, lang, codebook, layers, scenes } = store.get();
  const ui = h("div", { class: "map-ui" });
  map.getContainer().parentElement.append(ui);
  map.createPane("preview");
  map.createPane("chosen");
  const ground = Object.assign(new L.Evented(), { boxesInView: () => [] });
  const opener = createButtons({ map, ui, t, fit });
  const card = createLayers({ map, ui, opener, plots: ground, t, setOpacity: () => {} });
  card.set(layers, codebook, lang);
  const newest = scenes.findLast((scene) => scene.role === "after");
  aim(tiles.after, newest);
  if (newest) tiles.after.addTo(map);
  createReadout({ map, ui, t });
  const legend = h("ul", {
    class: "map-card map-legend desk-legend",
    "aria-label": t("map.legend"),
    hidden: true,
  });
  const note = h("p", { class: "map-card desk-note", role: "status", hidden: true });
  ui.append(legend, note);
  const panel = map.getContainer().closest(".map");
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(panel);
  return { ui, tip: createTooltip(ui), legend, note };
}
