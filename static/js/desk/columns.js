import { $, fill, h } from "../dom.js";
import { fixed } from "./cards.js";
import { choiceFor, mapped, waits } from "./choices.js";

/** Which column is taken for which field; what means none is kept as it is. */
export function createColumns({ store, actions }) {
  const { t, codebook } = store.get();
  let shown = null;
  const pane = $("pane-columns");
  const fields = codebook.plot_fields.map((name) => [name, t(`field.${name}`)]);

  store.subscribe(["found", "part"], ({ found, part }) => {
    const one = found?.found[part];
    if (!one || (waits(found.state) && shown === one)) return;
    shown = one;
    if (one.refused || !one.columns.length) {
      fill(pane, h("p", { class: "nothing" }, t("desk.no_columns")));
      return;
    }
    const focused = document.activeElement?.id;
    const meant = one.columns.filter(({ field }) => field);
    const rest = one.columns.filter(({ field }) => !field);
    fill(
      pane,
      h(
        "p",
        { class: "lead" },
        t("desk.columns_lead", { n: meant.length, all: one.columns.length }),
      ),
      group(t("desk.columns_meant"), meant, { one, found }),
      rest.length ? group(t("desk.columns_rest"), rest, { one, found }) : null,
    );
    if (focused && pane.querySelector(`#${CSS.escape(focused)}`)) $(focused).focus();
  });

  pane.addEventListener("change", ({ target }) => {
    const { found, part } = store.get();
    const one = found.found[part];
    const { map } = choiceFor(found, one);
    const column = one.columns[Number(target.dataset.column)];
    actions.read({ map: mapped(map, column, target.value || null) }, one);
  });

  pane.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-take]");
    if (!button) return;
    const { found, part } = store.get();
    const one = found.found[part];
    const { map } = choiceFor(found, one);
    const column = one.columns[Number(button.dataset.take)];
    actions.read({ map: mapped(map, column, column.proposed.field) }, one);
  });

  /** What a column may mean, and why; a click takes it for that. */
  function proposal({ field, proposed }, n, off) {
    if (field || !proposed) return null;
    const { because, like } = proposed;
    const name = t(`field.${proposed.field}`);
    return h(
      "p",
      { class: "proposed" },
      t("desk.columns.proposed", { name, why: t(`proposal.${because}`, { like }) }),
      " ",
      h(
        "button",
        { type: "button", "data-take": n, disabled: off },
        t("desk.columns.take", { name }),
      ),
    );
  }

  function group(title, columns, { one, found }) {
    return h(
      "table",
      { class: "columns" },
      h("caption", {}, title),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...["column", "examples", "field"].map((name) =>
            h("th", { scope: "col" }, t(`desk.columns.${name}`)),
          ),
        ),
      ),
      h("tbody", {}, ...columns.map((column) => row(column, one, found))),
    );
  }

  function row({ header, field, examples, proposed }, one, found) {
    const n = one.columns.findIndex((column) => column.header === header);
    const off = fixed(found);
    const options = [["", t("desk.columns.none")], ...fields];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, header),
      h("td", { class: "examples" }, examples.join(" · ") || "–"),
      h(
        "td",
        {},
        h(
          "select",
          {
            id: `column-${n}`,
            "data-column": n,
            "aria-label": t("desk.columns.field_of", { column: header }),
            disabled: off,
          },
          ...options.map(([value, text]) =>
            h("option", { value, selected: value === (field ?? "") }, text),
          ),
        ),
        proposal({ field, proposed }, n, off),
      ),
    );
  }
}
