import { waits } from "../desk/choices.js";
import { createGround } from "../desk/ground.js";
import { CANDIDATES, DASHES } from "../desk/looks.js";
import { fill, h } from "../dom.js";
import { VectorLayer } from "../map/vectorlayer.js";
import { CHANGES } from "./changes.js";
import { CASING, CHANGE_LOOKS, USED_LOOK, VERSION_LOOK } from "./looks.js";

/* global L */

/** A version on the map, what it changed and whom that touches; or a file before it is published. */
export function createMap({ store, client, map, tiles }) {
  const { t } = store.get();
  let box = null;
  const { tip, legend } = createGround({ store, map, tiles, fit: () => fit(box) });
  const renderer = L.canvas({ pane: "preview", padding: 0.2, tolerance: 5 });
  const above = L.canvas({ pane: "chosen", padding: 0.2 });
  const drawn = L.layerGroup().addTo(map);
  const plots = L.layerGroup().addTo(map);
  const pointed = L.layerGroup().addTo(map);
  let asked = 0;
  let fitted = "";

  function fit(bbox) {
    if (!bbox) return;
    const [west, south, east, north] = bbox;
    const bounds = L.latLngBounds([south, west], [north, east]);
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { padding: [40, 40], maxZoom: 17, animate: false });
  }

  /** Look there once; afterwards everybody looks where they like. */
  function lookAt(bbox, key) {
    box = bbox;
    if (fitted === key) return;
    fitted = key;
    fit(bbox);
  }

  const vector = (layer, look) => {
    const [west, south, east, north] = layer.bbox;
    const bounds = [
      [south, west],
      [north, east],
    ];
    return new VectorLayer({ id: layer.id, look, pane: "boundary", zIndex: 20, bounds });
  };

  /** Shapes with a dark casing, so that they are seen on any ground. */
  function shapes(collection, look) {
    const line = { renderer, interactive: false, fill: false };
    const dot = (options) => (_feature, at) => L.circleMarker(at, { ...options, radius: 5 });
    const casing = { ...line, color: CASING, weight: (look.weight ?? 2.5) + 2, opacity: 0.7 };
    drawn.addLayer(L.geoJSON(collection, { style: casing, pointToLayer: dot(casing) }));
    const own = { ...line, weight: 2.5, fill: true, fillColor: look.color, ...look };
    drawn.addLayer(L.geoJSON(collection, { style: own, pointToLayer: dot(own) }));
  }

  function changes(diff) {
    for (const change of CHANGES) {
      const features = diff.features.filter((one) => one.properties.change === change);
      if (features.length) shapes({ type: "FeatureCollection", features }, CHANGE_LOOKS[change]);
    }
    return CHANGES.filter((change) => diff.summary?.[change].n);
  }

  function describe(lines) {
    legend.hidden = lines.length === 0;
    fill(
      legend,
      ...lines.map(([look, text, strong]) =>
        h(
          "li",
          { class: strong ? "is-strong" : "" },
          h("i", { class: `swatch ${look}`, "aria-hidden": "true" }),
          h("span", {}, text),
        ),
      ),
    );
  }

  const changeLines = (there) =>
    there.map((change) => [`change-${change}`, t(`layers.change.${change}`)]);

  function drawVersion({ layer, layers, diff, touched }) {
    drawn.clearLayers();
    plots.clearLayers();
    drawn.addLayer(vector(layer, VERSION_LOOK));
    const lines = [["is-version", layer.version, true]];
    const other = diff?.against && layers.find((one) => one.id === diff.against);
    if (other) {
      drawn.addLayer(vector(other, USED_LOOK));
      lines.push(["is-used", other.version]);
    }
    if (diff) lines.push(...changeLines(changes(diff)));
    for (const plot of touched?.items ?? []) plots.addLayer(marker(plot));
    if (touched?.items.length) lines.push(["is-plot", t("layers.plot")]);
    describe(lines);
    lookAt(layer.bbox, layer.id);
  }

  function marker(plot) {
    const [lon, lat] = plot.point;
    const look = { renderer: above, radius: 5, weight: 2, color: CASING, fillColor: "#ffffff" };
    const dot = L.circleMarker([lat, lon], { ...look, renderer, fillOpacity: 1 });
    dot.on("mouseover", ({ containerPoint }) => tip.show(containerPoint, plot.source_id));
    dot.on("mouseout", () => tip.hide());
    dot.on("click", () => store.set({ pointed: plot.plot_id }));
    return dot;
  }

  /** Where a file would lie: as it is taken, or every place it may be in. */
  async function drawDraft({ found, candidate, layers }) {
    const mine = ++asked;
    const one = found.found[0];
    if (waits(found.state) || !one || one.refused) return;
    const asking = found.questions.some((question) => question.about === "crs");
    const shown = asking ? one.placings.slice(0, 5) : one.placings.filter((p) => p.chosen);
    const strong = shown.find((placing) => placing.crs === candidate) ?? shown[0];
    const [diff, ...sets] = await Promise.all([
      found.summary ? client.draftDiff(found.id) : null,
      ...shown.map((placing) => client.preview(found.id, placing.crs)),
    ]);
    if (mine !== asked) return;
    drawn.clearLayers();
    plots.clearLayers();
    const used = layers.find((layer) => layer.in_use && layer.kind === found.about.kind);
    if (used) drawn.addLayer(vector(used, USED_LOOK));
    const lines = used ? [["is-used", t("layers.version_in_use", { version: used.version })]] : [];
    sets.forEach((set, n) => {
      const weak = shown[n] !== strong;
      const asked = {
        color: CANDIDATES[n % 5],
        dashArray: DASHES[n % 5],
        weight: weak ? 1.5 : 2.5,
      };
      const look = asking ? asked : { color: VERSION_LOOK.line, weight: 2 };
      shapes(set, { ...look, opacity: weak ? 0.6 : 1, fillOpacity: 0.08 });
      const name = asking ? shown[n].crs : t("layers.this_file");
      lines.push([asking ? `candidate-${n % 5}` : "is-version", name, !weak]);
    });
    if (diff) lines.push(...changeLines(changes(diff)));
    describe(lines);
    if (strong?.bbox) lookAt(strong.bbox, `${found.id} ${strong.bbox}`);
  }

  function draw(state) {
    if (state.view === "version" && state.layer) drawVersion(state);
    else if (state.view === "draft" && state.found) drawDraft(state);
    else {
      asked++;
      for (const group of [drawn, plots, pointed]) group.clearLayers();
      describe([]);
      fitted = "";
    }
  }

  store.subscribe(["view", "layer", "diff", "touched", "found", "candidate", "layers"], draw);
  store.subscribe(["pointed"], ({ pointed: id, touched }) => {
    pointed.clearLayers();
    const plot = touched?.items.find((one) => one.plot_id === id);
    if (!plot) return;
    const [west, south, east, north] = plot.bbox;
    const bounds = L.latLngBounds([south, west], [north, east]);
    const look = { renderer: above, interactive: false, fill: false, color: "#00e5ff", weight: 2 };
    pointed.addLayer(L.rectangle(bounds.pad(0.2), look));
    map.fitBounds(bounds, { padding: [120, 120], maxZoom: 17, animate: false });
  });
}
