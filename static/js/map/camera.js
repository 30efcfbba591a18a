import { boxOf, degrees, fitted, square } from "./fitting.js";

const OVERVIEW = { side: 0.92, nearest: 16, furthest: 7 };

/** Pixels of the map that sheets cover. */
export const covered = (sheet) => ({ right: sheet?.right ?? 0, bottom: sheet?.bottom ?? 0 });

/**
 * Where the map looks. Nothing here is animated: who works through a list waits for nothing.
 * @param {any} map
 * @param {any} store
 */
export function createCamera(map, store) {
  let aimed = false;
  let onPlot = false;
  map.on("dragstart zoomstart", () => {
    onPlot = false;
  });
  map.on("dragstart", () => {
    aimed = true;
  });

  function look([west, south, east, north], how) {
    const { x: width, y: height } = map.getSize();
    const [left, top] = square(west, north);
    const [right, bottom] = square(east, south);
    const view = { width, height, ...covered(store.get().sheet) };
    const { zoom, x, y } = fitted([left, top, right, bottom], view, how);
    go(degrees(x, y), zoom);
  }

  function go([lon, lat], zoom) {
    aimed = true;
    onPlot = false;
    map.setView([lat, lon], zoom, { animate: false });
  }

  /** Plots that pass the filter, or all. */
  function lookAt(rows, visible) {
    const box = rows && extentOf(rows, visible);
    if (box) look(box, OVERVIEW);
  }

  function fitPlot() {
    const geometry = store.get().panel?.plot?.geometry;
    if (!geometry) return;
    look(boxOf(geometry));
    onPlot = true;
  }

  return {
    fit: () => lookAt(store.get().rows, store.get().visible),
    /** The first look: at the viewer's own plots, unless something was looked at before. */
    begin(rows) {
      if (!aimed) lookAt(rows, null);
    },
    fitPlot,
    /** After the free part of the map changed; nothing moves if something else was looked at. */
    keepPlot: () => onPlot && fitPlot(),
    go,
  };
}

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
