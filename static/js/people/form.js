import { $, fill, h, icon } from "../dom.js";

/**
 * A dialog with a form. @param {string} title @param {any[]} fields @param {any[]} buttons
 * @param {(form: FormData) => Promise<unknown>} save does it; a refusal is shown, and all stays
 */
export function ask(t, title, fields, buttons, save) {
  const failed = h("p", { class: "failed", role: "alert", hidden: true });
  const tell = (error) => {
    failed.hidden = false;
    failed.textContent = error.told ?? error.message;
    if (error.status === undefined) throw error;
  };
  const form = h(
    "form",
    {},
    ...fields,
    failed,
    h("p", { class: "buttons" }, ...buttons, h("button", { class: "primary" }, t("people.save"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(new FormData(form)).then(() => $("edit").close(), tell);
  });
  const close = h(
    "button",
    { type: "button", class: "tool", "data-do": "close", "aria-label": t("ui.close") },
    icon("i-close"),
  );
  fill($("edit"), h("header", {}, h("h2", { id: "edit-title" }, title), close), form);
  $("edit").showModal();
  return { tell };
}

/** A labelled field. */
export const field = (label, name, value, props = {}) =>
  h("label", {}, h("span", {}, label), h("input", { name, value: value ?? "", ...props }));

/** A labelled choice. @param {[string, string][]} options values and what they are called */
export function choice(label, name, value, options) {
  const made = options.map(([own, say]) =>
    h("option", { value: own, selected: own === value }, say),
  );
  return h("label", {}, h("span", {}, label), h("select", { name }, ...made));
}
