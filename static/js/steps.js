import { request } from "./api.js";
import { createCutting } from "./cutting.js";
import { $, fill, h } from "./dom.js";
import { newId } from "./outboxdb.js";
import { stepField, typed } from "./stepform.js";

const ELSEWHERE = new Set(["mark", "undo_mark", "submit", "link_permit", "unlink_permit"]);

/**
 * What may be done with the chosen plot beside marking it: a button for each step the server
 * offers, and a small form made from the table that also checks it there.
 * @param {{store: any, actions: any, cutter: any}} parts
 */
export function createSteps({ store, actions, cutter }) {
  const { t, lang, codebook } = store.get();
  const cutting = createCutting({ store, actions, cutter });
  let open = null;
  let shape = "";
  let plotId = "";
  let base = 0;

  const plot = () => store.get().panel?.plot ?? null;
  const steps = () => (plot()?.may ?? []).filter((action) => !ELSEWHERE.has(action));

  function show() {
    const now = plot();
    const offered = now && !now.waiting ? steps() : [];
    const key = now && [now.plot_id, now.version, ...offered].join();
    if (key === shape) return;
    shape = key;
    const typing = open !== "split" && now?.plot_id === plotId && offered.includes(open);
    plotId = now?.plot_id ?? "";
    // What is being typed stays when somebody else moves the plot meanwhile.
    if (typing) {
      $("p-steps").firstElementChild.replaceWith(bar(offered));
      return;
    }
    open = null;
    $("p-steps").closest("section").hidden = offered.length === 0;
    draw(offered);
  }

  function draw(offered) {
    cutting.close();
    base = plot()?.version;
    fill($("p-steps"), bar(offered), opened());
  }

  function opened() {
    if (open === "split") return cutting.form(plot());
    return open && form(open, codebook.actions[open]);
  }

  const bar = (offered) => h("div", { class: "offered" }, ...offered.map(button));

  function button(action) {
    const pressed = String(action === open);
    const made = h("button", { type: "button", class: "plain", "aria-expanded": pressed });
    made.append(t(`action.${action}`));
    made.addEventListener("click", () => {
      open = action === open ? null : action;
      draw(steps());
      $("p-steps").querySelector("form [name], form button")?.focus();
    });
    return made;
  }

  function form(action, specs) {
    const said = h("p", { class: "refused", role: "alert", hidden: true });
    const send = h("button", { type: "submit", class: "primary" }, t(`action.${action}`));
    const made = h(
      "form",
      { "aria-label": t(`action.${action}`) },
      ...specs.map((spec) => stepField(spec, lang)),
      said,
      h("div", { class: "send" }, send),
    );
    made.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      said.hidden = true;
      try {
        await take(action, typed(made));
      } catch (error) {
        said.textContent = error.told;
        said.hidden = false;
        send.disabled = false;
        if (error.status !== 412) return;
        base = error.problem.plot.version;
        actions.moved(error.problem.plot);
      }
    });
    return made;
  }

  async function take(action, json) {
    const { plot_id } = plot();
    const answer = await request(`/api/v1/plots/${encodeURIComponent(plot_id)}/actions/${action}`, {
      method: "POST",
      headers: { "If-Match": `"${base}"`, "Idempotency-Key": newId() },
      json,
    });
    open = null;
    actions.kept(null, answer);
    actions.toast(t("ui.step_done", { action: t(`action.${action}`) }));
  }

  store.subscribe(["selected", "panel"], show);
  show();
}
