import { inSight, waits } from "../desk/choices.js";
import { $ } from "../dom.js";
import { led } from "../gate.js";
import { address, readAddress } from "./address.js";

/** What can be done on the page of layers. */
export function createActions({ store, client }) {
  const { t } = store.get();
  let turn = 0;

  async function guarded(work) {
    try {
      await work();
    } catch (error) {
      if (!led(error)) store.set({ error: error.told ?? error.message });
      if (error.status === undefined) throw error;
    }
  }

  /** The layers as they are now, and how many plots are behind them. */
  async function fresh() {
    const { items } = await client.layers();
    const used = items.filter((layer) => layer.in_use);
    const told = await Promise.all(used.map((layer) => client.layer(layer.id)));
    store.set({ layers: items, behind: Math.max(0, ...told.map((one) => one.plots_behind)) });
  }

  async function showList() {
    store.set({ view: "list", layer: null, diff: null, touched: null, found: null, error: null });
    const [drafts] = await Promise.all([client.drafts(), fresh()]);
    store.set({ drafts: drafts.items });
  }

  async function showVersion({ layer: id, against }) {
    const mine = turn;
    store.set({ found: null, error: null, pointed: null });
    const [layer] = await Promise.all([client.layer(id), fresh()]);
    if (mine !== turn) return;
    const same = store.get().layer?.id === id;
    store.set({ view: "version", layer, ...(same ? {} : { diff: null, touched: null }) });
    const [diff, touched] = await Promise.all([
      client.diff(id, against),
      client.touched(id, against),
    ]);
    if (mine === turn) store.set({ diff, touched });
  }

  /** Show a draft and stay with it until the server is done with it. */
  async function showDraft(id) {
    const mine = turn;
    await client.draftSettled(id, {
      going: () => mine === turn,
      tell(said) {
        const before = store.get().found;
        if (before?.id !== said.id) store.set({ candidate: null });
        const kept = waits(said.state) && before?.id === said.id;
        const more = kept ? { summary: before.summary, questions: [] } : {};
        const found = { ...inSight(before, said), ...more };
        store.set({ view: "draft", layer: null, found, error: null });
        if (said.state === "done") location.hash = address({ layer: said.layer_id });
      },
    });
  }

  /** Have something done about the draft, and see what comes of it. */
  const told = (ask) =>
    guarded(async () => {
      const { id } = store.get().found;
      await ask(id);
      turn++;
      await showDraft(id);
    });

  return {
    /** What the address says: a version, a draft, or all layers. */
    follow: () =>
      guarded(async () => {
        turn++;
        const said = readAddress(location.hash);
        if (said.draft) await showDraft(said.draft);
        else if (said.layer) await showVersion(said);
        else await showList();
      }),
    send(files) {
      if (!files.length) return;
      $("send-error").hidden = true;
      $("sending").hidden = false;
      $("sending-text").textContent = t("desk.sending", { n: files.length, file: files[0].name });
      client
        .send(files, (done) => {
          $("sending-bar").value = done;
        })
        .then((found) => {
          location.hash = address({ draft: found.id });
        })
        .catch((error) => {
          if (store.get().view !== "list") location.hash = "";
          $("send-error").hidden = false;
          $("send-error").textContent = error.told ?? error.message;
        })
        .finally(() => {
          $("sending").hidden = true;
        });
    },
    adjust: (change) => told((id) => client.adjust(id, change)),
    /** Answers to questions, as the desk gives them: which layer, and how it is to be read. */
    choose(_file, { layers }) {
      return this.adjust({ layer: layers[0] });
    },
    read(change) {
      return this.adjust(change);
    },
    commit: () => told(client.commit),
    cancelDraft: () => guarded(() => client.cancel(store.get().found.job)),
    /** Compute the facts of all plots that are behind. */
    recompute: () =>
      guarded(async () => {
        const { id } = await client.overlay();
        const tell = (job) => store.set({ job });
        const job = await client.jobSettled(id, { going: () => true, tell });
        store.set({ job: null });
        await fresh();
        const { view } = store.get();
        if (view === "version") await showVersion(readAddress(location.hash));
        if (job.error) store.set({ error: job.error.title });
      }),
    stop: () => guarded(() => client.cancel(store.get().job.id)),
  };
}
