import { h } from "../dom.js";

/* global L */

const PANE = "cutting";
const LINE = [
  { color: "#ffffff", weight: 6 },
  { color: "#b42318", weight: 2.5, dashArray: "8 4" },
];
/** Fill, dash: parts differ by number and dash too, never by colour alone. */
const LOOKS = [
  ["#00e5ff", ""],
  ["#f2b01e", "6 4"],
  ["#d81b60", "2 4"],
  ["#1463d9", "10 4 2 4"],
];

/**
 * Draws a cutting line over a plot, by pressing on the map or from the keyboard, and shows parts.
 * Keys: arrows move the map under the cross, Enter sets a point there, Backspace takes one back,
 * Escape ends it.
 * @param {{map: any, ui: HTMLElement, t: (key: string, facts?: object) => string}} parts
 */
export function createCutter({ map, ui, t }) {
  map.createPane(PANE);
  const drawn = L.layerGroup().addTo(map);
  let points = [];
  let lead = null;
  let ended = null;

  const button = (key, act, kind = "plain") => {
    const made = h("button", { type: "button", class: kind }, t(key));
    made.addEventListener("click", act);
    return made;
  };
  const finish = button("ui.cut.finish", () => end(points), "primary");
  const back = button("ui.cut.back", () => take());
  const cross = h("i", { class: "map-cross", "aria-hidden": "true", hidden: true });
  const card = h(
    "div",
    { class: "map-card map-cut", role: "group", "aria-label": t("ui.cut.draw"), hidden: true },
    h("p", {}, t("ui.cut.how")),
    h(
      "div",
      {},
      back,
      button("ui.cut.cancel", () => end(null)),
      finish,
    ),
  );
  ui.append(card, cross);

  function paint() {
    drawn.clearLayers();
    const line = lead ? [...points, lead] : points;
    for (const style of LINE) L.polyline(line, { pane: PANE, ...style }).addTo(drawn);
    for (const at of points)
      L.circleMarker(at, {
        pane: PANE,
        radius: 5,
        color: "#ffffff",
        fillColor: "#b42318",
        fillOpacity: 1,
      }).addTo(drawn);
    back.disabled = points.length === 0;
    finish.disabled = points.length < 2;
  }

  function set(latlng) {
    points = [...points, latlng];
    lead = null;
    paint();
  }

  function take() {
    points = points.slice(0, -1);
    paint();
  }

  const onClick = ({ latlng }) => set(latlng);
  function onMove({ latlng }) {
    lead = points.length ? latlng : null;
    paint();
  }

  function onKey(event) {
    if (event.target.closest?.("button, textarea, input")) return;
    const act = {
      Enter: () => set(map.getCenter()),
      Backspace: take,
      Escape: () => end(null),
    }[event.key];
    // Letters and digits mean marks elsewhere on the page, and nothing here.
    if (/^[\w ]$/.test(event.key)) event.stopImmediatePropagation();
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  function end(line) {
    const tell = ended;
    ended = null;
    lead = null;
    card.hidden = cross.hidden = true;
    map.getContainer().classList.remove("is-cutting");
    map.off("click", onClick).off("mousemove", onMove);
    map.doubleClickZoom.enable();
    removeEventListener("keydown", onKey, true);
    if (!line) drawn.clearLayers();
    tell?.(line?.map(({ lng, lat }) => [lng, lat]));
  }

  return {
    active: () => ended !== null,
    /** @returns {Promise<number[][] | null>} the line, or null when it was given up */
    draw() {
      if (ended) end(null);
      points = [];
      paint();
      card.hidden = cross.hidden = false;
      map.getContainer().classList.add("is-cutting");
      map.on("click", onClick).on("mousemove", onMove);
      map.doubleClickZoom.disable();
      addEventListener("keydown", onKey, true);
      map.getContainer().focus();
      return new Promise((resolve) => {
        ended = resolve;
      });
    },
    /** @param {{geometry: any}[]} parts */
    show(parts) {
      drawn.clearLayers();
      for (const [i, { geometry }] of parts.entries()) {
        const [color, dashArray] = LOOKS[i % LOOKS.length];
        const style = { color, weight: 3, dashArray, fillOpacity: 0.25 };
        const shape = L.geoJSON(geometry, { pane: PANE, interactive: false, style }).addTo(drawn);
        const html = h("b", {}, String(i + 1));
        const icon = L.divIcon({ className: "map-part", html, iconSize: [22, 22] });
        L.marker(shape.getBounds().getCenter(), {
          pane: PANE,
          icon,
          interactive: false,
          keyboard: false,
        }).addTo(drawn);
      }
    },
    clear() {
      if (ended) end(null);
      drawn.clearLayers();
    },
  };
}
