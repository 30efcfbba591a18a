import { h } from "../dom.js";

/** Changes in the order in which they are told. */
export const CHANGES = ["added", "removed", "moved"];

/**
 * What differs, as a row of figures. Areas where there are areas, else lengths, else how many.
 * @param {Record<string, {n: number, area_m2: number, length_m: number}>} summary
 */
export function changeTiles(summary, { t, number }) {
  return h(
    "ul",
    { class: "tiles changes" },
    ...CHANGES.map((change) =>
      h(
        "li",
        {},
        h("b", {}, sizeOf(summary[change], { t, number })),
        h(
          "span",
          {},
          h("i", { class: `swatch change-${change}`, "aria-hidden": "true" }),
          t(`layers.change.${change}`),
          h("small", {}, t("layers.parts", { n: number(summary[change].n) })),
        ),
      ),
    ),
  );
}

const sizeOf = ({ n, area_m2, length_m }, { t, number }) => {
  if (area_m2) return t("layers.m2", { n: number(area_m2) });
  if (length_m) return t("layers.m", { n: number(length_m) });
  return number(n);
};

/** How much of a plot lies on which change. @param {Record<string, number>} area_m2 */
export const shareText = (area_m2, { t, number }) =>
  CHANGES.filter((change) => change in area_m2)
    .map(
      (change) =>
        `${t(`layers.change.${change}`)} ${t("layers.m2", { n: number(area_m2[change], 1) })}`,
    )
    .join(" · ");
