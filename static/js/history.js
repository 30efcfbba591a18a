import { h } from "./dom.js";
import { moment, named } from "./texts.js";

const TOLD = ["mark", "reason", "violation", "stage", "county", "township"];

/** Who did what, the newest first, with what it changed. @param {any[]} events */
export function historyList(events, { t, lang, codebook, rows }) {
  const codes = Object.fromEntries(
    [...codebook.reasons, ...codebook.violations].map((row) => [row.code, named(row, lang)]),
  );

  function word(name, value) {
    if (value === null || value === undefined) return t("ui.none");
    if (name === "mark") return t(`ui.mark.${value}`);
    if (name === "stage") return t(`stage.${value}`);
    return codes[value] ?? rows?.place_names[value] ?? value;
  }

  const changes = ({ before, after }) =>
    TOLD.filter((name) => name in after && after[name] !== (before[name] ?? null)).map((name) =>
      before[name]
        ? `${word(name, before[name])} → ${word(name, after[name])}`
        : word(name, after[name]),
    );

  return events.toReversed().map((event) => {
    const role = codebook.roles[event.role]?.[lang === "en" ? 1 : 0] ?? event.role;
    return h(
      "li",
      {},
      h("p", {}, h("b", {}, event.unit || event.actor), ` ${t(`action.${event.action}`)}`),
      h("p", { class: "what" }, changes(event).join("; ")),
      event.note ? h("p", { class: "said" }, event.note) : null,
      h(
        "p",
        { class: "when" },
        `${role} · `,
        h("time", { datetime: event.recorded_at }, moment(event.recorded_at)),
        ` · #${event.seq}`,
      ),
    );
  });
}
