import { h } from "./dom.js";
import { moment, named } from "./texts.js";

/** What a record may say, in the order in which it is compared. */
const COMPARED = [
  "mark",
  "reason",
  "violation",
  "severity",
  "determination",
  "type_actual",
  "note",
  "permit_no",
  "permit_authority",
  "permit_date",
  "permit_valid_to",
  "area_m2",
  "volume_m3",
  "review_mode",
  "percent",
  "measure",
  "date",
  "text",
];

/** Names under which the plot itself tells what a record calls otherwise. */
const ON_PLOT = { area_m2: "area_measured_m2", date: "claimed_on" };

/**
 * What a record says that the plot does not: pairs of both, by field.
 * @param {Record<string, any>} said @param {any} plot
 */
export function differences(said, plot) {
  const there = (name) => plot[ON_PLOT[name] ?? name] ?? plot.course?.[ON_PLOT[name] ?? name];
  return COMPARED.filter((name) => name in said && said[name] !== there(name)).map((name) => ({
    name,
    mine: said[name],
    theirs: there(name) ?? null,
  }));
}

/** A record beside what the plot says now: who, when, and what differs. */
export function createComparison({ t, lang, codebook }) {
  const codes = Object.fromEntries(
    [...codebook.reasons, ...codebook.violations].map((row) => [row.code, named(row, lang)]),
  );
  const labels = Object.fromEntries(
    [...Object.values(codebook.actions).flat(), ...codebook.mark_fields].map((field) => [
      field.name,
      named(field, lang),
    ]),
  );

  function word(name, value) {
    if (value === null || value === undefined) return t("ui.none");
    if (name === "mark") return t(`ui.mark.${value}`);
    if (name === "severity") return t(`ui.severe.${value}`);
    if (name === "determination") return t(`determination.${value}`);
    return codes[value] ? `${value} ${codes[value]}` : String(value);
  }

  const side = (title, who, when, lines) =>
    h(
      "div",
      {},
      h("h3", {}, title),
      ...lines.map(([label, value]) =>
        h("p", {}, label ? h("small", {}, label) : null, label ? h("br") : null, value),
      ),
      h("p", { class: "when" }, [who, when && moment(localIso(when))].filter(Boolean).join(" · ")),
    );

  /**
   * @param {string} say what happened
   * @param {string} title whose record it is
   * @param {{action: string, said: any, who: string, at: string}} record
   * @param {any} plot as it is now
   * @param {...any} buttons
   */
  return function compare(say, title, { action, said, who, at }, plot, ...buttons) {
    const found = differences(said, plot);
    const lines = (which) => found.map((one) => [labels[one.name], word(one.name, one[which])]);
    const mine = found.length ? lines("mine") : [[null, t(`action.${action}`)]];
    const theirs = found.length ? lines("theirs") : [[null, t(`stage.${plot.stage}`)]];
    return h(
      "div",
      { class: "conflict", role: "alert" },
      h("p", {}, say),
      h(
        "div",
        { class: "sides" },
        side(title, who, at, mine),
        side(t("ui.conflict.theirs"), plot.marked_by, plot.marked_at, theirs),
      ),
      buttons.some(Boolean) ? h("p", { class: "buttons" }, ...buttons) : null,
    );
  };
}

/** An instant in the time of the review, UTC+8. @param {string} iso */
const localIso = (iso) =>
  iso.endsWith("Z") ? new Date(Date.parse(iso) + 8 * 3_600_000).toISOString() : iso;
