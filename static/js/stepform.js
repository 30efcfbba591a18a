import { h } from "./dom.js";
import { named } from "./texts.js";

const TYPES = { date: "date", percent: "number" };

/**
 * A field of a step's form, from the table that also checks it on the server.
 * @param {any} spec row of the codebook @param {string} lang
 */
export function stepField(spec, lang) {
  const shared = { name: spec.name, required: spec.needed };
  return h(
    "label",
    {},
    h("span", {}, named(spec, lang)),
    spec.choices.length ? choice(spec, shared, lang) : box(spec, shared),
  );
}

const choice = (spec, shared, lang) =>
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

/** What was typed, without what was left empty. @param {HTMLFormElement} form */
export const typed = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([, value]) => String(value).trim() !== ""));
