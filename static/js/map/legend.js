import { fill, h, symbol } from "../dom.js";

const MARK = 3;

/**
 * What the symbols mean and how many plots of each there are.
 * @param {HTMLElement} ui
 * @param {(key: string, facts?: object) => string} t
 */
export function createLegend(ui, t) {
  const card = h("ul", {
    class: "map-card map-legend",
    "aria-label": t("map.legend"),
    hidden: true,
  });
  ui.append(card);
  const counts = [];
  let more = [];

  return {
    /** @param {any[]} styles marks of the codebook */
    setStyles(styles) {
      const line = (style) => {
        counts[style.code] = h("b", {});
        return h(
          "li",
          {},
          symbol(style),
          h("span", {}, t(`map.mark.${style.mark}`)),
          counts[style.code],
        );
      };
      fill(card, styles.map(line));
      card.hidden = false;
    },
    /** Lines below the marks. @param {{line: string, text: string}[]} lines */
    setMore(lines) {
      for (const item of more) item.remove();
      more = lines.map(({ line, text }) =>
        h("li", {}, h("i", { class: line, "aria-hidden": "true" }), h("span", {}, text)),
      );
      card.append(...more);
    },
    /** @param {Uint8Array} state @param {string} lang */
    setState(state, lang) {
      const seen = [0, 0, 0, 0];
      for (const byte of state) seen[byte & MARK]++;
      const format = new Intl.NumberFormat(lang);
      counts.forEach((place, code) => {
        place.textContent = format.format(seen[code]);
      });
    },
  };
}
