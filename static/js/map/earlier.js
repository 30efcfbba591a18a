/* global L */

const CASING = "#10151c";

/** How earlier outlines are told apart; `css/map.css` has the same for legends. */
const LINES = [
  { color: "#ff6b5e", dashArray: "6 5" },
  { color: "#ffb4ab", dashArray: "2 5" },
  { color: "#ff9f43", dashArray: "10 4 2 4" },
];

/** Earlier outlines of the chosen plot, above the plots. @param {any} map */
export function createEarlierLayer(map) {
  map.createPane("earlier");
  const renderer = L.canvas({ pane: "earlier", padding: 0.2 });
  const drawn = L.layerGroup().addTo(map);

  const draw = (geometry, look) => {
    const style = { renderer, interactive: false, fill: false, ...look };
    const pointToLayer = (_feature, at) => L.circleMarker(at, { ...style, radius: 9 });
    drawn.addLayer(L.geoJSON(geometry, { style, pointToLayer }));
  };

  return {
    /** @param {{shapes: {geometry: any}[], on: Set<number>} | null} earlier */
    set(earlier) {
      drawn.clearLayers();
      for (const n of earlier?.on ?? []) {
        const { geometry } = earlier.shapes[n];
        draw(geometry, { color: CASING, weight: 5, opacity: 0.7 });
        draw(geometry, { weight: 2.5, ...LINES[n % LINES.length] });
      }
    },
  };
}
