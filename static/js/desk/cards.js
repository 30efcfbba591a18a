import { h } from "../dom.js";
import { choiceOf, nameOf } from "./choices.js";

/** Whether nothing can be changed any more. */
export const fixed = ({ state }) =>
  ["committing", "done", "retracting", "retracted"].includes(state);

/** Name, area and dates of the batch; the area is asked of who may bring in for several. */
export function batch(found, t, areas) {
  const field = (name, type, value, more = {}) =>
    h(
      "label",
      {},
      h("span", {}, t(`desk.${name}`)),
      h("input", {
        id: `set-${name}`,
        type,
        name,
        value: value ?? "",
        "data-choice": "about",
        disabled: fixed(found),
        ...more,
      }),
    );
  return h(
    "fieldset",
    { class: "card batch-card" },
    h("legend", {}, t("desk.batch_card")),
    field("batch", "text", found.batch, { maxlength: 200, required: true }),
    areas.length > 1
      ? h(
          "label",
          {},
          h("span", {}, t("desk.area")),
          h(
            "select",
            { id: "set-area", name: "area", "data-choice": "about", disabled: fixed(found) },
            ...[...new Set([found.area, ...areas])].map((area) =>
              h("option", { value: area, selected: area === found.area }, area),
            ),
          ),
        )
      : null,
    field("review_due", "date", found.review_due),
    field("rectify_due", "date", found.rectify_due),
    h(
      "label",
      { class: "update" },
      h("input", {
        ...{ id: "set-update", type: "checkbox", name: "update", "data-choice": "about" },
        ...{ checked: found.update, disabled: fixed(found) },
      }),
      h("span", {}, t("desk.update")),
    ),
  );
}

/** The first rows, as the file has them. */
export function table({ columns, first, first_rows }, n, t) {
  return h(
    "details",
    { class: "first", open: true },
    h("summary", { id: `first-${n}` }, t("desk.first_rows", { n: first.length })),
    h(
      "div",
      {
        class: "scroller",
        role: "region",
        tabindex: 0,
        "aria-labelledby": `file-${n} first-${n}`,
      },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "#"),
            ...columns.map(({ header }) => h("th", { scope: "col" }, header)),
          ),
        ),
        h(
          "tbody",
          {},
          ...first.map((cells, row) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, String(first_rows?.[row] ?? row + 1)),
              ...cells.map((cell) => h("td", {}, cell ?? "")),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The layers of a file, to take others of them. */
export function layersOf(one, found, t) {
  const { layers } = choiceOf(found, one.file);
  const now = layers.length ? layers : [one.chosen ?? one.layer];
  return h(
    "form",
    { class: "layers", "data-file": one.file },
    h(
      "details",
      {},
      h("summary", {}, t("desk.other_layers", { n: one.layers.length })),
      ...one.layers.map((layer) =>
        h(
          "label",
          {},
          h("input", {
            type: "checkbox",
            name: "layer",
            value: layer,
            checked: now.includes(layer),
          }),
          layer,
        ),
      ),
      h("button", { type: "submit", class: "plain" }, t("desk.ask.take_layers")),
    ),
  );
}

/** Whether a part comes in: a file among others, or a layer among others. */
export function keep(one, n, found, t) {
  const layers = choiceOf(found, one.file).layers.length;
  if (Object.keys(found.choices).length < 2 && layers < 2) return null;
  return toggle(
    { checked: true, "data-part": n },
    found,
    t(layers > 1 ? "desk.keep_layer" : "desk.keep_file"),
  );
}

const toggle = (more, found, text) =>
  h(
    "label",
    { class: "keep" },
    h("input", { type: "checkbox", "data-choice": "skip", disabled: fixed(found), ...more }),
    text,
  );

export const skipped = (file, found, { t }) =>
  h(
    "section",
    { class: "card is-skipped" },
    h(
      "header",
      {},
      h("h2", {}, file),
      h("p", { class: "meta" }, t("desk.skipped")),
      toggle({ checked: false, "data-file": file }, found, t("desk.keep_file")),
    ),
  );

export const refused = (one, n, found, { t }) =>
  h(
    "section",
    { class: "card is-refused" },
    h("header", {}, h("h2", {}, nameOf(one)), keep(one, n, found, t)),
    h("p", {}, h("b", {}, one.refused.title)),
    h("p", { class: "hint" }, one.refused.hint),
  );
