import { h } from "../dom.js";
import { createButtons, createReadout, createTooltip } from "./controls.js";
import { createEpochs } from "./epochs.js";
import { boxOf, degrees, fitted, square } from "./fitting.js";
import { createLayers } from "./layers.js";
import { createLegend } from "./legend.js";
import { PlotLayer } from "./plotlayer.js";

const COARSE = matchMedia("(pointer: coarse)");
const OVERVIEW = { side: 0.92, nearest: 16, furthest: 7 };

/**
 * Everything on the map. It follows the store by itself; choosing a plot is the page's `select`.
 * @param {object} parts
 * @param {any} parts.map Folium's map
 * @param {{before: any, after: any}} parts.tiles Folium's imagery layers
 * @param {any} parts.store
 * @param {(id: number, by: string) => void} parts.select
 */
export function createMapView({ map, tiles, store, select }) {
  const t = (key, facts) => store.get().t(key, facts);
  const ui = h("div", { class: "map-ui" });
  map.getContainer().parentElement.append(ui);
  map.createPane("plots");

  const plots = new PlotLayer();
  const legend = createLegend(ui, t);
  const opener = createButtons({ map, ui, t, fit });
  const epochs = createEpochs({ map, tiles, ui, t });
  const layers = createLayers({ map, ui, opener, plots, t, setOpacity: epochs.setOpacity });
  const readout = createReadout({ map, ui, t });
  const tip = createTooltip(ui);
  const ends = [];
  let moved = false;
  let fitTo = 0;

  const follow = (keys, tell) => {
    tell(store.get());
    ends.push(store.subscribe(keys, tell));
  };

  follow(["batch"], ({ batch }) => {
    if (!batch) return;
    plots.setBatch(batch);
    if (!map.hasLayer(plots)) plots.addTo(map);
  });
  follow(["codebook"], ({ codebook }) => {
    if (!codebook) return;
    plots.setStyles(codebook.marks);
    legend.setStyles(codebook.marks);
  });
  follow(["rows"], ({ rows }) => {
    if (!rows) return;
    plots.setRevision(rows.rev);
    if (!moved) openOn(rows);
  });
  follow(["stateTick", "state", "codebook"], ({ state, lang }) => {
    if (!state) return;
    plots.setLook({ state });
    legend.setState(state, lang);
  });
  follow(["visible"], ({ visible }) => visible && plots.setLook({ visible }));
  follow(["selected"], ({ selected, selectedBy }) => {
    plots.setLook({ selected: selected ?? 0 });
    fitTo = selected && (selectedBy !== "map" || map.getZoom() < 14) ? selected : 0;
    tip.hide();
  });
  follow(["panel"], ({ panel, selected }) => {
    if (!panel || fitTo !== selected) return;
    fitTo = 0;
    fitPlot();
  });
  follow(["layers", "codebook"], ({ layers: items, codebook, lang }) => {
    if (items && codebook) layers.set(items, codebook, lang);
  });
  follow(["scenes"], ({ scenes }) => {
    epochs.setScenes(scenes ?? []);
    layers.setImagery(epochs.any());
    const sources = epochs
      .sources()
      .map(({ sensor, date }) => [sensor, date].filter(Boolean).join(" "));
    readout.setSources(sources.length ? t("map.sources", { scenes: sources.join(" / ") }) : "");
  });
  follow(["sheet"], ({ sheet }) => {
    const { right, bottom } = covered(sheet);
    const root = ui.parentElement;
    root.style.setProperty("--map-right", `${right}px`);
    root.style.setProperty("--map-bottom", `${bottom}px`);
    ui.classList.toggle("is-covered", bottom > map.getSize().y / 2);
    if (store.get().panel && bottom && moved) fitPlot();
  });

  plots.once("drawn", () => {
    document.documentElement.dataset.drawn = String(Math.round(performance.now()));
  });
  map.on("dragstart", () => {
    moved = true;
  });
  map.on("click", ({ latlng }) => {
    const found = plots.at(latlng, COARSE.matches ? 22 : 8);
    if (found?.n > 1) map.setView(latlng, Math.min(map.getZoom() + 2, map.getMaxZoom()));
    else if (found) select(found.id, "map");
  });
  let pointed = 0;
  map.on("mousemove", (event) => {
    cancelAnimationFrame(pointed);
    pointed = requestAnimationFrame(() => point(event));
  });
  map.on("mouseout movestart", () => tip.hide());
  const online = () => plots.reload();
  window.addEventListener("online", online);

  function point({ latlng, containerPoint }) {
    const found = COARSE.matches ? null : plots.at(latlng, 8);
    map.getContainer().classList.toggle("is-over-plot", Boolean(found));
    const { rows } = store.get();
    if (found?.n > 1) tip.show(containerPoint, t("map.group", { n: found.n }));
    else if (found && rows) tip.show(containerPoint, rows.source_id[found.id - 1]);
    else tip.hide();
  }

  function look([west, south, east, north], how) {
    const { x: width, y: height } = map.getSize();
    const [left, top] = square(west, north);
    const [right, bottom] = square(east, south);
    const view = { width, height, ...covered(store.get().sheet) };
    const { zoom, x, y } = fitted([left, top, right, bottom], view, how);
    const [lon, lat] = degrees(x, y);
    moved = true;
    map.setView([lat, lon], zoom, { animate: false });
  }

  /** All plots that pass the filter. */
  function fit() {
    const { rows, visible } = store.get();
    const box = rows && extentOf(rows, visible);
    if (box) look(box, OVERVIEW);
  }

  /** The first look: at the viewer's own plots, unless a link said where to look. */
  function openOn(rows) {
    const box = extentOf(rows, null);
    if (box) look(box, OVERVIEW);
  }

  function fitPlot() {
    const { panel } = store.get();
    if (panel?.plot?.geometry) look(boxOf(panel.plot.geometry));
  }

  return {
    fit,
    fitPlot,
    showBefore: epochs.showBefore,
    toggleSwipe: epochs.toggleSwipe,
    /** @param {number[]} lonlat @param {number} zoom */
    focusPlace([lon, lat], zoom) {
      moved = true;
      map.setView([lat, lon], zoom, { animate: false });
    },
    /** @param {(place: {lon: number, lat: number, zoom: number}) => void} tell */
    onMove(tell) {
      map.on("moveend", () => {
        const { lng, lat } = map.getCenter();
        tell({ lon: lng, lat, zoom: map.getZoom() });
      });
    },
    destroy() {
      for (const end of ends) end();
      window.removeEventListener("online", online);
      ui.remove();
      map.remove();
    },
  };
}

const covered = (sheet) => ({ right: sheet?.right ?? 0, bottom: sheet?.bottom ?? 0 });

/** West, south, east, north of plots in degrees; null where there are none. */
function extentOf({ lon, lat }, visible) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < lon.length; i++) {
    if ((visible && !visible[i]) || lon[i] === null) continue;
    box[0] = Math.min(box[0], lon[i]);
    box[1] = Math.min(box[1], lat[i]);
    box[2] = Math.max(box[2], lon[i]);
    box[3] = Math.max(box[3], lat[i]);
  }
  return box[0] <= box[2] ? box : null;
}
