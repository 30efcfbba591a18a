import { fill, h } from "../dom.js";
import { recall, remember } from "../prefs.js";
import { createLabels } from "./labels.js";
import { VectorLayer } from "./vectorlayer.js";

const KEPT = "map.layers";

/**
 * Boundary layers on the map and the card that turns them on and off.
 * @param {object} parts
 * @param {any} parts.map
 * @param {HTMLElement} parts.ui
 * @param {any} parts.plots the layer of plots
 * @param {HTMLElement} parts.opener button that opens the card
 * @param {(key: string, facts?: object) => string} parts.t
 * @param {(opacity: number) => void} parts.setOpacity of the imagery
 */
export function createLayers({ map, ui, opener, plots, t, setOpacity }) {
  map.createPane("ground");
  map.createPane("boundary");
  const labels = createLabels(map, plots);
  const chosen = recall(KEPT) ?? {};
  const drawn = new Map();
  let land = null;
  const list = h("ul", {});
  const card = h(
    "section",
    { class: "map-card map-layers", id: "map-layers", "aria-label": t("map.layers"), hidden: true },
    h("h2", {}, t("map.layers")),
    list,
  );
  ui.append(card);
  wire(card, opener);
  const opacity = slider(t, setOpacity);
  card.append(opacity);

  function show(kind, on) {
    const entry = drawn.get(kind);
    if (on) entry.layer.addTo(map);
    else entry.layer.remove();
    labels.source(kind, on ? entry.layer : null);
  }

  /** The counties as land, so that what lies around them steps back. */
  function below(options, look) {
    land?.remove();
    land = new VectorLayer({ ...options, look, pane: "ground", zIndex: 0 }).addTo(map);
  }

  list.addEventListener("change", ({ target }) => {
    chosen[target.value] = target.checked;
    remember(KEPT, chosen);
    show(target.value, target.checked);
  });

  return {
    /**
     * @param {any[]} items layer versions of the server
     * @param {{kinds: Record<string, any>, lines: Record<string, any>}} codebook
     * @param {string} lang
     */
    set(items, { kinds, lines }, lang) {
      for (const { layer } of drawn.values()) layer.remove();
      drawn.clear();
      const order = Object.keys(kinds);
      const current = items.filter((item) => item.current && item.kind in kinds);
      for (const item of current) {
        const kind = kinds[item.kind];
        const layer = new VectorLayer(optionsOf(item, kind, lines, order));
        drawn.set(item.kind, { layer, item });
        if (item.kind === "county") below(optionsOf(item, kind, lines, order), lines.land);
        if (chosen[item.kind] ?? kind.shown) show(item.kind, true);
      }
      const known = order.filter((name) => drawn.has(name)).reverse();
      fill(
        list,
        known.map((name) => row(drawn.get(name).item, kinds[name], lines, lang)),
      );
    },
    /** @param {boolean} any whether there is imagery to see through */
    setImagery: (any) => {
      opacity.hidden = !any;
    },
  };

  function row(item, kind, lines, lang) {
    const on = chosen[item.kind] ?? kind.shown;
    const name = lang === "en" ? kind.en : kind.zh;
    const facts = [item.version, item.kind === "mgmt_area" && `±${item.accuracy_m} m`];
    return h(
      "li",
      {},
      h(
        "label",
        {},
        h("input", { type: "checkbox", value: item.kind, checked: on }),
        swatch(lines[kind.style]),
        h("span", { class: "map-layer-name" }, name),
        h("small", {}, facts.filter(Boolean).join(" · ")),
      ),
    );
  }
}

function optionsOf(item, kind, lines, order) {
  const [west, south, east, north] = item.bbox;
  const band = item.kind === "mgmt_area" ? item.accuracy_m : 0;
  return {
    id: item.id,
    look: lines[kind.style],
    band,
    pane: kind.ground ? "ground" : "boundary",
    zIndex: order.indexOf(item.kind) + 1,
    minZoom: kind.from_zoom,
    bounds: [
      [south, west],
      [north, east],
    ],
  };
}

/** A short piece of the line as the map draws it, on the map's own ground. */
function swatch({ line, width, dash, fill: wash }) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "map-swatch");
  svg.setAttribute("viewBox", "0 0 28 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(ns, "path");
  for (const [name, value] of [
    ["d", wash ? "M2 3h24v10H2z" : "M2 8h24"],
    ["stroke", line],
    ["stroke-width", width],
    ["stroke-dasharray", dash.join(" ")],
    ["fill", wash || "none"],
  ])
    path.setAttribute(name, String(value));
  svg.append(path);
  return svg;
}

function slider(t, setOpacity) {
  const input = h("input", { type: "range", min: 0, max: 100, step: 5, value: 100 });
  input.addEventListener("input", () => setOpacity(Number(input.value) / 100));
  return h("label", { class: "map-opacity", hidden: true }, h("span", {}, t("map.opacity")), input);
}

/** Opens by its button; closes by it, by Escape and by a press outside. */
function wire(card, opener) {
  const show = (on) => {
    card.hidden = !on;
    opener.setAttribute("aria-expanded", String(on));
  };
  opener.addEventListener("click", () => show(card.hidden));
  card.addEventListener("keydown", (event) => {
    if (event.code !== "Escape") return;
    event.stopPropagation();
    show(false);
    opener.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!card.hidden && !card.contains(target) && !opener.contains(target)) show(false);
  });
}
