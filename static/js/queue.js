import { $, fill, h, icon, symbol } from "./dom.js";
import { CONFLICT, TORN } from "./filter.js";
import { figures } from "./texts.js";
import { createList } from "./vlist.js";

/** The list beside the map: search, marks to filter by, rows, and where one is in it. */
export function createQueue({ store, actions }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  const styles = [...codebook.marks].sort((a, b) => a.code - b.code);

  const list = createList({
    box: $("rows"),
    make: () =>
      h(
        "div",
        { class: "row", role: "option" },
        h("span", { class: "row-sym" }),
        h("b"),
        h("span", { class: "row-area" }),
        h("span", { class: "row-where" }),
        h("span", { class: "row-state" }),
      ),
    draw,
    pick: (id) => actions.select(id, "list"),
  });

  function draw(node, id) {
    const { rows, state, later } = store.get();
    const i = id - 1;
    const [sym, name, area, where, word] = node.children;
    const code = state[i] & 3;
    if (sym.dataset.code !== String(code)) {
      sym.dataset.code = String(code);
      fill(sym, symbol(styles[code]));
    }
    name.textContent = rows.source_id[i];
    area.textContent = rows.area_m2[i] === null ? t("ui.point") : `${number(rows.area_m2[i])} m²`;
    const place = rows.place_names[rows.county[i]] ?? t("ui.no_county");
    where.textContent = [place, rows.type_issued[i]].filter(Boolean).join(" · ");
    const said = state[i] & CONFLICT ? "conflict" : wordOf(i, code, state[i] & 4, later);
    word.textContent = t(`ui.row.${said}`, { mark: t(`ui.mark.${styles[code].mark}`) });
    word.className = `row-state is-${said}`;
  }

  function wordOf(i, code, submitted, later) {
    const { rows } = store.get();
    if (submitted) return "submitted";
    if (code) return "draft";
    if (later.has(rows.source_id[i])) return "later";
    return rows.suggestion[i]?.startsWith("PR") ? "suspect" : "pending";
  }

  const chips = [null, ...styles].map((style) => {
    const name = style ? t(`ui.mark.${style.mark}`) : t("ui.all");
    const count = h("b", { class: "count" });
    const code = style ? style.code : null;
    const button = h(
      "button",
      { type: "button", "data-do": "filter", "data-arg": code ?? "all", title: name },
      style ? symbol(style) : name,
      style ? h("span", { class: "vh" }, name) : null,
      style ? count : null,
    );
    return { code, button, count };
  });
  const torn = h("b", { class: "count" });
  const tornName = t("ui.conflict.filter");
  const tornChip = h(
    "button",
    { type: "button", class: "torn", "data-do": "filter", "data-arg": TORN, title: tornName },
    icon("s-conflict", "sym"),
    h("span", { class: "vh" }, tornName),
    torn,
  );
  chips.push({ code: TORN, button: tornChip, count: torn });
  fill($("filters"), ...chips.map((chip) => chip.button));

  function show() {
    const { list: order, counts, wish, selected, rows, listError } = store.get();
    $("queue").setAttribute("aria-busy", String(!rows && !listError));
    $("skeleton").hidden = Boolean(rows || listError);
    $("list-error").hidden = !listError || Boolean(rows);
    if (listError) $("list-error-text").textContent = listError.told;
    if (!rows) return;
    for (const { code, button, count } of chips) {
      button.setAttribute("aria-pressed", String(wish.mark === code));
      if (code !== null) count.textContent = number(counts[code]);
    }
    tornChip.hidden = counts[TORN] === 0 && wish.mark !== TORN;
    $("empty").hidden = order.length > 0;
    $("empty-text").textContent = t(emptyKey(rows, wish));
    $("empty-all").hidden = rows.n === 0;
    list.show(order, selected);
    const at = order.indexOf(selected) + 1;
    $("at").textContent = `${at ? number(at) : "–"} / ${number(order.length)}`;
  }

  const emptyKey = (rows, wish) =>
    rows.n === 0
      ? "ui.empty.batch"
      : wish.q || wish.mark !== 0
        ? "ui.empty.found"
        : "ui.empty.done";

  let timer = 0;
  $("search").addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(() => actions.find(target.value), 80);
  });
  $("sort").addEventListener("change", ({ target }) => actions.sort(target.value));
  store.subscribe(["rows", "stateTick", "list", "counts", "selected", "listError"], show);
  show();
}
