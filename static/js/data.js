import { bytes, request } from "./api.js";

const KEPT = 8;
const FRESH_MS = 60_000;

/** Panels by plot: the next one is fetched ahead, so that opening it waits for nothing. */
export function createPanels(scenes) {
  /** @type {Map<string, {at: number, value: any, promise: Promise<any>}>} */
  const held = new Map();

  function ask(plotId) {
    const known = held.get(plotId);
    if (known && performance.now() - known.at < FRESH_MS) return known;
    const made = { at: performance.now(), value: null, promise: null };
    made.promise = request(`/ui/panel/${encodeURIComponent(plotId)}`).then((value) => {
      made.value = value;
      return value;
    });
    made.promise.catch(() => held.delete(plotId));
    held.set(plotId, made);
    if (held.size > KEPT) held.delete(held.keys().next().value);
    return made;
  }

  return {
    /** The panel if it is here already, else null. */
    now: (plotId) => held.get(plotId)?.value ?? null,
    get: (plotId) => ask(plotId).promise,
    forget: (plotId) => held.delete(plotId),
    /** Fetch ahead, with its pictures. */
    prefetch(plotId) {
      ask(plotId)
        .promise.then(({ plot }) => {
          for (const scene of pair(scenes(), plot)) if (scene) new Image().src = chip(plot, scene);
        })
        .catch(() => {});
    },
  };
}

/** Address of a plot's picture in a scene. */
export const chip = (plot, scene) =>
  `/ui/chips/${encodeURIComponent(plot.plot_id)}/${scene.id}.webp?w=360&h=240`;

/** The newest scene from before and from after that reaches the plot; null where none does. */
export const pair = (scenes, plot) =>
  ["before", "after"].map(
    (role) =>
      scenes.findLast(
        (scene) => scene.role === role && reaches(scene.info?.footprint, plot.point),
      ) ?? null,
  );

/** Whether a point lies in the outer ring of a GeoJSON polygon; without one, it may. */
export function reaches(footprint, [x, y]) {
  const ring = footprint?.type === "Polygon" ? footprint.coordinates[0] : null;
  if (!ring) return true;
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The rows of a batch, with the state bytes they begin with and the place of each plot. */
export async function loadRows(batch) {
  const rows = await request(`/ui/rows?batch=${encodeURIComponent(batch)}`);
  return {
    rows,
    served: Uint8Array.from(
      rows.mark,
      (code, i) => code | (rows.submitted[i] << 2) | (rows.conflict[i] << 3),
    ),
    places: new Map(rows.plot_id.map((id, i) => [id, i])),
  };
}

/** The state bytes as they are now, and the revision of the rows they belong to. */
export async function loadState(batch) {
  const { data, headers } = await bytes(`/ui/state.bin?batch=${encodeURIComponent(batch)}`);
  return { data, rev: headers.get("X-Revision") };
}
