import { $, fill, h, symbol } from "./dom.js";
import { figures, named } from "./texts.js";
import { writeHash } from "./url.js";

/** What became of the same place in other batches, each a link to that plot. */
export function createLineage({ store }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  const style = Object.fromEntries(codebook.marks.map((mark) => [mark.mark, mark]));
  const reasons = new Map(
    [...codebook.reasons, ...codebook.violations].map((row) => [row.code, named(row, lang)]),
  );

  function item(kin) {
    const code = kin.reason ?? kin.violation;
    const said = [t(`ui.mark.${kin.mark}`), code && (reasons.get(code) ?? code)];
    if (kin.outcome) said.push(t(`stage.${kin.stage}`));
    const how =
      kin.relation === "near"
        ? t("ui.lineage.near", { n: number(kin.distance_m) })
        : kin.iou === null
          ? t("ui.lineage.point")
          : t(`ui.lineage.${kin.relation}`, {
              pct: number(100 * (kin.relation === "same" ? kin.iou : kin.cover)),
            });
    const href = `/${writeHash({ b: kin.batch, plot: kin.source_id, f: "a" })}`;
    return h(
      "li",
      {},
      symbol(style[kin.mark]),
      h(
        "span",
        {},
        h("a", { href, target: "_blank", rel: "noopener" }, `${kin.batch} · ${kin.source_id}`),
        h("small", {}, [kin.later && t("ui.lineage.later"), how].filter(Boolean).join(" · ")),
        h("small", {}, said.filter(Boolean).join(" · ")),
      ),
    );
  }

  store.subscribe(["panel"], ({ panel }) => {
    const kin = panel?.facts.lineage ?? [];
    $("p-lineage").hidden = kin.length === 0;
    fill($("p-lineage-list"), ...kin.map(item));
  });
}
