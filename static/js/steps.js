import { request } from "./api.js";
import { $, fill, h } from "./dom.js";
import { newId } from "./outboxdb.js";
import { named } from "./texts.js";

const ELSEWHERE = new Set(["mark", "undo_mark", "submit"]);
const TYPES = { date: "date", percent: "number" };

/**
 * What may be done with the chosen plot beside marking it: a button for each step the server
 * offers, and a small form made from the table that also checks it there.
 * @param {{store: any, actions: any}} parts
 */
export function createSteps({ store, actions }) {
  const { t, lang, codebook } = store.get();
  let open = null;
  let shape = "";

  const plot = () => store.get().panel?.plot ?? null;
  const steps = () => (plot()?.may ?? []).filter((action) => !ELSEWHERE.has(action));

  function show() {
    const now = plot();
    const offered = now && !now.waiting ? steps() : [];
    const key = now && [now.plot_id, now.version, ...offered].join();
    if (key === shape) return;
    shape = key;
    open = null;
    $("p-steps").closest("section").hidden = offered.length === 0;
    draw(offered);
  }

  function draw(offered) {
    fill(
      $("p-steps"),
      h("div", { class: "offered" }, ...offered.map(button)),
      open && form(open, codebook.actions[open]),
    );
  }

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
      ...specs.map(field),
      said,
      h("div", { class: "send" }, send),
    );
    made.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      said.hidden = true;
      try {
        await take(action, Object.fromEntries(new FormData(made)));
      } catch (error) {
        said.textContent = error.told;
        said.hidden = false;
        send.disabled = false;
        if (error.status === 412) actions.moved(error.problem.plot);
      }
    });
    return made;
  }

  function field(spec) {
    const label = h("span", {}, named(spec, lang));
    const shared = { name: spec.name, required: spec.needed };
    return h("label", {}, label, spec.choices.length ? choice(spec, shared) : box(spec, shared));
  }

  const choice = (spec, shared) =>
    h(
      "select",
      shared,
      h("option", { value: "" }, "–"),
      ...spec.choices.map((row) => h("option", { value: row.value }, named(row, lang))),
    );

  const box = (spec, shared) =>
    h(spec.limit > 1000 ? "textarea" : "input", {
      ...shared,
      type: spec.limit > 1000 ? null : (TYPES[spec.kind] ?? "text"),
      maxlength: spec.kind === "text" ? spec.limit : null,
      min: spec.kind === "percent" ? 0 : null,
      max: spec.kind === "percent" ? spec.limit : null,
      autocomplete: "off",
    });

  async function take(action, typed) {
    const { plot_id, version } = plot();
    const given = Object.entries(typed).filter(([, value]) => value.trim() !== "");
    const answer = await request(`/api/v1/plots/${encodeURIComponent(plot_id)}/actions/${action}`, {
      method: "POST",
      headers: { "If-Match": `"${version}"`, "Idempotency-Key": newId() },
      json: Object.fromEntries(given),
    });
    actions.kept(null, answer);
    actions.toast(t("ui.step_done", { action: t(`action.${action}`) }));
  }

  store.subscribe(["selected", "panel"], show);
  show();
}
