import { $, fill, h } from "./dom.js";
import { recall, remember } from "./prefs.js";
import { named } from "./texts.js";

const MEASURED = new Set(["PR21", "PR22", "PR23", "PR24"]);
const TYPES = { date: "date", decimal: "text", text: "text" };

/** Fields of a plot as the panel names them: its area is the plot's, not the measured one. */
const kept = (plot, name) =>
  (name === "party" ? plot.course?.party : plot[name === "area_m2" ? "area_measured_m2" : name]) ??
  "";

/**
 * What may be typed beside a mark. It is kept in the browser with every stroke, by person and
 * plot, until it is in the outbox: leaving, signing in again and restarting lose nothing.
 */
export function createFields({ store }) {
  const { t, lang, codebook } = store.get();
  const specs = Object.fromEntries(codebook.mark_fields.map((spec) => [spec.name, spec]));
  const reasons = Object.fromEntries(codebook.reasons.map((reason) => [reason.code, reason]));
  let plot = null;
  let draft = {};
  let shape = "";

  const key = (plotId) => `draft:${store.get().me.user}:${plotId}`;

  function wanted() {
    if (plot.mark === "false_positive") return [...(reasons[plot.reason]?.fields ?? []), "note"];
    if (plot.mark === "pending") return ["note"];
    return ["area_m2", ...(MEASURED.has(plot.violation) ? ["volume_m3"] : []), "party", "note"];
  }

  function input(name) {
    const spec = specs[name];
    const long = name === "note";
    const box = h(long ? "textarea" : "input", {
      name,
      rows: long ? 1 : null,
      type: long ? null : TYPES[spec.kind],
      inputmode: spec.kind === "decimal" ? "decimal" : null,
      maxlength: spec.kind === "text" ? spec.limit : null,
      placeholder: long ? noteHint() : null,
      autocomplete: "off",
    });
    return h("label", { class: long ? "long" : null }, h("span", {}, named(spec, lang)), box);
  }

  function noteHint() {
    const least = reasons[plot.reason]?.note_min;
    return least ? t("ui.note_min", { n: least }) : null;
  }

  /** Draw the fields the plot wants; what one is typing into stays untouched. */
  function show(next) {
    if (next?.plot_id !== plot?.plot_id) draft = next ? (recall(key(next.plot_id)) ?? {}) : {};
    plot = next;
    if (!plot) return;
    const names = wanted();
    const now = [plot.plot_id, ...names].join();
    const anew = now !== shape;
    if (anew) {
      const typing = document.activeElement?.name;
      fill($("fields"), ...names.map(input));
      if (typing && document.activeElement === document.body)
        $("fields").querySelector(`[name=${typing}]`)?.focus();
    }
    shape = now;
    for (const box of $("fields").querySelectorAll("[name]"))
      if (anew || box !== document.activeElement) box.value = value(box.name);
    $("save").hidden = !dirty() || !plot.may.includes("mark");
  }

  const value = (name) => draft[name] ?? kept(plot, name);
  const dirty = () => Object.keys(changed()).length > 0;

  function changed() {
    const entries = Object.entries(draft).filter(([name, typed]) => {
      const text = typed.trim();
      return text !== "" && text !== kept(plot, name);
    });
    return Object.fromEntries(entries.map(([name, typed]) => [name, typed.trim()]));
  }

  $("fields").addEventListener("input", ({ target }) => {
    draft[target.name] = target.value;
    remember(key(plot.plot_id), draft);
    $("save").hidden = !dirty() || plot.mark === "pending";
  });

  return {
    show,
    dirty,
    /** What was typed and not sent yet; from here on the outbox keeps it. */
    take() {
      const typed = changed();
      draft = {};
      remember(key(plot.plot_id), null);
      return typed;
    },
    /** Put back what a refused record carried. @param {any} entry */
    restore({ plot: plotId, body }) {
      const typed = Object.fromEntries(
        Object.entries(body).filter(
          ([name]) => specs[name]?.kind !== "choice" && name !== "evidence",
        ),
      );
      remember(key(plotId), { ...typed, ...recall(key(plotId)) });
      if (plot?.plot_id === plotId) draft = recall(key(plotId)) ?? {};
    },
  };
}
