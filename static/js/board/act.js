import { $, fill, h } from "../dom.js";
import { stepField, typed } from "../stepform.js";
import { figures, listed } from "../texts.js";
import { offered } from "./model.js";

/** What can be done with the chosen plots: one step for all of them, each judged for itself. */
export function createAct({ store, actions }) {
  const { t, lang, codebook, roles } = store.get();
  const number = figures(lang);
  const form = $("step-form");
  let step = null;

  function show() {
    const { chosen, matched, plots, wish } = store.get();
    const steps = offered(codebook, roles, wish.s);
    $("act").hidden = plots.length === 0 || steps.length === 0;
    $("chosen").textContent = t(chosen.size ? "board.chosen" : "board.choose_some", {
      n: number(chosen.size),
    });
    $("everything").hidden = chosen.size === 0 || chosen.size >= Math.min(matched, actions.most);
    $("everything").textContent = t("board.everything", { n: number(matched) });
    fill(
      $("steps"),
      ...steps.map((action) =>
        h(
          "button",
          {
            type: "button",
            class: action.moves ? "plain" : "tool text",
            "data-do": "step",
            "data-arg": action.action,
            disabled: chosen.size === 0 || (chosen.size > 1 && !action.bulk),
            title: action.bulk ? null : t("board.singly"),
          },
          t(`action.${action.action}`),
        ),
      ),
    );
  }

  /** A field of the form; where it names a place, one of those the plots may go to. */
  function field(spec) {
    const places = placesFor(spec.name);
    const choices = places?.map(([value, name]) => ({ value, zh: name, en: name }));
    return stepField(choices ? { ...spec, choices } : spec, lang);
  }

  /** Places the chosen plots may go to; only two fields name one. */
  function placesFor(name) {
    const { places } = store.get();
    const of = (length, prefixes) =>
      Object.entries(places)
        .filter(([code]) => code.length === length && prefixes.some((p) => code.startsWith(p)))
        .toSorted(([a], [b]) => a.localeCompare(b));
    if (name === "county") return of(6, [""]);
    const counties = [...new Set(actions.taken().map((plot) => plot.county ?? "?"))];
    return name === "township" ? of(9, counties) : null;
  }

  function open(action) {
    step = offered(codebook, roles, store.get().wish.s).find((one) => one.action === action);
    const n = store.get().chosen.size;
    $("step-title").textContent = t("board.step_title", {
      step: t(`action.${action}`),
      n: number(n),
    });
    fill($("step-fields"), ...step.fields.map(field));
    fill($("step-state"));
    $("step-go").disabled = false;
    $("step-go").hidden = false;
    $("step").showModal();
  }

  async function go(event) {
    event.preventDefault();
    $("step-go").disabled = true;
    fill($("step-state"), h("progress", { "aria-label": t("board.working") }));
    try {
      const { kept, refused } = await actions.take(step, typed(form));
      if (refused.length === 0) {
        $("step").close();
        actions.say(t("board.done", { n: number(kept), step: t(`action.${step.action}`) }));
      } else told(kept, refused);
    } catch (error) {
      fill($("step-state"), h("p", { class: "failed" }, error.told ?? error.message));
      $("step-go").disabled = false;
      if (error.status === undefined) throw error;
    }
  }

  /** Which did not go through, and why: plots of one reason together. */
  function told(kept, refused) {
    const reasons = Map.groupBy(refused, ({ told: why }) => why);
    $("step-go").hidden = true;
    fill(
      $("step-state"),
      h("p", {}, t("board.partly", { n: number(kept), refused: number(refused.length) })),
      h(
        "ul",
        {},
        ...[...reasons].map(([why, rows]) =>
          h(
            "li",
            {},
            h("b", {}, why),
            " ",
            listed(
              rows.map((row) => row.source_id),
              lang,
            ),
          ),
        ),
      ),
    );
  }

  form.addEventListener("submit", go);
  store.subscribe(["chosen", "plots", "matched", "wish"], show);
  show();
  return { open };
}
