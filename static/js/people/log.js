import { request } from "../api.js";
import { fill, h } from "../dom.js";
import { moment } from "../texts.js";
import { table } from "./table.js";

const said = (value) => (value === null ? "–" : [value].flat().join(", ") || "–");

/** Old and new of everything that changed; of what was not there before, what it is. */
const change = (detail, t) =>
  Object.entries(detail)
    .filter(([name, [old]]) => name !== "disabled" && !(name === "lang" && old === null))
    .map(([name, [old, now]]) => {
      const was = old === null || old.length === 0 ? "" : `${said(old)} → `;
      return `${t(`people.log.of.${name}`)} ${was}${said(now)}`;
    })
    .join("; ");

/** The access log, newest first. */
export function createLog({ t, guard, place }) {
  let items = [];
  let next = null;

  async function more() {
    const tail = next ? `?before=${next}` : "";
    const part = await request(`/api/v1/access-log${tail}`);
    items = [...items, ...part.items];
    next = part.next;
    show();
  }

  function show() {
    const heads = ["at", "actor", "action", "subject", "detail"].map((name) =>
      t(`people.log.${name}`),
    );
    const rows = items.map((entry) => [
      moment(entry.at),
      entry.actor,
      entry.says,
      entry.subject,
      change(entry.detail, t),
    ]);
    const button = h("button", { type: "button", class: "plain" }, t("people.log.more"));
    button.addEventListener("click", () => guard(more));
    fill(
      place,
      h("p", { class: "meta" }, t("people.log.lead")),
      items.length ? table(heads, rows) : h("p", { class: "nothing" }, t("people.log.none")),
      next ? h("p", {}, button) : null,
    );
  }

  return {
    load() {
      items = [];
      next = null;
      return more();
    },
  };
}
