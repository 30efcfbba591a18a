import { suggested } from "./outbox.js";
import { isOn } from "./prefs.js";

/**
 * Marking, taking back, saving and submitting the chosen plot. All of it goes into the outbox.
 * @param {{store: any, sync: () => any, panels: any, typed: () => any, go: any, select: any,
 *   toast: any, id: (plotId: string) => number}} parts
 */
export function createMarks({ store, sync, panels, typed, go, select, toast, id }) {
  const { get } = store;
  /** Marks of this sitting with what was there before, the last one last. */
  const undone = [];
  const current = () => get().panel?.plot ?? null;
  const may = (what) => Boolean(current()?.may.includes(what));
  const say = (key, facts) => get().t(key, facts);
  const markName = (mark) => say(`ui.mark.${mark}`);

  function add(plot, action, body, paint) {
    sync().add({ plot: plot.plot_id, action, body, base: plot.version, paint });
  }

  /** Send a mark with what was typed beside it. */
  function send(mark, fields = {}) {
    const plot = current();
    if (!plot || !may("mark")) return null;
    const paint = { mark: plot.mark, mark_state: plot.mark_state };
    for (const name of ["reason", "violation", "missing", "missing_text", "may"])
      paint[name] = plot[name];
    undone.push({ plotId: plot.plot_id, paint });
    add(plot, "mark", { mark, ...typed().take(), ...fields });
    return plot;
  }

  function mark(which, fields = {}) {
    const plot = current();
    const hint = suggested(plot ?? {});
    const asked = { ...fields };
    if (which === "false_positive" && !asked.reason && plot?.mark !== which && hint)
      Object.assign(asked, { reason: hint, reason_source: "suggested" });
    if (asked.reason && asked.reason === hint) Object.assign(asked, permitOf(get().panel, hint));
    if (!send(which, asked)) return;
    const whole = which === "false_positive" && asked.reason && asked.reason !== "FP99";
    const text = say("ui.toast.marked", { plot: plot.source_id, mark: markName(which) });
    toast(text, plot.plot_id);
    if (whole && get().wish.mark === 0 && isOn("advance")) go(1, "key");
  }

  function undo() {
    const plot = current();
    const last = undone.at(-1);
    const target = plot && may("undo_mark") ? plot.plot_id : last?.plotId;
    if (!target) return;
    const known = undone.findLastIndex((u) => u.plotId === target);
    const point = known >= 0 ? undone.splice(known, 1)[0] : null;
    const waiting = sync().entries();
    const own = waiting.findLast((e) => e.plot === target && e.action === "mark");
    if (own && own === waiting.findLast((e) => e.plot === target) && sync().drop(own.id)) {
      typed().restore(own);
    } else {
      const version = plot?.plot_id === target ? plot.version : panels.now(target)?.plot.version;
      const base = version ?? get().rows.version[id(target) - 1];
      sync().add({ plot: target, action: "undo_mark", body: {}, base, paint: point?.paint });
    }
    select(id(target), "key");
    toast(say("ui.toast.undone", { plot: get().rows.source_id[id(target) - 1] }));
  }

  /** Send what was typed for a plot that has a mark; before one there is nothing to add it to. */
  function save() {
    const plot = current();
    if (plot && plot.mark !== "pending" && may("mark") && typed().dirty()) send(plot.mark);
  }

  function submit() {
    const plot = current();
    if (!plot) return;
    if (plot.mark === "pending") {
      toast(say("ui.toast.unmarked"));
      return;
    }
    save();
    const waiting = sync()
      .entries()
      .some((e) => e.plot === plot.plot_id && e.state === "queued");
    const others = plot.lock && !may("mark");
    if (plot.mark_state !== "draft" || others || !get().me.actions.includes("submit")) go(1, "key");
    else if (waiting || plot.missing.length === 0) {
      add(current(), "submit", {});
      toast(say("ui.toast.submitted", { plot: plot.source_id }));
      go(1, "key");
    } else {
      const facts = { plot: plot.source_id, missing: plot.missing_text };
      toast(say("ui.toast.incomplete", facts));
      go(1, "key");
    }
  }

  return { mark, undo, save, submit };
}

/** What the register says of the permit that the facts found with a suggested reason. */
function permitOf(panel, reason) {
  const hint = panel.facts.hints?.find((h) => h.key === "permit" && h.code === reason);
  const { number, authority, date, valid_to } = hint?.facts ?? {};
  const found = {
    permit_no: number,
    permit_authority: authority,
    permit_date: date,
    permit_valid_to: valid_to,
  };
  const sound = ([name, value]) =>
    value && !panel.plot[name] && (/no$|authority$/.test(name) || /^\d{4}-\d\d-\d\d$/.test(value));
  return Object.fromEntries(Object.entries(found).filter(sound));
}
