import { request } from "./api.js";
import { loadRows, loadState } from "./data.js";
import { CONFLICT, listed, neighbour } from "./filter.js";
import { createMarks } from "./marks.js";
import { foreseen } from "./outbox.js";
import { recall, remember } from "./prefs.js";

const REREAD_MS = 500;
const UNLISTED = new Set(["merged", "withdrawn"]);
const MARKS = ["pending", "confirmed", "false_positive", "rectified"];

/**
 * What a person can do, and what follows from it in the store. Pages and keys call these by name.
 * @param {{store: any, sync: () => any, panels: any, typed: () => any}} parts `sync` comes later
 *   than the store; `typed` gives what was typed for the plot and not sent yet
 */
export function createActions({ store, sync, panels, typed }) {
  let served = new Uint8Array();
  let places = new Map();
  let raw = null;
  let marked = 0;
  const { get, set } = store;
  const id = (plotId) => (places.get(plotId) ?? -1) + 1;
  const idOf = (row) => get().rows.plot_id[row - 1];
  const laterKey = () => `later:${get().me.user}:${get().batch}`;

  // The list ------------------------------------------------------------------------------------

  async function loadBatch(batch) {
    set({
      batch,
      later: new Set(recall(`later:${get().me.user}:${batch}`) ?? []),
      listError: null,
    });
    try {
      const loaded = await loadRows(batch);
      const open = get().rows && get().selected ? idOf(get().selected) : "";
      ({ served, places } = loaded);
      const selected = open ? id(open) : get().selected;
      if (!selected) raw = null;
      set({ rows: loaded.rows, selected });
      repaint();
    } catch (error) {
      set({ listError: error });
    }
  }

  /** What others did meanwhile; the list itself again when it is another one. */
  async function refresh() {
    const { batch, rows } = get();
    if (!rows || document.hidden) return;
    const now = await loadState(batch).catch(() => null);
    if (!now || get().batch !== batch) return;
    if (now.rev !== rows.rev) await loadBatch(batch);
    else if (now.data.some((byte, i) => byte !== served[i])) {
      served = now.data;
      repaint();
    }
  }

  /** What somebody did, told as it came. @param {any} change */
  function heard(change) {
    const { batch, rows, me } = get();
    const i = places.get(change.plot_id);
    const leaves = change.kind === "left_scope" || UNLISTED.has(change.stage);
    if (leaves ? i !== undefined : i === undefined && change.batch === batch) reread();
    if (leaves || i === undefined) return;
    if (change.late) refresh();
    else if (change.version <= rows.version[i]) return;
    // What is on its way to the server is painted by the answer.
    if (change.actor === me.user && sync().entries().some(isQueuedFor(change.plot_id))) return;
    const torn = served[i] & CONFLICT;
    served[i] = MARKS.indexOf(change.mark) | (change.mark_state === "draft" ? 0 : 4) | torn;
    rows.version[i] = change.version;
    rows.stage[i] = change.stage;
    panels.forget(change.plot_id);
    repaint();
    if (isOpen(change.plot_id)) openPanel(change.plot_id);
  }

  const isQueuedFor = (plotId) => (entry) => entry.plot === plotId && entry.state === "queued";

  let rereading = 0;
  /** The list is another one: read anew, once for all that comes together. */
  function reread() {
    clearTimeout(rereading);
    rereading = setTimeout(() => loadBatch(get().batch), REREAD_MS);
  }

  /** The served bytes with what waits in the outbox painted over. */
  function repaint() {
    const state = served.slice();
    for (const entry of sync().entries()) {
      const i = places.get(entry.plot);
      if (i === undefined || entry.state !== "queued") continue;
      const torn = state[i] & CONFLICT;
      if (entry.action === "mark") state[i] = MARKS.indexOf(entry.body.mark) | torn;
      if (entry.action === "submit") state[i] |= 4;
      if (entry.paint) state[i] = MARKS.indexOf(entry.paint.mark) | torn;
    }
    set({ state, stateTick: get().stateTick + 1 });
    showPanel();
  }

  /** A plot that is marked stays in the list until one leaves it or asks for another list. */
  function relist(_, changed) {
    const { rows, state, wish, selected, later, list, visible: before } = get();
    if (!rows) return;
    if (changed.has("wish") || changed.has("selected") || changed.has("rows")) marked = 0;
    else if (list.includes(selected)) marked = selected;
    const { order, visible, counts } = listed(rows, state, wish, marked, later);
    const same = before?.length === visible.length && visible.every((v, i) => v === before[i]);
    set({ list: order, counts, visible: same ? before : visible });
  }
  store.subscribe(["rows", "stateTick", "wish", "selected", "later"], relist);

  // One plot ------------------------------------------------------------------------------------

  function select(row, by = "list") {
    const { selected, rows } = get();
    if (row === selected || !rows || row > rows.n) return;
    if (selected) marks.save();
    const plotId = row ? idOf(row) : "";
    raw = row ? panels.now(plotId) : null;
    set({ selected: row, selectedBy: by, panelError: null, panel: null });
    showPanel();
    if (row) openPanel(plotId);
  }

  async function openPanel(plotId) {
    try {
      const value = await panels.get(plotId);
      if (!isOpen(plotId) || panels.now(plotId) !== value) return;
      if (raw !== value) show(value);
      for (const step of [1, 2]) {
        const next = neighbour(get().list, get().selected, step);
        if (next) panels.prefetch(idOf(next));
      }
    } catch (error) {
      if (isOpen(plotId)) set({ panelError: error });
    }
  }

  const isOpen = (plotId) => get().selected > 0 && idOf(get().selected) === plotId;

  function show(value) {
    raw = value;
    sync().learn(raw.plot);
    showPanel();
  }

  function showPanel() {
    set({ panel: raw && { ...raw, plot: foreseen(raw.plot, sync().entries()) } });
  }

  function reload() {
    const { selected } = get();
    if (!selected) return;
    panels.forget(idOf(selected));
    set({ panelError: null });
    openPanel(idOf(selected));
  }

  /** A plot as the server has it now. */
  function learn(plot) {
    const i = places.get(plot.plot_id);
    panels.forget(plot.plot_id);
    if (i === undefined) return;
    const torn = plot.conflicts ? CONFLICT : 0;
    served[i] = MARKS.indexOf(plot.mark) | (plot.mark_state === "draft" ? 0 : 4) | torn;
    get().rows.version[i] = plot.version;
  }

  /** Something sent is in the ledger. */
  function kept(_entry, { event, plot }) {
    learn(plot);
    sync().learn(plot);
    if (raw?.plot.plot_id === plot.plot_id)
      raw = { ...raw, plot, history: [...raw.history.filter((e) => e.seq !== event.seq), event] };
    else if (isOpen(plot.plot_id)) openPanel(plot.plot_id);
    repaint();
  }

  /** Other plots stand where one was: the list anew, and the first of them. */
  async function replaced(answer) {
    kept(null, answer);
    const { plot } = answer;
    toast(get().t("ui.cut.done", { plot: plot.source_id, n: plot.course.children.length }));
    await loadBatch(get().batch);
    set({ selected: 0, panel: null });
    select(id(plot.course.children[0]), "list");
  }

  /** A record that came too late is done with: what is there stays. */
  async function keepTheirs(record) {
    const { plot_id, version } = get().panel.plot;
    try {
      const answer = await request(
        `/api/v1/plots/${encodeURIComponent(plot_id)}/actions/settle_conflict`,
        { method: "POST", headers: { "If-Match": `"${version}"` }, json: { record } },
      );
      kept(null, answer);
      toast(get().t("ui.step_done", { action: get().t("action.settle_conflict") }));
    } catch (error) {
      toast(error.told);
      reload();
    }
  }

  /** The same step once more, by whoever settles it, on the plot as it is now. */
  function takeLate(name) {
    const { plot } = get().panel;
    const { action, said, record, observed_at } = plot.aside.find((one) => one.record === name);
    const body = { ...said, record, observed_at };
    sync().add({ plot: plot.plot_id, action, body, base: plot.version });
  }

  /** Somebody else was first. */
  function moved(theirs) {
    learn(theirs);
    repaint();
    if (isOpen(theirs.plot_id)) openPanel(theirs.plot_id);
  }

  // Moving on ----------------------------------------------------------------------------------

  const toast = (text, undo = null) => set({ toast: { text, undo } });

  function go(step, by = "key") {
    const { list, selected } = get();
    const next = neighbour(list, selected, step);
    if (next && next !== selected) select(next, by);
    else if (step > 0) toast(get().t("ui.toast.end"));
  }

  function later() {
    const { selected, rows, later: before } = get();
    if (!selected) return;
    const number = rows.source_id[selected - 1];
    const next = neighbour(get().list, selected);
    const after = new Set(before);
    if (!after.delete(number)) after.add(number);
    remember(laterKey(), after.size ? [...after] : null);
    set({ later: after });
    if (after.has(number) && next) select(next, "key");
  }

  const marks = createMarks({ store, sync, panels, typed, go, select, toast, id });

  return {
    loadBatch,
    refresh,
    heard,
    reread,
    repaint,
    reload,
    replaced,
    keepTheirs,
    takeLate,
    select,
    kept,
    moved,
    ...marks,
    later,
    go,
    toast,
    id,
    find: (q) => set({ wish: { ...get().wish, q } }),
    filter: (code) => set({ wish: { ...get().wish, mark: code } }),
    sort: (sort) => set({ wish: { ...get().wish, sort } }),
  };
}
