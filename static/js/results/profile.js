import { request } from "../api.js";
import { $, fill, h } from "../dom.js";

/** What a name of a photo may hold, shown as it is typed. */
const PLACES = Object.fromEntries(
  ["source_id", "n", "county", "code"].map((name) => [name, `{${name}}`]),
);

/** Which of the issuer's columns takes what, and in whose words. */
export function createProfile({ t, guard, place, saved }) {
  let known = { columns: [], headers: [], fields: {}, photo_name: "", version: null };

  function show(profile) {
    known = profile;
    draw();
  }

  function draw() {
    fill(
      $("profile-body"),
      h(
        "p",
        { class: "meta" },
        known.version === null
          ? t("return.page.proposed")
          : t("return.page.version", { n: known.version }),
      ),
      h("div", { id: "profile-columns" }, ...known.columns.map(line)),
      h(
        "label",
        { class: "word" },
        h("span", {}, t("return.page.photo_name")),
        h("input", {
          id: "photo-name",
          value: known.photo_name,
          maxlength: 120,
          spellcheck: "false",
        }),
      ),
      h("p", { class: "meta" }, t("return.page.photo_hint", PLACES)),
      h(
        "p",
        { class: "buttons" },
        h("button", { type: "button", class: "plain", "data-do": "add" }, t("return.page.add")),
        h("button", { type: "button", class: "plain", "data-do": "save" }, t("return.page.save")),
      ),
    );
  }

  const option = (value, say, chosen) => h("option", { value, selected: value === chosen }, say);

  function line(column) {
    const heads = known.headers.map((header) => option(header, header, column.column));
    const fields = Object.entries(known.fields).map(([field, { name }]) =>
      option(field, name, column.field),
    );
    const element = h(
      "fieldset",
      { class: "return-column" },
      h("legend", { class: "vh" }, column.column || t("return.column")),
      h("select", { name: "column", "aria-label": t("return.column") }, ...heads),
      h("select", { name: "field", "aria-label": t("return.holds") }, ...fields),
      h(
        "label",
        { class: "check" },
        h("input", { type: "checkbox", name: "required", checked: column.required }),
        t("return.page.required"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "plain",
          "data-do": "drop",
          "aria-label": t("return.page.drop_of", column),
        },
        t("return.page.drop"),
      ),
      wording(column),
    );
    element.querySelector("[name=field]").addEventListener("change", ({ target }) => {
      element.querySelector(".words")?.remove();
      const words = wording({ field: target.value, words: {} });
      if (words) element.append(words);
    });
    return element;
  }

  /** What each of our values is called in the column; empty leaves the cell as it came. */
  function wording({ field, words }) {
    const official = Object.entries(known.fields[field].words);
    if (!official.length) return null;
    return h(
      "details",
      { class: "words" },
      h("summary", {}, t("return.page.words")),
      ...official.map(([value, word]) =>
        h(
          "label",
          { class: "word" },
          h("span", {}, word),
          h("input", {
            "data-value": value,
            "data-official": word,
            value: words[value] ?? word,
            maxlength: 80,
          }),
        ),
      ),
    );
  }

  function said() {
    const columns = [...$("profile-columns").children].map((element) => ({
      column: element.querySelector("[name=column]").value,
      field: element.querySelector("[name=field]").value,
      required: element.querySelector("[name=required]").checked,
      words: Object.fromEntries(
        [...element.querySelectorAll("[data-value]")]
          .filter(({ value, dataset }) => value !== dataset.official)
          .map(({ value, dataset }) => [dataset.value, value]),
      ),
    }));
    return { columns, photo_name: $("photo-name").value };
  }

  function add() {
    known = { ...known, ...said() };
    const taken = new Set(known.columns.map((one) => one.column));
    const column = known.headers.find((header) => !taken.has(header));
    if (!column) return;
    known.columns.push({ column, field: "note", required: false, words: {} });
    draw();
  }

  /** Leave a column as it came. @param {string} _arg @param {Element} button */
  const drop = (_arg, button) => button.closest("fieldset").remove();

  const save = () =>
    guard(async () => {
      const batch = new URLSearchParams({ batch: place().batch });
      await request(`/api/v1/returns/profile?${batch}`, { method: "PUT", json: said() });
      await saved();
      $("live").textContent = t("return.page.saved");
    });

  return { show, add, drop, save };
}
