import { h } from "../dom.js";

/** Whether nothing can be changed any more. */
export const fixed = ({ state }) =>
  ["committing", "done", "retracting", "retracted"].includes(state);

/** Name and dates of the batch. */
export function batch(found, t) {
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
export function table({ columns, first, first_rows }, t) {
  return h(
    "details",
    { class: "first", open: true },
    h("summary", {}, t("desk.first_rows", { n: first.length })),
    h(
      "div",
      {
        class: "scroller",
        role: "region",
        tabindex: 0,
        "aria-label": t("desk.first_rows", { n: first.length }),
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
          ...first.map((cells, n) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, String(first_rows?.[n] ?? n + 1)),
              ...cells.map((cell) => h("td", {}, cell ?? "")),
            ),
          ),
        ),
      ),
    ),
  );
}

export const keep = (file, found, t, on) =>
  Object.keys(found.choices).length > 1
    ? h(
        "label",
        { class: "keep" },
        h("input", {
          type: "checkbox",
          checked: on,
          "data-file": file,
          "data-choice": "skip",
          disabled: fixed(found),
        }),
        t("desk.keep_file"),
      )
    : null;

export const skipped = (file, found, { t }) =>
  h(
    "section",
    { class: "card is-skipped" },
    h(
      "header",
      {},
      h("h2", {}, file),
      h("p", { class: "meta" }, t("desk.skipped")),
      keep(file, found, t, false),
    ),
  );

export const refused = ({ file, refused: why }, found, { t }) =>
  h(
    "section",
    { class: "card is-refused" },
    h("header", {}, h("h2", {}, file), keep(file, found, t, true)),
    h("p", {}, h("b", {}, why.title)),
    h("p", { class: "hint" }, why.hint),
  );
