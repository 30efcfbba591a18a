import { SCALE, TILE } from "./tiles.js";

/**
 * Names by kind: which win where two would overlap, at which zooms, the width of a letter, and the
 * places tried, in pixels along and across the name; in an area rings around its middle.
 */
const ALONG_LINE = [
  [0, -13],
  [0, 13],
];
const IN_AREA = [[0, 0]];
for (let away = 22; away <= 132; away += 22)
  for (let turn = 0; turn < 12; turn++) {
    const angle = (turn * Math.PI) / 6 - Math.PI / 2;
    IN_AREA.push([away * Math.cos(angle), away * Math.sin(angle)]);
  }
const KINDS = {
  county: { rank: 0, from: 7, to: 12, letter: 18, tries: IN_AREA },
  river: { rank: 1, from: 9, to: 20, letter: 14, tries: ALONG_LINE },
  town: { rank: 2, from: 11, to: 15, letter: 12, tries: IN_AREA },
};

/** From this zoom on a river is wide enough for its name. */
const WIDE_ZOOM = 16;
const GAP = 5;

/** The same name again no nearer than this. */
const AGAIN = 340;

/**
 * Names of counties, rivers and townships, written where nothing else stands. They move with the
 * map and are placed anew when it comes to rest.
 * @param {any} map
 * @param {any} plots the layer whose symbols are not written over
 */
export function createLabels(map, plots) {
  const pane = map.createPane("labels");
  pane.classList.add("leaflet-zoom-hide");
  pane.setAttribute("aria-hidden", "true");
  const sources = new Map();
  let frame = 0;

  const wanted = () => {
    if (!frame) frame = requestAnimationFrame(place);
  };
  map.on("moveend zoomend viewreset", wanted);
  plots.on("painted", wanted);

  function place() {
    frame = 0;
    const zoom = map.getZoom();
    const origin = map.getPixelOrigin();
    const taken = plots.boxesInView();
    const standing = [];
    for (const label of candidates(zoom)) {
      if (standing.some((s) => s.name === label.name && distance(s, label) < AGAIN)) continue;
      const spot = free(label, zoom, taken);
      if (!spot) continue;
      taken.push(spot.box);
      standing.push({ ...label, x: spot.x, y: spot.y });
    }
    pane.replaceChildren(...standing.map((label) => element(label, origin)));
  }

  function candidates(zoom) {
    const found = [];
    for (const [kind, layer] of sources) {
      const { from, to, letter, rank } = KINDS[kind];
      if (zoom < from || zoom > to) continue;
      for (const { layers, coords } of layer.inView())
        for (const { xy, props } of layers.labels ?? []) {
          const name = String(props.name);
          const width = name.length * letter;
          if (props.room && 2 * props.room * SCALE < width) continue;
          const x = coords.x * TILE + xy[0] * SCALE;
          const y = coords.y * TILE + xy[1] * SCALE;
          const room = props.room ? props.room * SCALE : Infinity;
          found.push({ kind, rank, name, angle: Number(props.angle), width, room, x, y });
        }
    }
    return found.sort((a, b) => a.rank - b.rank || a.x - b.x || a.y - b.y);
  }

  return {
    /** @param {string} kind @param {any} layer a vector layer, or null when it is not shown */
    source(kind, layer) {
      if (!(kind in KINDS)) return;
      if (layer) sources.set(kind, layer.on("painted", wanted));
      else sources.delete(kind);
      wanted();
    },
  };
}

/** The first place around a label's own where it stands clear; null if there is none. */
function free(label, zoom, taken) {
  const turn = (label.angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const inside = label.kind === "river" && zoom >= WIDE_ZOOM;
  for (const [along, across] of inside ? [[0, 0]] : KINDS[label.kind].tries) {
    if (Math.hypot(along, across) > label.room) continue;
    const x = label.x + along * cos - across * sin;
    const y = label.y + along * sin + across * cos;
    const right = (Math.abs(cos) * label.width + Math.abs(sin) * 14) / 2;
    const down = (Math.abs(sin) * label.width + Math.abs(cos) * 14) / 2;
    const box = [x - right, y - down, x + right, y + down];
    if (!taken.some((other) => overlap(box, other))) return { x, y, box };
  }
  return null;
}

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

const overlap = (a, b) =>
  a[0] < b[2] + GAP && b[0] < a[2] + GAP && a[1] < b[3] + GAP && b[1] < a[3] + GAP;

function element({ kind, name, angle, x, y }, origin) {
  const label = document.createElement("span");
  label.className = `map-label map-label-${kind}`;
  label.textContent = name;
  const [left, top] = [Math.round(x - origin.x), Math.round(y - origin.y)];
  label.style.transform = `translate(${left}px, ${top}px) rotate(${angle}deg) translate(-50%, -50%)`;
  return label;
}
