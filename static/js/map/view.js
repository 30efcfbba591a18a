import { h } from "../dom.js";
import { covered, createCamera } from "./camera.js";
import { createButtons, createReadout, createTooltip } from "./controls.js";
import { createCutter } from "./cutter.js";
import { createEarlierLayer } from "./earlier.js";
import { createEpochs } from "./epochs.js";
import { createLayers } from "./layers.js";
import { createLegend } from "./legend.js";
import { PlotLayer } from "./plotlayer.js";
import { createPointer } from "./pointer.js";

/** From this zoom on choosing a plot on the map does not move it. */
const CLOSE_ZOOM = 14;

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

  const camera = createCamera(map, store);
  const plots = new PlotLayer();
  const legend = createLegend(ui, t);
  const opener = createButtons({ map, ui, t, fit: camera.fit });
  const epochs = createEpochs({ map, tiles, ui, t });
  const layers = createLayers({ map, ui, opener, plots, t, setOpacity: epochs.setOpacity });
  const readout = createReadout({ map, ui, t });
  const tip = createTooltip(ui);
  const cutter = createCutter({ map, ui, t });
  let opening = false;
  createPointer({
    map,
    plots,
    tip,
    idle: cutter.active,
    choose(id) {
      opening = map.getZoom() < CLOSE_ZOOM;
      select(id, "map");
      opening = false;
    },
    name({ id, n }) {
      return n > 1 ? t("map.group", { n }) : (store.get().rows?.source_id[id - 1] ?? "");
    },
  });

  const ends = [
    followPlots({ map, plots, legend, store, camera }),
    followChoice({ plots, tip, store, camera, moves: (by) => by !== "map" || opening }),
    followLayers({ epochs, layers, readout, store, t }),
    followEarlier({ layer: createEarlierLayer(map), legend, store, t }),
    followSheet({ map, ui, store, camera }),
  ].flat();

  const online = () => plots.reload();
  window.addEventListener("online", online);

  return {
    cutter,
    fit: camera.fit,
    fitPlot: camera.fitPlot,
    showBefore: epochs.showBefore,
    toggleSwipe: epochs.toggleSwipe,
    /** @param {number[]} lonlat @param {number} zoom */
    focusPlace: (lonlat, zoom) => camera.go(lonlat, zoom),
    /** West, south, east and north of what the map shows, in degrees. */
    bounds() {
      const seen = map.getBounds();
      const clipped = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
      return [
        clipped(seen.getWest(), 180),
        clipped(seen.getSouth(), 90),
        clipped(seen.getEast(), 180),
        clipped(seen.getNorth(), 90),
      ];
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

/** Tell now what the store holds, and again whenever it changes. */
function follow(store, keys, tell) {
  tell(store.get());
  return store.subscribe(keys, tell);
}

/** Tiles start as soon as the batch is known; colours, rows and filter come as they come. */
function followPlots({ map, plots, legend, store, camera }) {
  plots.once("drawn", () => {
    document.documentElement.dataset.drawn = String(Math.round(performance.now()));
  });
  return [
    follow(store, ["codebook"], ({ codebook }) => {
      if (!codebook) return;
      plots.setStyles(codebook.marks);
      legend.setStyles(codebook.marks);
    }),
    follow(store, ["rows"], ({ rows }) => {
      if (!rows) return;
      camera.begin(rows);
      plots.setRevision(rows.rev);
    }),
    follow(store, ["batch"], ({ batch }) => {
      if (!batch) return;
      plots.setBatch(batch);
      if (!map.hasLayer(plots)) plots.addTo(map);
    }),
    follow(store, ["stateTick", "state", "codebook"], ({ state, lang }) => {
      if (!state) return;
      plots.setLook({ state });
      legend.setState(state, lang);
    }),
    follow(store, ["visible"], ({ visible }) => plots.setLook({ visible })),
  ];
}

/** The chosen plot is drawn at once; the map moves to it when its outline is there. */
function followChoice({ plots, tip, store, camera, moves }) {
  let awaited = 0;
  return [
    follow(store, ["selected"], ({ selected, selectedBy }) => {
      plots.setLook({ selected });
      awaited = selected && moves(selectedBy) ? selected : 0;
      tip.hide();
    }),
    follow(store, ["panel"], ({ panel, selected }) => {
      if (!panel || awaited !== selected) return;
      awaited = 0;
      camera.fitPlot();
    }),
  ];
}

/** What the chosen plot was before, as far as somebody wants to see it. */
function followEarlier({ layer, legend, store, t }) {
  return follow(store, ["earlier"], ({ earlier }) => {
    layer.set(earlier);
    const on = [...(earlier?.on ?? [])].sort();
    legend.setMore(
      on.map((n) => ({
        line: `earlier-line line-${n % 3}`,
        text: t("ui.earlier.until", { day: earlier.shapes[n].until }),
      })),
    );
  });
}

function followLayers({ epochs, layers, readout, store, t }) {
  return [
    follow(store, ["layers", "codebook"], ({ layers: items, codebook, lang }) => {
      if (items && codebook) layers.set(items, codebook, lang);
    }),
    follow(store, ["scenes"], ({ scenes }) => {
      epochs.setScenes(scenes ?? []);
      const sources = epochs.sources();
      layers.setImagery(sources.length > 0);
      const names = sources.map(({ sensor, date }) => [sensor, date].filter(Boolean).join(" "));
      readout.setSources(names.length ? t("map.sources", { scenes: names.join(" / ") }) : "");
    }),
  ];
}

/** What stands at the map's edges keeps clear of sheets, and so does the chosen plot. */
function followSheet({ map, ui, store, camera }) {
  return follow(store, ["sheet"], ({ sheet }) => {
    const { right, bottom } = covered(sheet);
    const root = ui.parentElement;
    root.style.setProperty("--map-right", `${right}px`);
    root.style.setProperty("--map-bottom", `${bottom}px`);
    ui.classList.toggle("is-covered", bottom > map.getSize().y / 2);
    camera.keepPlot();
  });
}
