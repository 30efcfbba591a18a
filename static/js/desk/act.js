import { $ } from "../dom.js";
import { figures } from "../texts.js";
import { stepOf, waits } from "./choices.js";

/** The last line of an import: its report, taking it in, and taking it back. */
export function createAct({ store, client, actions }) {
  const { t, lang, me } = store.get();
  const number = figures(lang);
  const back = $("retract");

  store.subscribe(["found"], ({ found }) => {
    $("act").hidden = !found;
    if (!found) return;
    const { state, counts, batch } = found;
    const done = state === "done";
    for (const suffix of ["xlsx", "json"]) {
      $(`report-${suffix}`).hidden = !found.report;
      $(`report-${suffix}`).href = client.report(found.id, suffix);
    }
    $("open-batch").hidden = !done;
    $("open-batch").href = `/#${new URLSearchParams({ b: batch, f: "a" })}`;
    back.hidden = !done || !me.actions.includes("retract");
    sure(false);
    const plots = counts ? counts.stored + (counts.changed ?? 0) : 0;
    const brings = plots + (counts?.joined ?? 0) > 0;
    $("commit").hidden = done || state.startsWith("retract");
    $("commit").disabled = !(state === "ready" && brings);
    $("commit").textContent = t(plots ? "desk.commit_n" : "desk.commit", { n: number(plots) });
    $("why-not").textContent = why(state, brings);
  });

  function why(state, brings) {
    if (waits(state) || state === "done" || (state === "ready" && brings)) return "";
    return t(`desk.why_not.${stepOf(state) === "report" ? "nothing_new" : state}`);
  }

  /** Taking back is asked twice, in the same place. */
  function sure(on) {
    back.dataset.sure = String(on);
    back.textContent = t(on ? "desk.retract_sure" : "desk.retract");
  }

  back.addEventListener("click", () => {
    if (back.dataset.sure === "true") actions.retract();
    else sure(true);
  });
  back.addEventListener("blur", () => sure(false));
  $("commit").addEventListener("click", () => {
    $("commit").disabled = true;
    actions.commit();
  });
}
