/**
 * A sentence of the catalogue with its facts filled in; a missing key shows itself.
 * @param {Record<string, string>} catalogue
 * @returns {(key: string, facts?: Record<string, unknown>) => string}
 */
export const translator =
  (catalogue) =>
  (key, facts = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));

/** How numbers are written; nothing there is a dash. @param {string} lang */
export function figures(lang) {
  const cached = [0, 1, 2].map(
    (digits) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits }),
  );
  return (value, digits = 0) =>
    value === null || value === undefined ? "–" : cached[digits].format(value);
}

/** The official wording of a codebook row; English begins with a capital here. */
export function named(row, lang, prefix = "") {
  if (lang !== "en") return row[`${prefix}zh`];
  const said = row[`${prefix}en`];
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** Names one after the other. @param {string[]} names @param {string} lang */
export const listed = (names, lang) => names.join(lang === "en" ? ", " : "、");

/** An instant as people read it, from ISO text with its own offset. @param {string} iso */
export const moment = (iso) => iso.slice(0, 16).replace("T", " ");
