import { createActions } from "./actions.js";
import { createAnswers } from "./answers.js";
import { request, speak } from "./api.js";
import { createBell } from "./bell.js";
import { covered, createCommands } from "./commands.js";
import { createPanels } from "./data.js";
import { createDecision } from "./decision.js";
import { $, fill, h } from "./dom.js";
import { createEarlier } from "./earlier.js";
import { createEvidence } from "./evidence.js";
import { createExport } from "./exportdialog.js";
import { createFields } from "./fields.js";
import { TORN } from "./filter.js";
import { led } from "./gate.js";
import { createHere } from "./here.js";
import { createLineage } from "./lineage.js";
import { createLive } from "./live.js";
import { createMapView } from "./map/view.js";
import { createNotices } from "./notices.js";
import { newId } from "./outboxdb.js";
import { createPanel } from "./panel.js";
import { createPermits } from "./permitpanel.js";
import { offerPlaces } from "./places.js";
import { createQueue } from "./queue.js";
import { createSteps } from "./steps.js";
import { createStore } from "./store.js";
import { createSync } from "./sync.js";
import { figures, translator } from "./texts.js";
import { place, readHash, writeHash } from "./url.js";

const signIn = () => led({ status: 401 });

/**
 * Put the page together; only wiring.
 * @param {{map: any, tiles: {before: any, after: any}, config: any}} given Folium's map and tile
 *   layers, and what the server says of itself
 */
export async function boot({ map, tiles, config }) {
  speak(translator(config.said), config.lang);
  try {
    await begin(map, tiles, config);
  } catch (error) {
    // Who looks after accounts and sees no plots has nothing to do here.
    if (error.code === "forbidden") location.assign("/people");
    else if (!led(error)) {
      $("boot-error").hidden = false;
      $("boot-error-text").textContent = error.told ?? error.message;
      $("boot-again").addEventListener("click", () => location.reload());
      if (error.status === undefined) throw error;
    }
  }
}

async function begin(map, tiles, { lang, texts, codebook: codes }) {
  const [catalogue, codebook, me, batches, layers, scenes] = await Promise.all([
    request(texts),
    request(codes),
    request("/api/v1/me"),
    request("/api/v1/batches"),
    request("/api/v1/layers").catch(() => ({ items: [] })),
    request("/api/v1/imagery").catch(() => ({ items: [] })),
  ]);
  const t = translator(catalogue);
  speak(t, lang);
  const said = readHash(location.hash);
  const batch = batches.items.find((item) => item.name === said.b) ?? batches.items[0];
  const mark = { a: null, 0: 0, 1: 1, 2: 2, 3: 3, 4: TORN }[said.f] ?? (said.f === "a" ? null : 0);

  const store = createStore({
    ...{ me, lang, t, codebook, batches: batches.items, batch: batch?.name ?? "" },
    ...{ rows: null, state: new Uint8Array(), stateTick: 0, visible: null, list: [], counts: [] },
    ...{
      selected: 0,
      selectedBy: "link",
      panel: null,
      panelError: null,
      earlier: null,
      listError: null,
    },
    ...{ layers: layers.items.filter((layer) => layer.current), scenes: scenes.items },
    ...{ entries: [], trouble: null, uploads: [], toast: null, later: new Set(), live: false },
    wish: { mark, sort: said.s ?? "risk", q: said.q ?? "" },
    sheet: { right: 0, bottom: 0 },
  });

  let sync = null;
  let fields = null;
  const panels = createPanels(() => store.get().scenes);
  const actions = createActions({ store, panels, sync: () => sync, typed: () => fields });
  sync = await createSync({
    user: me.user,
    changed(entries, trouble) {
      store.set({ entries, trouble });
      actions.repaint();
    },
    kept: actions.kept,
    moved: actions.moved,
  });
  store.set({ entries: sync.entries() });
  fields = createFields({ store });
  const view = createMapView({ map, tiles, store, select: actions.select });
  const decision = createDecision({ store, actions, fields });
  const evidence = createEvidence({ store, actions });
  const notices = createNotices({ store, sync: () => sync, isHere: actions.id });
  const exporting = createExport({ store, view });
  const parts = {
    ...{ store, exporting },
    actions,
    view,
    decision,
    evidence,
    notices,
    fields,
    sync: () => sync,
  };
  const enter = async (name, wanted = {}) => {
    await actions.loadBatch(name);
    open(wanted, store, actions, view);
    if (store.get().rows) document.documentElement.dataset.ready = "";
  };
  createCommands({ ...parts, signIn, enter });
  createQueue({ store, actions });
  createPanel({ store });
  createSteps({ store, actions, cutter: view.cutter });
  createAnswers({ store });
  createPermits({ store, actions });
  createEarlier({ store });
  createLineage({ store });
  header(store);
  link(store, view);

  store.set({ sheet: covered() });
  await enter(store.get().batch, said);
  sync.flush();
  createBell({ store });
  const page = newId();
  createLive({
    store,
    page,
    actions,
    here: createHere({ store, page, actions, typed: fields.dirty }),
  });
}

/** Who is here, in which batch, how far it is. */
function header(store) {
  const { t, lang, me, codebook, batches, wish } = store.get();
  const number = figures(lang);
  const role = (name) => codebook.roles[name]?.[lang === "en" ? 1 : 0] ?? name;
  $("me-name").textContent = me.name;
  $("me-unit").textContent = [me.unit, ...me.roles.map(role)].join(" · ");
  document.body.classList.toggle("readonly", !me.actions.includes("mark"));
  document.body.classList.toggle("no-export", !me.actions.includes("export"));
  document.body.classList.toggle("no-attach", !me.actions.includes("attach"));
  offerPlaces(me);
  $("search").value = wish.q;
  $("sort").value = wish.sort;
  fill($("batch"), ...batches.map((batch) => h("option", { value: batch.name }, batch.name)));
  fill(
    $("export-marks"),
    ...codebook.marks.map((style) =>
      h(
        "label",
        {},
        h("input", { type: "checkbox", name: "mark", value: style.mark }),
        t(`ui.mark.${style.mark}`),
      ),
    ),
  );
  const show = ({ batch, state, rows }) => {
    $("batch").value = batch;
    $("batch-name").textContent = batch || t("ui.no_batch");
    $("batch").hidden = batches.length < 2;
    $("batch-name").hidden = batches.length > 1;
    if (!rows) return;
    const n = [0, 0, 0, 0];
    for (const byte of state) n[byte & 3] += 1;
    const done = rows.n - n[0];
    for (const code of [1, 2, 3])
      $("track").children[code - 1].style.width = `${(100 * n[code]) / (rows.n || 1)}%`;
    $("track").setAttribute("aria-valuenow", String(done));
    $("track").setAttribute("aria-valuemax", String(rows.n));
    $("done").textContent = `${number(done)} / ${number(rows.n)}`;
  };
  store.subscribe(["rows", "stateTick", "batch"], show);
  show(store.get());
  store.subscribe(["panel"], ({ panel, list, selected }) => {
    if (!panel) return;
    const { source_id, mark, county_name } = panel.plot;
    const at = list.indexOf(selected) + 1;
    const facts = { plot: source_id, mark: t(`ui.mark.${mark}`), place: county_name ?? "" };
    $("live").textContent = t("ui.live", { ...facts, n: at, all: list.length });
  });
}

/** Keep the address such that it says to a colleague what one sees. */
function link(store, view) {
  let where = {};
  const write = () => {
    const { batch, batches, selected, rows, wish } = store.get();
    if (!rows) return;
    const said = {
      ...where,
      b: batches.length > 1 ? batch : "",
      plot: selected ? rows.source_id[selected - 1] : "",
      f: wish.mark === 0 ? "" : (wish.mark ?? "a"),
      s: wish.sort === "risk" ? "" : wish.sort,
      q: wish.q,
    };
    history.replaceState(null, "", writeHash(said) || location.pathname);
  };
  view.onMove(({ lon, lat, zoom }) => {
    where = { z: zoom, c: `${lon.toFixed(5)},${lat.toFixed(5)}` };
    write();
  });
  store.subscribe(["selected", "wish", "batch"], write);
}

/** Open what a link names, else the first of the list. */
function open(said, store, actions, view) {
  const { rows, list } = store.get();
  if (!rows) return;
  const named = said.plot ? rows.source_id.indexOf(said.plot) + 1 : 0;
  const spot = place(said);
  if (spot) view.focusPlace(spot.center, spot.zoom);
  if (said.plot && !named) actions.toast(store.get().t("ui.toast.not_here", { plot: said.plot }));
  actions.select(named || list[0] || 0, spot ? "map" : "link");
}
