import { request, speak } from "../api.js";
import { $, fill, h } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { tellUnbegun } from "../refused.js";
import { createStore } from "../store.js";
import { translator } from "../texts.js";
import { createAbout } from "./about.js";
import { createAct } from "./act.js";
import { createAsk } from "./ask.js";
import { adjusted, inSight, readAs, stepOf } from "./choices.js";
import { createClient } from "./client.js";
import { createColumns } from "./columns.js";
import { createDrop } from "./drop.js";
import { createFiles } from "./files.js";
import { createPreview } from "./preview.js";
import { createRows } from "./rows.js";
import { createStart } from "./start.js";

const AREA_NEEDS = "import";

/** Where one begins with an import. */
const ANEW = { tab: "files", part: 0, candidate: null, wish: { outcome: null, code: null } };

/**
 * Put the import desk together; only wiring.
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
  const [catalogue, codebook, me, layers, scenes] = await Promise.all([
    request(texts),
    request(codes),
    request("/api/v1/me"),
    request("/api/v1/layers").catch(() => ({ items: [] })),
    request("/api/v1/imagery").catch(() => ({ items: [] })),
  ]);
  const t = translator(catalogue);
  speak(t, lang);
  offerPlaces(me);
  const store = createStore({
    ...{ me, lang, t, codebook, layers: layers.items, scenes: scenes.items },
    areas: [...new Set(me.grants.map((grant) => grant.area))],
    ...{ recent: [], found: null, error: null, row: null, ...ANEW },
  });
  const client = createClient();
  const actions = createActions(store, client);
  const parts = { store, client, actions };
  createStart(parts);
  createAbout(parts);
  createAct(parts);
  createAsk(parts);
  createFiles(parts);
  createColumns(parts);
  createRows(parts);
  createPreview({ ...parts, map, tiles });
  createDrop({ take: actions.send, open: () => !store.get().found });
  areas(store.get());
  steps(store);
  addEventListener("hashchange", () => actions.follow());
  await actions.follow();
}

/** How far the import is, and which half of the page is seen. */
function steps(store) {
  const show = ({ found }) => {
    const step = stepOf(found?.state);
    document.body.dataset.view = found ? "import" : "start";
    for (const item of $("steps").children) {
      if (item.dataset.step === step) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
  };
  store.subscribe(["found"], show);
  show(store.get());
}

/** Whose plots they are is asked only of who may bring in for several areas. */
function areas({ me, areas: mine, t }) {
  fill(
    $("area"),
    ...mine.map((area) => h("option", { value: area }, area || t("desk.everywhere"))),
  );
  $("area-label").hidden = mine.length < 2 || !me.actions.includes(AREA_NEEDS);
}

function createActions(store, client) {
  const { t } = store.get();
  let watched = 0;
  let reported = "";

  /** Show an import and stay with it until the server is done with it. */
  async function watch(id) {
    const mine = ++watched;
    const show = (said) => {
      const before = store.get().found;
      const found = inSight(before, said);
      if (before?.id !== found.id) store.set(ANEW);
      store.set({ found, error: null, row: null });
      // The report is opened once, when it is first there; afterwards everybody is where they are.
      if (said.report && reported !== said.id) store.set({ tab: "rows" });
      if (said.report) reported = said.id;
      $("live").textContent = t(`desk.state.${found.state}`);
    };
    await client.settled(id, { going: () => mine === watched, tell: show });
  }

  async function guarded(work) {
    try {
      await work();
    } catch (error) {
      if (!led(error)) store.set({ error: error.told ?? error.message });
      if (error.status === undefined) throw error;
    }
  }

  /** Have something done about the import, and see what comes of it. */
  const told = (ask) =>
    guarded(async () => {
      const { id } = store.get().found;
      await ask(id);
      await watch(id);
    });

  return {
    /** What the address says: one import, or the beginning. */
    follow: () =>
      guarded(async () => {
        const id = location.hash.slice(1);
        if (id) {
          watch(decodeURIComponent(id)).catch((error) =>
            store.set({ found: null, error: error.told ?? error.message }),
          );
          return;
        }
        watched++;
        store.set({ found: null, error: null, recent: (await client.list()).items });
      }),
    send(files) {
      if (!files.length) return;
      $("send-error").hidden = true;
      $("sending").hidden = false;
      const names = files.map((file) => file.name);
      $("sending-text").textContent = t("desk.sending", { n: files.length, file: names[0] });
      const batch = names[0].replace(/\.[^.]*$/, "").slice(0, 200) || names[0];
      client
        .send(files, { batch, area: $("area").value }, (done) => {
          $("sending-bar").value = done;
        })
        .then((found) => {
          location.hash = found.id;
        })
        .catch((error) => {
          $("send-error").hidden = false;
          $("send-error").textContent = error.told ?? error.message;
        })
        .finally(() => {
          $("sending").hidden = true;
        });
    },
    /** Change what is decided and have the same bytes looked at again. */
    adjust: (change) =>
      guarded(async () => {
        const { id } = store.get().found;
        await client.adjust(id, change);
        await watch(id);
      }),
    /** The same for one file. */
    choose(file, change) {
      return this.adjust(adjusted(store.get().found, file, change));
    },
    /** How a file, or some layers of one, are to be read. */
    read(change, ...parts) {
      return this.choose(parts[0].file, readAs(store.get().found, parts, change));
    },
    commit: () => told(client.commit),
    retract: () => told(client.retract),
  };
}
