import { fill, h } from "../dom.js";
import { waits } from "./choices.js";
import { Drawing } from "./drawing.js";
import { createGround } from "./ground.js";

const OUTCOMES = ["stored", "changed", "mended", "warned", "unchanged", "joined", "set_aside"];

/** The map under the plots that are looked at: our rivers and boundaries, and where they would lie. */
export function createPreview({ store, client, map, tiles }) {
  const { t } = store.get();
  const { tip, legend, note } = createGround({ store, map, tiles, fit: () => drawing.fit() });
  const drawing = new Drawing(map, { tip, name: tipOf(t) });
  let asked = 0;

  drawing.on("choose", async ({ row, part }) => {
    const { found } = store.get();
    if (!found.report) return;
    const { items } = await client.rows(found.id, { row, part, limit: 1 });
    if (items[0]) store.set({ row: items[0] });
  });

  /** Draw what the import says now: the shapes as taken, or every place they may be in. */
  async function draw({ found, part, candidate }) {
    const mine = ++asked;
    const one = found?.found[part];
    if (one && waits(found.state)) return;
    if (!one || one.refused || !one.placings.length) {
      drawing.clear();
      legend.hidden = true;
      return;
    }
    const asking = found.questions.some((q) => q.about === "crs" && q.part === part);
    const shown = asking ? one.placings.slice(0, 5) : one.placings.filter((p) => p.chosen);
    const strong = shown.find((p) => p.crs === candidate) ?? shown[0];
    const sets = await Promise.all(
      shown.map(async (placing, n) => ({
        n,
        part,
        placing,
        asking,
        strong: placing === strong,
        features: (await client.shapes(found, part, placing.crs)).features,
      })),
    );
    if (mine !== asked) return;
    drawing.show(sets);
    describe(shown, { asking, strong, features: sets[0]?.features ?? [] });
  }

  function describe(shown, { asking, strong, features }) {
    legend.hidden = false;
    if (asking) {
      fill(
        legend,
        ...shown.map((placing, n) =>
          h(
            "li",
            { class: placing === strong ? "is-strong" : "" },
            h("i", { class: `swatch candidate-${n % 5}`, "aria-hidden": "true" }),
            h("span", {}, placing.crs),
          ),
        ),
      );
      return;
    }
    const there = new Set(features.flatMap(({ properties }) => properties.kinds));
    const kinds = OUTCOMES.filter((kind) => there.has(kind));
    legend.hidden = kinds.length === 0;
    fill(
      legend,
      ...kinds.map((kind) =>
        h(
          "li",
          {},
          h("i", { class: `mark-${kind}`, "aria-hidden": "true" }),
          h("span", {}, t(`desk.kind.${kind}`)),
        ),
      ),
    );
  }

  store.subscribe(["found", "part", "candidate"], draw);
  store.subscribe(["row"], ({ row }) => {
    drawing.mark(row);
    note.hidden = !row;
    if (row) fill(note, ...noteOf(row, t));
  });
}

const tipOf = (t) => (properties) =>
  [properties.source_id ?? t("desk.row_n", { n: properties.row }), properties.county]
    .filter(Boolean)
    .join(" · ");

/** The chosen row in a line: where it stands, and what the two outlines are. */
function noteOf({ row, source_id, flags, before, after }, t) {
  const outline = (name) =>
    h(
      "span",
      { class: "outline" },
      h("i", { class: `outline-${name}`, "aria-hidden": "true" }),
      t(`desk.outline.${name}`),
    );
  return [
    h("b", {}, `${t("desk.row_n", { n: row })} · ${source_id ?? t("desk.no_id")}`),
    h("span", { class: "why" }, flags.map((flag) => flag.text).join(" ")),
    before ? outline("before") : null,
    after ? outline("after") : null,
  ].filter(Boolean);
}
