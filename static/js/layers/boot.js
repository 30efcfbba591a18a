import { request, speak } from "../api.js";
import { createAsk } from "../desk/ask.js";
import { waits } from "../desk/choices.js";
import { createDrop } from "../desk/drop.js";
import { $ } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { tellUnbegun } from "../refused.js";
import { createStore } from "../store.js";
import { translator } from "../texts.js";
import { createActions } from "./actions.js";
import { createClient } from "./client.js";
import { createDraft } from "./draft.js";
import { createList } from "./list.js";
import { createMap } from "./map.js";
import { createVersion } from "./version.js";

/**
 * Put the page of layers together; only wiring.
 * @param {{map: any, tiles: {after: any}, config: any}} given Folium's map and tile layers, and what
 *   the server says of itself
 */
export async function boot({ map, tiles, config }) {
  speak(translator(config.said), config.lang);
  offerPrefs();
  try {
    await begin(map, tiles, config);
    document.documentElement.dataset.ready = "";
  } catch (error) {
    if (led(error)) return;
    $("start").hidden = true;
    tellUnbegun(error);
  }
}

async function begin(map, tiles, { lang, texts, codebook: codes }) {
  const client = createClient();
  const [catalogue, codebook, me, layers, scenes] = await Promise.all([
    request(texts),
    request(codes),
    request("/api/v1/me"),
    client.layers(),
    request("/api/v1/imagery").catch(() => ({ items: [] })),
  ]);
  const t = translator(catalogue);
  speak(t, lang);
  offerPlaces(me);
  const store = createStore({
    ...{ me, lang, t, codebook, layers: layers.items, scenes: scenes.items, oneLayer: true },
    ...{ view: "", drafts: [], layer: null, diff: null, touched: null, pointed: null },
    ...{ behind: 0, job: null, found: null, candidate: null, part: 0, error: null },
  });
  // First of all: the map is looked at once it has its place.
  store.subscribe(["view"], ({ view }) => {
    document.body.dataset.view = view === "list" ? "start" : "import";
    $("panel").scrollTop = 0;
  });
  const actions = createActions({ store, client });
  const parts = { store, client, actions };
  createList(parts);
  createVersion(parts);
  createAsk(parts);
  createDraft(parts);
  createMap({ ...parts, map, tiles });
  createDrop({ take: actions.send, open: () => store.get().view !== "draft" });
  store.subscribe(["found"], ({ found }) => {
    if (found) $("live").textContent = t(`layers.state.${found.state}`);
  });
  store.subscribe(["job"], ({ job }) => {
    if (job && !waits(job.state)) $("live").textContent = t("layers.computed");
  });
  addEventListener("hashchange", actions.follow);
  await actions.follow();
}
