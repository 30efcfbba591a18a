import { $, fill, h } from "../dom.js";
import { figures } from "../texts.js";
import { waits } from "./choices.js";

const PAGE = 50;

/** Every row that is to be seen, a page at a time; the chosen one is shown on the map. */
export function createRows({ store, client }) {
  const { t, lang } = store.get();
  const number = figures(lang);
  const pane = $("pane-rows");
  const list = h("ul", { class: "told-rows", "aria-label": t("desk.tab.rows") });
  const select = h("select", { id: "code", "aria-label": t("desk.by_code") });
  const says = h("p", { class: "nothing", role: "status" });
  const more = h("button", { type: "button", class: "plain" }, t("desk.more"));
  pane.append(h("p", { class: "filter" }, select), says, list, h("p", { class: "buttons" }, more));
  let items = [];
  let next = null;
  let asked = 0;

  async function load(start) {
    const { found, wish, part } = store.get();
    const mine = ++asked;
    const several = found.found.length > 1;
    const query = { ...wish, part: several ? part : null, cursor: start, limit: PAGE };
    if (!start) says.textContent = "";
    const page = await client
      .rows(found.id, query)
      .catch((error) => ({ items: [], next: null, error }));
    if (mine !== asked) return;
    items = start ? [...items, ...page.items] : page.items;
    next = page.next;
    const line = items.slice(start ? -page.items.length : 0).map(row);
    if (start) list.append(...line);
    else fill(list, ...line);
    more.hidden = !next;
    says.hidden = items.length > 0;
    says.textContent = page.error ? page.error.told : t("desk.no_rows");
  }

  function row(item) {
    const kind =
      item.outcome !== "stored"
        ? item.outcome
        : item.warned
          ? "warned"
          : item.mended
            ? "mended"
            : "stored";
    const hints = [...new Set(item.flags.map((flag) => flag.hint).filter(Boolean))];
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", "data-row": `${item.part} ${item.row}`, "aria-pressed": "false" },
        h("span", { class: "at" }, t("desk.row_n", { n: number(item.row) })),
        h("b", {}, item.source_id ?? t("desk.no_id")),
        h(
          "span",
          { class: "kind" },
          h("i", { class: `mark-${kind}`, "aria-hidden": "true" }),
          t(`desk.kind.${kind}`),
        ),
        h(
          "span",
          { class: "why" },
          item.flags.map((flag) => flag.text).join(" ") || item.county || "",
        ),
        hints.length ? h("span", { class: "hint" }, hints.join(" ")) : null,
      ),
    );
  }

  function codes({ found, wish }) {
    if (!found?.report) return;
    const option = ({ code, n, name }) =>
      h("option", { value: code, selected: code === wish.code }, `${name} (${number(n)})`);
    fill(select, h("option", { value: "" }, t("desk.every_code")), ...found.flags.map(option));
    select.hidden = found.flags.length === 0;
  }

  select.addEventListener("change", () =>
    store.set({ wish: { outcome: null, code: select.value || null }, row: null }),
  );
  more.addEventListener("click", () => load(next));
  list.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-row]")?.dataset.row;
    const item = items.find((one) => `${one.part} ${one.row}` === name);
    if (item) store.set({ row: item });
  });
  store.subscribe(["row"], ({ row: chosen }) => {
    const name = chosen && `${chosen.part} ${chosen.row}`;
    for (const button of list.querySelectorAll("[data-row]"))
      button.setAttribute("aria-pressed", String(button.dataset.row === name));
  });
  store.subscribe(["found", "wish", "part", "tab"], (state, changed) => {
    codes(state);
    if (state.tab !== "rows" || !state.found?.report || waits(state.found.state)) return;
    if (changed.size === 1 && changed.has("tab") && items.length) return;
    load(null);
  });
}
