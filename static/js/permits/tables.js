import { request } from "../api.js";
import { fill, h } from "../dom.js";
import { table } from "../people/table.js";
import { figures } from "../texts.js";

const PATH = "/api/v1/permits/tables";

/** Versions of the layer of permits, and what each offers the register. */
export function createTables({ t, lang, guard, say, place }) {
  const number = figures(lang);
  const at = (id) => `${PATH}/${encodeURIComponent(id)}`;
  let layers = [];
  let open = null;

  async function load() {
    layers = (await request(PATH)).items;
    if (open === null && layers.length) await look(layers[0].layer_id);
    else show();
  }

  async function look(id) {
    open = { id, offer: await request(at(id)) };
    show();
  }

  function show() {
    const rows = layers.map((layer) => [
      layer.name,
      layer.version,
      number(layer.features),
      button(t("permits.tables.look"), () => look(layer.layer_id), layer.version),
    ]);
    const heads = ["layer", "version", "entries", ""].map(
      (head) => head && t(`permits.column.${head}`),
    );
    fill(
      place,
      h("p", { class: "meta" }, t("permits.tables.lead")),
      rows.length ? table(heads, rows) : h("p", { class: "nothing" }, t("permits.tables.none")),
      open && offered(open.offer),
    );
  }

  function button(says, work, about = "", kind = "plain") {
    const made = h("button", { type: "button", class: kind }, says);
    if (about) made.setAttribute("aria-label", `${says} ${about}`);
    made.addEventListener("click", () => guard(work));
    return made;
  }

  function offered({ new: fresh, changed, same, twice, aside }) {
    const counts = { new: fresh.length, changed: changed.length, same, aside: aside.length };
    const chosen = {};
    const update = h("input", { type: "checkbox" });
    const take = () => taken(update.checked, chosen);
    const useful = fresh.length + changed.length + Object.keys(twice).length > 0;
    return h(
      "section",
      { class: "offer" },
      h("h2", {}, t("permits.tables.offer")),
      h(
        "dl",
        { class: "counts" },
        ...Object.entries(counts).map(([name, n]) =>
          h("div", {}, h("dt", {}, t(`permits.tables.${name}`)), h("dd", {}, number(n))),
        ),
      ),
      changed.length
        ? h("label", { class: "check" }, update, t("permits.tables.update", { n: changed.length }))
        : null,
      ...changed.slice(0, 50).map(differs),
      ...Object.entries(twice).map(([name, rows]) => question(name, rows, chosen)),
      ...aside
        .slice(0, 50)
        .map(({ row, why, value }) =>
          h("p", { class: "meta" }, t("permits.tables.row_aside", { row, why: label(why), value })),
        ),
      useful ? button(t("permits.tables.take"), take, "", "primary") : null,
    );
  }

  const label = (name) => t(`permits.field.${name}`);

  const differs = ({ number: name, detail }) =>
    h(
      "p",
      { class: "meta" },
      h("b", {}, name),
      " ",
      Object.entries(detail)
        .map(([field, [old, now]]) => `${label(field)}: ${old ?? "–"} → ${now ?? "–"}`)
        .join("; "),
    );

  function question(name, rows, chosen) {
    const choice = (row) => {
      const made = h("input", { type: "radio", name: `twice ${name}`, value: row.row });
      made.addEventListener("change", () => {
        chosen[name] = row.row;
      });
      const said = [row.name, row.kind, row.valid_to].filter(Boolean).join(" · ");
      return h("label", { class: "check" }, made, t("permits.tables.row", { row: row.row, said }));
    };
    return h(
      "fieldset",
      {},
      h("legend", {}, t("permits.tables.twice", { number: name })),
      ...rows.map(choice),
    );
  }

  async function taken(update, chosen) {
    const done = await request(at(open.id), { method: "POST", json: { update, chosen } });
    await look(open.id);
    say(t("permits.tables.taken", done));
  }

  return { load };
}
