import { $, fill, h } from "../dom.js";
import { figures, listed } from "../texts.js";
import { nameOf } from "./choices.js";

/**
 * Questions that only a person can answer. Coordinate systems are shown by what tells them apart:
 * where the shapes would lie; the one pointed at is strong on the map.
 */
export function createAsk({ store, actions }) {
  const { t, lang } = store.get();
  const number = figures(lang);
  const tools = { t, lang, number, store, actions };

  store.subscribe(["found"], ({ found }) => {
    const asked = found?.state === "asking" ? found.questions : [];
    fill($("ask"), ...asked.map((question, n) => card(question, n, found, tools)));
  });
  store.subscribe(["candidate"], ({ candidate }) => {
    const own = `#ask input[name=crs-${store.get().part}]`;
    for (const input of document.querySelectorAll(own)) input.checked = input.value === candidate;
  });
  $("ask").addEventListener("change", ({ target }) => {
    if (target.name?.startsWith("crs"))
      store.set({ candidate: target.value, part: Number(target.dataset.part) });
  });
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const { about, part } = event.target.dataset;
    const { found } = store.get();
    const one = found.found[Number(part)];
    const given = new FormData(event.target);
    const [chosen] = given.values();
    if (!chosen || chosen === "all") return;
    const others = given.get("all") ? alikes(found, one.file, about) : [];
    if (about === "layer") actions.choose(one.file, { layers: [...given.getAll("layer")] });
    else actions.read({ [about]: chosen }, one, ...others);
  });
  $("ask").addEventListener("click", ({ target }) => {
    if (target.closest("[data-go=columns]")) {
      const { part } = target.closest("[data-go]").dataset;
      store.set({ tab: "columns", part: Number(part) });
      $("tab-columns").focus();
    }
  });
}

function card(question, n, found, tools) {
  const id = `ask-${n}`;
  const options = OPTIONS[question.about]?.(question, found, tools) ?? null;
  return h(
    "form",
    {
      class: "question",
      "data-part": question.part,
      "data-about": question.about,
      "aria-labelledby": id,
    },
    h("h2", { id }, titleOf(question, tools)),
    h("p", { class: "hint" }, tools.t(`desk.ask.hint_${question.about}`)),
    found.found.length > 1
      ? h("p", { class: "of-file" }, nameOf(found.found[question.part]))
      : null,
    options,
  );
}

/** What the refusal says; where it would only name what stands below, something shorter. */
const titleOf = ({ code, title }, { t }) => (code === "crs_missing" ? t("desk.ask.no_crs") : title);

const OPTIONS = {
  crs({ part }, found, { t, lang, number, store }) {
    const { placings = [] } = found.found[part];
    if (!placings.length) return h("p", {}, t("desk.ask.no_candidate"));
    const { candidate: pointed, part: shown } = store.get();
    const first = (shown === part && pointed) || placings[0].crs;
    return [
      h(
        "div",
        { class: "candidates", role: "radiogroup", "aria-label": t("desk.ask.crs") },
        ...placings.map((placing, n) =>
          candidate(placing, n, { part, t, lang, number, on: placing.crs === first }),
        ),
      ),
      alike(part, found, "crs", t),
      button(t("desk.ask.take_crs")),
    ];
  },
  encoding({ part }, found, { t }) {
    const { readings = [] } = found.found[part];
    if (!readings.length) return h("p", {}, t("desk.ask.no_reading"));
    return [
      h(
        "div",
        { class: "candidates", role: "radiogroup", "aria-label": t("desk.encoding") },
        ...readings.map(({ encoding, samples }, n) =>
          choice("encoding", encoding, n === 0, [
            h("b", {}, encoding.toUpperCase()),
            h("span", { class: "sample" }, samples.join(" · ")),
          ]),
        ),
      ),
      alike(part, found, "encoding", t),
      button(t("desk.ask.take_encoding")),
    ];
  },
  layer({ part }, found, { t, store }) {
    const { layers = [] } = found.found[part];
    const one = store.get().oneLayer;
    return [
      h(
        "div",
        { class: "candidates", role: "group", "aria-label": t("desk.layer") },
        ...layers.map((layer, n) =>
          choice("layer", layer, !one || n === 0, [h("b", {}, layer)], one ? "radio" : "checkbox"),
        ),
      ),
      button(t("desk.ask.take_layers")),
    ];
  },
  columns: ({ part }, _found, { t }) =>
    h(
      "p",
      { class: "buttons" },
      h(
        "button",
        { type: "button", class: "primary", "data-go": "columns", "data-part": part },
        t("desk.ask.columns"),
      ),
    ),
};

/** Other layers of the same file may well be in the same system: one answer for all, if it is wished. */
function alike(part, found, about, t) {
  if (alikes(found, found.found[part].file, about).length < 2) return null;
  return h(
    "label",
    { class: "alike" },
    h("input", { type: "checkbox", name: "all", value: "all" }),
    t("desk.ask.alike"),
  );
}

/** Parts of a file about which the same is asked. */
const alikes = (found, file, about) =>
  found.questions
    .filter((one) => one.file === file && one.about === about)
    .map((one) => found.found[one.part]);

const button = (text) =>
  h("p", { class: "buttons" }, h("button", { type: "submit", class: "primary" }, text));

function candidate(placing, n, { part, t, lang, number, on }) {
  const { crs, name, counties, river_m, because, stated, probed } = placing;
  const where = counties.slice(0, 4).map((county) => `${county.name} ${number(county.n)}`);
  const lines = [
    where.length
      ? t("desk.ask.counties", { counties: listed(where, lang), n: number(probed) })
      : probed
        ? t("desk.ask.no_county")
        : null,
    river_m === null ? null : t("desk.ask.river", { m: number(river_m) }),
    ...because,
  ];
  return choice(
    `crs-${part}`,
    crs,
    on,
    [
      h("i", { class: `swatch candidate-${n % 5}`, "aria-hidden": "true" }),
      h("b", {}, crs),
      h("span", { class: "name" }, name),
      stated ? h("span", { class: "pill" }, t("desk.ask.stated")) : null,
      h("ul", {}, ...lines.filter(Boolean).map((line) => h("li", {}, line))),
    ],
    "radio",
    { "data-part": part },
  );
}

const choice = (name, value, checked, children, type = "radio", more = {}) =>
  h(
    "label",
    { class: "candidate" },
    h("input", { type, name, value, checked, ...more }),
    ...children,
  );
