import { $, fill, h } from "../dom.js";
import { figures, listed } from "../texts.js";
import { batch, fixed, keep, layersOf, refused, skipped, table } from "./cards.js";
import { choiceFor, nameOf, sized, taken, waits } from "./choices.js";

const ENCODINGS = ["gb18030", "utf-8", "big5"];
const UNITS = ["m2", "mu", "ha", "km2"];
const SYSTEMS = [
  "EPSG:4490",
  "EPSG:4545",
  "EPSG:4524",
  "EPSG:4544",
  "EPSG:4523",
  "EPSG:4326",
  "EPSG:3857",
];

/** What was found in each file and what spoke for it, to be changed where it is wrong. */
export function createFiles({ store, actions }) {
  const { t, lang, areas } = store.get();
  const number = figures(lang);
  const tools = { t, lang, number };
  const pane = $("pane-files");
  let shown = null;

  store.subscribe(["found"], ({ found }) => {
    // While the server is at it, what stands here stays, with what is being typed into it.
    if (!found || (waits(found.state) && shown === found.found)) return;
    shown = found.found;
    const focused = document.activeElement?.id;
    const looked = new Set(found.found.map((one) => one.file));
    const names = found.found.length ? Object.keys(found.choices) : [];
    const left = names.filter((file) => !looked.has(file));
    fill(
      pane,
      batch(found, t, areas),
      ...found.found.map((one, n) =>
        one.refused ? refused(one, n, found, tools) : card(one, n, found, tools),
      ),
      ...left.map((file) => skipped(file, found, tools)),
    );
    if (focused && pane.querySelector(`#${CSS.escape(focused)}`)) $(focused).focus();
  });

  pane.addEventListener("change", ({ target }) => {
    const { file, choice, part } = target.dataset;
    const { found } = store.get();
    const one = found.found[Number(part)] ?? { file };
    if (target.name === "update") actions.adjust({ update: target.checked });
    else if (choice === "about") actions.adjust({ [target.name]: target.value || null });
    else if (choice === "skip") actions.choose(one.file, taken(found, one, target.checked));
    else if (choice && target.value !== "other")
      actions.read({ [choice]: target.value || null }, one);
    else if (target.value === "other") other(target);
  });

  pane.addEventListener("submit", (event) => {
    event.preventDefault();
    const layers = new FormData(event.target).getAll("layer");
    if (layers.length) actions.choose(event.target.dataset.file, { layers });
  });

  /** A coordinate system that is in no list is written by hand. */
  function other(select) {
    const input = h("input", {
      ...{ type: "text", "data-part": select.dataset.part, "data-choice": "crs" },
      ...{ id: select.id, placeholder: "EPSG:4545", "aria-label": t("desk.crs"), maxlength: 8000 },
    });
    select.replaceWith(input);
    input.focus();
  }
}

/** Whether it is the first part of its file. */
const isFirst = (n, { found }) => found.findIndex(({ file }) => file === found[n].file) === n;

function card(one, n, found, { t, lang, number }) {
  const chosen = choiceFor(found, one);
  const size = found.files.find((file) => file.name === one.file)?.size;
  const placed = one.placings.find((placing) => placing.chosen);
  const unit = found.report?.files[n]?.read.area_unit;
  const off = fixed(found);
  const select = (name, options, value) =>
    h(
      "select",
      { id: `set-${name}-${n}`, "data-part": n, "data-choice": name, disabled: off },
      ...options.map(([key, text]) =>
        h("option", { value: key, selected: key === (value ?? "") }, text),
      ),
    );
  const row = (name, control, says) => [
    h("dt", {}, h("label", { for: `set-${name}-${n}` }, t(`desk.${name}`))),
    h("dd", {}, control, says ? h("small", {}, says) : null),
  ];
  const systems = [
    ...new Set([...one.placings.map((p) => p.crs), ...SYSTEMS, chosen.crs].filter(Boolean)),
  ];
  /** What is taken where nothing is chosen: what was found, if that is known now. */
  const byItself = (mine, value, unknown) => {
    if (mine) return t("desk.automatic");
    return value ? `${value} ${t("desk.by_itself")}` : unknown;
  };
  const units = (names) =>
    listed(
      names.split(", ").map((name) => t(`desk.unit.${name}`)),
      lang,
    );
  const facts = [
    one.format,
    one.layer,
    t("desk.rows", { n: number(one.rows) }),
    size && sized(size),
  ];
  return h(
    "section",
    { class: "card", "aria-labelledby": `file-${n}` },
    h(
      "header",
      {},
      h("h2", { id: `file-${n}` }, nameOf(one)),
      h("p", { class: "meta" }, facts.filter(Boolean).join(" · ")),
      keep(one, n, found, t),
    ),
    one.layers.length > 1 && !off && isFirst(n, found) ? layersOf(one, found, t) : null,
    h(
      "dl",
      { class: "settings" },
      ...row(
        "crs",
        select(
          "crs",
          [
            ["", byItself(chosen.crs, placed?.crs, t("desk.not_clear"))],
            ...systems.map((crs) => [crs, crs]),
            ["other", t("desk.other")],
          ],
          chosen.crs,
        ),
        one.says?.crs,
      ),
      ...row(
        "encoding",
        select(
          "encoding",
          [
            ["", byItself(chosen.encoding, one.encoding?.toUpperCase(), t("desk.not_clear"))],
            ...ENCODINGS.map((name) => [name, name.toUpperCase()]),
          ],
          chosen.encoding,
        ),
        one.says?.encoding,
      ),
      ...row(
        "area_unit",
        select(
          "area_unit",
          [
            ["", byItself(chosen.area_unit, unit && units(unit), t("desk.not_stated"))],
            ...UNITS.map((name) => [name, t(`desk.unit.${name}`)]),
          ],
          chosen.area_unit,
        ),
      ),
    ),
    one.readings.length && one.readings[0].samples.length
      ? h(
          "p",
          { class: "sample" },
          t("desk.sample", {
            text:
              one.readings.find((r) => r.encoding === one.encoding)?.samples.join(" · ") ??
              one.readings[0].samples.join(" · "),
          }),
        )
      : null,
    one.notes.length
      ? h("ul", { class: "notes" }, ...one.notes.map((note) => h("li", {}, note.text)))
      : null,
    one.first.length ? table(one, n, t) : null,
  );
}
