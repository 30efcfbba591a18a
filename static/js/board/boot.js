import { joined, request, speak } from "../api.js";
import { $, fill, h } from "../dom.js";
import { led } from "../gate.js";
import { newId } from "../outboxdb.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { tellUnbegun } from "../refused.js";
import { createStore } from "../store.js";
import { translator } from "../texts.js";
import { createAct } from "./act.js";
import { createClient } from "./client.js";
import { firstStage, readWish, waiting, writeWish } from "./model.js";
import { createStages } from "./stages.js";
import { createTable } from "./table.js";

/** Plots in one step; the server takes no more. */
const MOST = 5000;

/** Put the desk together; only wiring. @param {any} config what the server says of itself */
export async function boot(config) {
  speak(translator(config.said), config.lang);
  offerPrefs();
  try {
    await begin(config);
    document.documentElement.dataset.ready = "";
  } catch (error) {
    if (!led(error)) tellUnbegun(error);
  }
}

async function begin({ lang, texts, codebook: codes }) {
  const [catalogue, codebook, me, batches] = await Promise.all([
    request(texts),
    request(codes),
    request("/api/v1/me"),
    request("/api/v1/batches"),
  ]);
  const t = translator(catalogue);
  speak(t, lang);
  offerPlaces(me);
  const roles = [...new Set(me.grants.map((grant) => grant.role))];
  const store = createStore({
    ...{ me, lang, t, codebook, roles, batches: batches.items, wish: readWish(location.hash) },
    ...{ counts: {}, places: {}, plots: [], matched: null, next: null, busy: true },
    chosen: new Map(),
  });
  const actions = createActions(store, createClient());
  if (batches.items.length === 0) {
    $("no-batch").hidden = false;
    return;
  }
  createStages({ store });
  createTable({ store, actions });
  const act = createAct({ store, actions });
  controls(store, actions);
  document.addEventListener("click", ({ target }) => {
    const { do: what, arg } = target.closest("[data-do]")?.dataset ?? {};
    const doing = {
      close: () => target.closest("dialog").close(),
      stage: () => actions.wish({ s: arg }),
      more: actions.more,
      everything: actions.everything,
      step: () => act.open(arg),
    };
    doing[what]?.();
  });
  addEventListener("hashchange", () => actions.follow());
  await actions.follow();
}

/** Batch, stage and conditions above the list. */
function controls(store, actions) {
  const { t, batches, codebook } = store.get();
  const option = (value, said) => h("option", { value }, said);
  fill($("batch"), ...batches.map(({ id }) => option(id, id)));
  fill(
    $("mark"),
    option("", t("board.any_mark")),
    ...codebook.marks.map(({ mark }) => option(mark, t(`ui.mark.${mark}`))),
  );
  let timer = 0;
  $("q").addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(() => actions.wish({ q: target.value.trim() }), 200);
  });
  const chosen = { batch: "b", stage: "s", county: "county", mark: "mark", sort: "sort" };
  for (const [id, name] of Object.entries(chosen))
    $(id).addEventListener("change", ({ target }) => actions.wish({ [name]: target.value }));
  for (const name of ["late", "torn"])
    $(name).addEventListener("change", ({ target }) =>
      actions.wish({ [name]: target.checked ? "1" : "" }),
    );
  const show = () => {
    const { wish, places } = store.get();
    const counties = Object.entries(places).filter(([code]) => code.length === 6);
    fill(
      $("county"),
      option("", t("board.any_county")),
      ...counties.map(([code, name]) => option(code, name)),
    );
    $("batch").value = wish.b;
    $("county").value = wish.county ?? "";
    $("mark").value = wish.mark ?? "";
    $("sort").value = wish.sort ?? "due_on";
    $("late").checked = Boolean(wish.late);
    $("torn").checked = Boolean(wish.torn);
    if (document.activeElement !== $("q")) $("q").value = wish.q ?? "";
  };
  store.subscribe(["wish", "places"], show);
}

function createActions(store, client) {
  let asked = 0;

  async function guarded(work) {
    try {
      await work();
    } catch (error) {
      if (!led(error)) {
        $("failed").textContent = error.told ?? error.message;
        $("failed").hidden = false;
      }
      if (error.status === undefined) throw error;
    }
  }

  /** What the address says, the counts of its batch, and the first part of its list. */
  const load = () =>
    guarded(async () => {
      const mine = ++asked;
      $("failed").hidden = true;
      store.set({ busy: true });
      const { batches, codebook, roles } = store.get();
      const said = readWish(location.hash);
      const b = batches.some(({ id }) => id === said.b) ? said.b : batches[0].id;
      const { stages, places } = await client.board(b);
      const known = codebook.stages.some(({ stage }) => stage === said.s);
      const first = () => firstStage(codebook.stages, stages, waiting(codebook.stages, roles));
      const wish = { ...said, b, s: known ? said.s : first() };
      const part = await client.page(wish);
      if (mine !== asked) return;
      store.set({
        ...{ wish, places, counts: stages, chosen: new Map(), busy: false },
        ...{ plots: part.items, matched: part.matched, next: part.next },
      });
    });

  const all = (plots) => new Map(plots.map((plot) => [plot.plot_id, plot]));

  return {
    most: MOST,
    follow: load,
    wish(change) {
      location.hash = writeWish({ ...store.get().wish, ...change });
    },
    more: () =>
      guarded(async () => {
        const { wish, next, plots } = store.get();
        const part = await client.page(wish, next);
        store.set({ plots: [...plots, ...part.items], next: part.next });
      }),
    choose(ids, on) {
      const { chosen, plots } = store.get();
      const held = all(plots);
      const now = new Map(chosen);
      for (const id of ids) {
        if (on) now.set(id, held.get(id));
        else now.delete(id);
      }
      store.set({ chosen: now });
    },
    everything: () =>
      guarded(async () => store.set({ chosen: all(await client.all(store.get().wish, MOST)) })),
    taken: () => [...store.get().chosen.values()],
    say: (told) => {
      $("told").textContent = told;
    },
    /** Take a step with the chosen plots; what did not go through stays chosen. */
    async take(step, body) {
      const plots = this.taken();
      const key = newId();
      const refused =
        plots.length === 1
          ? await single(client, plots[0], step.action, body, key)
          : await many(client, plots, step.action, body, key);
      await load();
      return { kept: plots.length - refused.length, refused };
    },
  };
}

async function single(client, plot, action, body, key) {
  await client.act(plot, action, body, key);
  return [];
}

async function many(client, plots, action, body, key) {
  const numbers = new Map(plots.map((plot) => [plot.plot_id, plot.source_id]));
  const { items } = await client.bulk(plots, action, body, key);
  return items
    .filter(({ status }) => status !== 201)
    .map(({ plot_id, title, hint }) => ({
      source_id: numbers.get(plot_id),
      told: joined(title, hint),
    }));
}
