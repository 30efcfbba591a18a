/** Elements are made here; what came from data only ever goes in as text. */

/** @param {string} id @returns {any} */
export const $ = (id) => document.getElementById(id);

/**
 * @param {string} tag
 * @param {Record<string, unknown>} props attributes; true is an empty one, null and false are none
 * @param {...any} children elements and texts; null is left out
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A picture of the page's own sprite. @param {string} id */
export function icon(id, kind = "icon") {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", kind);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", `#${id}`);
  svg.append(use);
  return svg;
}

/** The symbol of a mark. @param {{mark: string, symbol: string}} style */
export const symbol = (style) => icon(`s-${style.symbol}`, `sym sym-${style.mark}`);

/** Put these children in the place of what an element holds. @param {Element} place */
export const fill = (place, ...children) =>
  place.replaceChildren(
    ...children.flat().filter((child) => child !== null && child !== undefined),
  );
