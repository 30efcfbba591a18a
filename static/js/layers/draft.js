import { table } from "../desk/cards.js";
import { waits } from "../desk/choices.js";
import { $, fill, h } from "../dom.js";
import { figures, named } from "../texts.js";
import { changeTiles } from "./changes.js";

const ENCODINGS = ["gb18030", "utf-8", "big5"];
const SYSTEMS = ["EPSG:4490", "EPSG:4545", "EPSG:4524", "EPSG:4544", "EPSG:4523", "EPSG:4326"];
const SAID = [
  ["name", "text"],
  ["version", "text"],
  ["valid_from", "date"],
  ["source", "text"],
  ["approval_no", "text"],
  ["scale", "number"],
  ["accuracy_m", "number"],
];
const STOPPED = ["asking", "failed", "cancelled"];
const NUMBERS = { scale: { min: 100, step: 1 }, accuracy_m: { min: 0.1, step: 0.1 } };

/** A file that is to become a version: what was found in it, what is said of it, and publishing. */
export function createDraft({ store, actions }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  let shown = null;

  function head({ view, found, error }) {
    $("draft").hidden = view !== "draft" || !found;
    $("act").hidden = $("draft").hidden;
    if ($("draft").hidden) return;
    const { state, files, about, progress } = found;
    const kind = about.kind ? named(codebook.kinds[about.kind], lang) : t("layers.kind_open");
    $("d-name").textContent = [kind, about.version].filter(Boolean).join(" · ");
    const rows = found.found[0]?.rows;
    $("d-files").textContent = [
      files.map((file) => file.name).join(" "),
      rows && t("layers.features", { n: number(rows) }),
    ]
      .filter(Boolean)
      .join(" · ");
    $("d-state").textContent = t(`layers.state.${state}`);
    $("d-state").dataset.state = state;
    const busy = waits(state);
    $("draft").setAttribute("aria-busy", String(busy));
    $("working").hidden = !busy;
    $("working-text").textContent = progress.says ?? t(`layers.state.${state}`);
    if (progress.total) {
      $("working-bar").max = progress.total;
      $("working-bar").value = progress.done;
    } else $("working-bar").removeAttribute("value");
    const refused = found.error;
    $("d-error").hidden = !refused && !error;
    if (refused)
      fill($("d-error"), h("p", {}, h("b", {}, refused.title)), h("p", {}, refused.hint));
    else fill($("d-error"), h("p", {}, error ?? ""));
    $("commit").disabled = state !== "ready";
    $("why-not").textContent = STOPPED.includes(state) ? t(`layers.why_not.${state}`) : "";
  }

  function body({ view, found }) {
    if (view !== "draft" || !found) return;
    // While the server is at it, what stands here stays, with what is being typed into it.
    if (waits(found.state) && shown === found.id) return;
    shown = found.id;
    const focused = document.activeElement?.id;
    const one = found.found[0];
    const notes = one?.notes ?? [];
    fill(
      $("d-notes"),
      notes.length
        ? h("ul", { class: "notes" }, ...notes.map((note) => h("li", {}, note.text)))
        : null,
    );
    fill($("d-changes"), ...changes(found));
    fill($("d-cards"), about(found), one && !one.refused ? file(found, one) : null);
    if (focused) $(focused)?.focus();
  }

  function changes({ summary, against }) {
    if (!summary) return [];
    const other = store.get().layers.find((layer) => layer.id === against);
    return [
      h("h2", {}, t("layers.would_change", { version: other?.version ?? "" })),
      changeTiles(summary, { t, number }),
    ];
  }

  const field = (name, control, says) => [
    h("dt", {}, h("label", { for: `set-${name}` }, t(`layers.field.${name}`))),
    h("dd", {}, control, says ? h("small", {}, says) : null),
  ];

  const select = (name, options, value) =>
    h(
      "select",
      { id: `set-${name}`, "data-set": name },
      ...options.map(([key, text]) =>
        h("option", { value: key, selected: key === (value ?? "") }, text),
      ),
    );

  function about({ about: said }) {
    const kinds = Object.entries(codebook.kinds).reverse();
    const options = kinds.map(([name, kind]) => [name, named(kind, lang)]);
    if (!said.kind) options.unshift(["", t("layers.choose_kind")]);
    return h(
      "section",
      { class: "card", "aria-labelledby": "about-title" },
      h("h2", { id: "about-title" }, t("layers.about")),
      h(
        "dl",
        { class: "settings" },
        ...field("kind", select("kind", options, said.kind)),
        ...SAID.flatMap(([name, type]) =>
          field(
            name,
            h("input", {
              ...{ id: `set-${name}`, "data-set": name, type, value: said[name] ?? "" },
              ...(type === "text" ? { maxlength: 200 } : NUMBERS[name]),
            }),
          ),
        ),
      ),
    );
  }

  function file(found, one) {
    const { crs, encoding } = found.read;
    const taken = one.placings.find((placing) => placing.chosen);
    const systems = [...new Set([...one.placings.map((p) => p.crs), ...SYSTEMS, crs])];
    const own = (mine, value) =>
      mine ? t("desk.automatic") : value ? `${value} ${t("desk.by_itself")}` : t("desk.not_clear");
    return h(
      "section",
      { class: "card", "aria-labelledby": "file-0" },
      h("h2", { id: "file-0" }, t("layers.file")),
      h("p", { class: "meta" }, [one.format, one.layer].filter(Boolean).join(" · ")),
      h(
        "dl",
        { class: "settings" },
        ...field(
          "crs",
          select(
            "crs",
            [["", own(crs, taken?.crs)], ...systems.filter(Boolean).map((name) => [name, name])],
            crs,
          ),
          one.says?.crs,
        ),
        ...field(
          "encoding",
          select(
            "encoding",
            [
              ["", own(encoding, one.encoding?.toUpperCase())],
              ...ENCODINGS.map((name) => [name, name.toUpperCase()]),
            ],
            encoding,
          ),
          one.says?.encoding,
        ),
      ),
      one.columns.some((column) => column.field)
        ? h(
            "p",
            { class: "meta" },
            one.columns
              .filter((column) => column.field)
              .map((column) => `${t(`layers.column.${column.field}`)}: ${column.header}`)
              .join(" · "),
          )
        : null,
      one.first.length ? table(one, 0, t) : null,
    );
  }

  $("d-cards").addEventListener("change", ({ target }) => {
    const name = target.dataset.set;
    if (!name || !target.checkValidity()) return;
    const value = target.type === "number" && target.value ? Number(target.value) : target.value;
    actions.adjust({ [name]: value === "" ? null : value });
  });
  $("cancel").addEventListener("click", actions.cancelDraft);
  $("commit").addEventListener("click", () => {
    $("commit").disabled = true;
    actions.commit();
  });
  store.subscribe(["view", "found", "error"], head);
  store.subscribe(["view", "found"], body);
}
