import { h, icon } from "../dom.js";
import { createSwipe } from "./swipe.js";

/** @typedef {"before" | "after" | "swipe"} Mode */

/** How near a tile of imagery is worth keeping both epochs loaded. */
const BOTH_FROM_ZOOM = 13;

/**
 * Imagery of two epochs: the bar that chooses between them, the line between them, their opacity.
 * @param {object} parts
 * @param {any} parts.map
 * @param {{before: any, after: any}} parts.tiles Folium's tile layers
 * @param {HTMLElement} parts.ui
 * @param {(key: string, facts?: object) => string} parts.t
 */
export function createEpochs({ map, tiles, ui, t }) {
  const panes = { before: map.createPane("before"), after: map.getPane("tilePane") };
  tiles.before.options.pane = "before";
  const swipe = createSwipe({ map, ui, pane: panes.before, t });
  /** @type {Mode} */
  let mode = "after";
  let held = false;
  let scenes = { before: null, after: null };

  const button = (value, label) =>
    h("button", { type: "button", "data-epoch": value, "aria-pressed": "false" }, label);
  const both = button("swipe", [icon("i-swipe"), h("span", {}, t("map.swipe"))]);
  const single = { before: button("before", ""), after: button("after", "") };
  const bar = h(
    "div",
    { class: "map-card map-epochs", role: "group", "aria-label": t("map.epochs"), hidden: true },
    both,
    h("span", { class: "map-rule" }),
    single.before,
    single.after,
  );
  ui.append(bar);
  bar.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-epoch]")?.dataset.epoch;
    if (chosen) set(chosen === mode && mode === "swipe" ? "after" : chosen);
  });
  map.on("zoomend", load);

  function set(to) {
    mode = to;
    draw();
  }

  function draw() {
    const seen = held ? "before" : mode;
    for (const control of [both, single.before, single.after])
      control.setAttribute("aria-pressed", String(control.dataset.epoch === seen));
    panes.before.classList.toggle("is-away", seen === "after");
    panes.after.classList.toggle("is-away", seen === "before" && scenes.before !== null);
    swipe.show(seen === "swipe");
    load();
  }

  /** The epoch not seen is loaded too where plots are looked at, so that turning waits for nothing. */
  function load() {
    const near = map.getZoom() >= BOTH_FROM_ZOOM;
    for (const epoch of ["before", "after"]) {
      const wanted = scenes[epoch] && (near || mode !== (epoch === "before" ? "after" : "before"));
      if (wanted && !map.hasLayer(tiles[epoch])) tiles[epoch].addTo(map);
      if (!wanted && map.hasLayer(tiles[epoch])) tiles[epoch].remove();
    }
  }

  return {
    /** @param {any[]} items scenes of the server, oldest first */
    setScenes(items) {
      const newest = (role) => items.findLast((scene) => scene.role === role) ?? null;
      scenes = { before: newest("before"), after: newest("after") };
      for (const epoch of ["before", "after"]) aim(tiles[epoch], scenes[epoch]);
      single.before.textContent = scenes.before?.date ?? "";
      single.after.textContent = scenes.after?.date ?? "";
      single.before.hidden = !scenes.before;
      both.hidden = !(scenes.before && scenes.after);
      bar.hidden = !(scenes.before && scenes.after);
      const name = (epoch) => t(`map.epoch.${epoch}`, { date: scenes[epoch]?.date ?? "" });
      swipe.caption(name("before"), name("after"));
      if (bar.hidden && mode === "swipe") mode = "after";
      draw();
    },
    toggleSwipe: () => !bar.hidden && set(mode === "swipe" ? "after" : "swipe"),
    /** @param {boolean} on while a key is held */
    showBefore(on) {
      if (bar.hidden || held === on) return;
      held = on;
      draw();
    },
    /** @param {number} opacity 0 to 1 */
    setOpacity(opacity) {
      for (const epoch of ["before", "after"]) tiles[epoch].setOpacity(opacity);
    },
    /** What is shown, for the line of sources. */
    sources: () => [scenes.before, scenes.after].filter(Boolean),
  };
}

/** Ask a layer only for tiles its scene has, and enlarge the finest ones beyond them. */
export function aim(layer, scene) {
  if (!scene) return;
  const [west, south, east, north] = scene.info.bbox;
  layer.options.bounds = L.latLngBounds([south, west], [north, east]);
  layer.options.maxNativeZoom = scene.info.zoom;
}
