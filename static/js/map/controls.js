import { h, icon } from "../dom.js";
import { decimal, sexagesimal } from "./coords.js";

/**
 * Buttons at the top right: nearer, further, everything, layers.
 * @param {object} parts
 * @param {any} parts.map
 * @param {HTMLElement} parts.ui
 * @param {(key: string) => string} parts.t
 * @param {() => void} parts.fit
 * @returns {HTMLButtonElement} the button that opens the card of layers
 */
export function createButtons({ map, ui, t, fit }) {
  const button = (name, what, more = {}) => {
    const made = h(
      "button",
      { type: "button", title: t(`map.${name}`), "aria-label": t(`map.${name}`), ...more },
      icon(`i-${name}`),
    );
    made.addEventListener("click", what);
    return made;
  };
  const nearer = button("plus", () => map.zoomIn());
  const further = button("minus", () => map.zoomOut());
  const layers = button("layers", () => {}, {
    "aria-expanded": "false",
    "aria-controls": "map-layers",
  });
  const ends = () => {
    nearer.disabled = map.getZoom() >= map.getMaxZoom();
    further.disabled = map.getZoom() <= map.getMinZoom();
  };
  map.on("zoomend", ends);
  ends();
  ui.append(
    h("div", { class: "map-card map-buttons" }, nearer, further, button("fit", fit), layers),
  );
  return layers;
}

/**
 * Scale, coordinates under the pointer (a click turns to degrees, minutes and seconds) and sources.
 * @param {{map: any, ui: HTMLElement, t: (key: string, facts?: object) => string}} parts
 */
export function createReadout({ map, ui, t }) {
  L.control.scale({ imperial: false, maxWidth: 96 }).addTo(map);
  map.attributionControl.remove();
  const where = h("button", { type: "button", class: "map-where", title: t("map.where") });
  const sources = h("span", { class: "map-sources" });
  ui.append(where, sources);
  let written = decimal;
  let last = map.getCenter();
  const write = () => {
    const { lng, lat } = last.wrap();
    where.textContent = `${written(lng, lat)} · CGCS2000`;
  };
  map.on("mousemove", ({ latlng }) => {
    last = latlng;
    write();
  });
  map.on("moveend", () => {
    last = map.getCenter();
    write();
  });
  where.addEventListener("click", () => {
    written = written === decimal ? sexagesimal : decimal;
    write();
  });
  write();
  return {
    /** @param {string} text */
    setSources(text) {
      sources.textContent = text;
      sources.hidden = !text;
    },
  };
}

/**
 * The number of the plot under the pointer.
 * @param {HTMLElement} ui
 */
export function createTooltip(ui) {
  const tip = h("div", { class: "map-tip", hidden: true, "aria-hidden": "true" });
  ui.append(tip);
  return {
    hide: () => {
      tip.hidden = true;
    },
    /** @param {{x: number, y: number}} at @param {string} text */
    show({ x, y }, text) {
      tip.textContent = text;
      tip.hidden = false;
      tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, calc(-100% - 14px))`;
    },
  };
}
