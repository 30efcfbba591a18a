import { request } from "../api.js";
import { fill, h } from "../dom.js";
import { table } from "../people/table.js";
import { figures } from "../texts.js";

const STANDINGS = ["valid", "expiring", "expired", "withdrawn"];

/** The list of permits with what it can be asked for. */
export function createRegister({ t, lang, guard, place }) {
  const number = figures(lang);
  const wish = { q: "", kind: "", standing: "", in_use: false };
  const rows = h("div", {});
  const chips = h("div", { class: "filters", role: "group", "aria-label": t("permits.standing") });
  const kinds = h("select", { "aria-label": t("permits.kind") });
  const search = h("input", {
    ...{ type: "search", placeholder: t("permits.search"), autocomplete: "off" },
    "aria-label": t("permits.search"),
  });
  const used = h("input", { type: "checkbox" });
  const more = h("button", { type: "button", class: "plain", hidden: true });
  let next = null;
  let items = [];
  let matched = 0;

  async function load() {
    if (!place.hasChildNodes())
      fill(
        place,
        chips,
        h(
          "div",
          { class: "conditions" },
          search,
          kinds,
          h("label", { class: "check" }, used, t("permits.in_use")),
        ),
        rows,
        h("p", { class: "more" }, more),
      );
    const known = await request("/api/v1/permits/overview");
    fill(
      kinds,
      option("", t("permits.any_kind")),
      ...known.kinds.map((kind) => option(kind, kind)),
    );
    kinds.value = wish.kind;
    const all = Object.entries(known.standings).reduce(
      (sum, [name, n]) => sum + (name === "withdrawn" ? 0 : n),
      0,
    );
    const named = [["", all], ...STANDINGS.map((name) => [name, known.standings[name]])];
    fill(chips, ...named.map(([name, n]) => chip(name, n)));
    await page("");
  }

  const option = (value, said) => h("option", { value }, said);

  function chip(name, n) {
    const made = h(
      "button",
      { type: "button", class: "chip", "aria-pressed": String(wish.standing === name) },
      t(`permits.is.${name || "all"}`),
      h("small", {}, number(n)),
    );
    made.addEventListener("click", () => {
      wish.standing = name;
      guard(load);
    });
    return made;
  }

  async function page(cursor) {
    const query = new URLSearchParams({ limit: "60", sort: "valid_to" });
    for (const [name, value] of Object.entries(wish)) if (value) query.set(name, String(value));
    if (cursor) query.set("cursor", cursor);
    const part = await request(`/api/v1/permits?${query}`);
    items = cursor ? [...items, ...part.items] : part.items;
    ({ next, matched } = part);
    show();
  }

  function show() {
    const heads = ["number", "project", "authority", "valid", "state", "plots"];
    const made = items.map((one) => [
      h("a", { href: `#permit=${encodeURIComponent(one.permit_id)}` }, one.number),
      [one.name, one.kind].filter(Boolean).join(" · ") || "–",
      one.authority ?? "–",
      [one.granted_on, one.valid_to ?? t("permits.endless")].filter(Boolean).join(" → "),
      h("span", { class: "pill", "data-state": one.standing }, t(`permits.is.${one.standing}`)),
      number(one.plots),
    ]);
    const titles = heads.map((head) => t(`permits.column.${head}`));
    fill(
      rows,
      h("p", { class: "meta" }, t("permits.matched", { n: number(matched) })),
      made.length ? table(titles, made) : h("p", { class: "nothing" }, t("permits.none")),
    );
    more.hidden = !next;
    more.textContent = t("permits.more", { n: number(matched - items.length) });
  }

  let timer = 0;
  const ask = () => guard(() => page(""));
  search.addEventListener("input", () => {
    clearTimeout(timer);
    wish.q = search.value.trim();
    timer = setTimeout(ask, 200);
  });
  kinds.addEventListener("change", () => {
    wish.kind = kinds.value;
    ask();
  });
  used.addEventListener("change", () => {
    wish.in_use = used.checked;
    ask();
  });
  more.addEventListener("click", () => guard(() => page(next)));
  return { load };
}
