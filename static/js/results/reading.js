import { fill, h } from "../dom.js";
import { named } from "../texts.js";

const FIELDS = [
  ...["source_id", "mark", "code", "note", "observed_on", "type_actual", "severity", "area_m2"],
  ...["permit_no", "permit_authority", "permit_date", "permit_valid_to", "review_mode", "version"],
];

/** How a list is read: which column is which field, and what its words mean. */
export function createReading({ t, lang, codebook, adjust }) {
  /** @param {any} found a list as the server tells it */
  function shown(found) {
    const parts = [words(found), columns(found)].filter(Boolean);
    return h("div", { class: "reading" }, ...parts);
  }

  /** Words nobody has explained: each with what it may mean. */
  function words(found) {
    const asked = Object.entries(found.words);
    if (!asked.length) return null;
    const form = h("form", { class: "card-of" });
    const lines = asked.flatMap(([field, list]) =>
      list.map(({ word, n }) =>
        h(
          "label",
          { class: "word" },
          h("span", {}, t("results.word", { field: t(`results.field.${field}`), word, n })),
          h(
            "select",
            { "data-field": field, "data-word": word },
            h("option", { value: "" }, t("results.word_open")),
            ...found.possible[field].map((value) => h("option", { value }, meaning(field, value))),
          ),
        ),
      ),
    );
    fill(
      form,
      h("h3", {}, t("results.words")),
      h("p", { class: "meta" }, t("results.words_more")),
      ...lines,
      h("p", { class: "buttons" }, h("button", { class: "plain" }, t("results.again"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = structuredClone(found.explained);
      for (const { value, dataset } of form.querySelectorAll("select")) {
        if (!value) continue;
        said[dataset.field] ??= {};
        said[dataset.field][dataset.word] = value;
      }
      adjust({ words: said });
    });
    return form;
  }

  function meaning(field, value) {
    if (value === "-") return t("results.says_nothing");
    if (field === "mark") return t(`ui.mark.${value}`);
    if (field === "severity") return t(`ui.severe.${value}`);
    if (field !== "code") return t(`results.mode.${value}`);
    const row = [...codebook.reasons, ...codebook.violations].find((one) => one.code === value);
    return row ? `${value} ${named(row, lang)}` : value;
  }

  /** Which column is taken for which field, with what stands in it. */
  function columns(found) {
    const open = Boolean(found.asks) || Object.keys(found.unclear).length > 0;
    const heads = found.headers.map(({ header }) => header);
    const body = h("form", {});
    const line = (field) =>
      h(
        "label",
        { class: field in found.unclear ? "word is-unclear" : "word" },
        h("span", {}, t(`results.field.${field}`)),
        h(
          "select",
          { "data-field": field },
          h("option", { value: "" }, t("results.no_column")),
          ...found.headers.map(({ header, examples }) =>
            h(
              "option",
              { value: header, selected: found.columns[field] === header },
              examples.length ? `${header} (${examples[0]})` : header,
            ),
          ),
        ),
      );
    fill(
      body,
      ...FIELDS.map(line),
      h("p", { class: "buttons" }, h("button", { class: "plain" }, t("results.again"))),
    );
    body.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = {};
      for (const { value, dataset } of body.querySelectorAll("select"))
        if (heads.includes(value) || found.columns[dataset.field]) said[dataset.field] = value;
      adjust({ columns: said });
    });
    return h("details", { class: "card-of", open }, h("summary", {}, t("results.columns")), body);
  }

  return { shown };
}
