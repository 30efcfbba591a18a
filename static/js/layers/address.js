/** What the page's address says is looked at. Pure. */

/** @param {string} hash @returns {{layer?: string, against?: string, draft?: string}} */
export function readAddress(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const found = {};
  for (const name of ["layer", "against", "draft"]) {
    const value = said.get(name);
    if (value) found[name] = value;
  }
  return found;
}

/** @param {Record<string, string | null | undefined>} what */
export function address(what) {
  const said = Object.entries(what).filter(([, value]) => value);
  return `#${new URLSearchParams(said)}`;
}

/** Where the workbench shows a plot, whatever it is marked. @param {any} plot */
export const workbench = ({ batch, source_id }) =>
  `/#${new URLSearchParams({ b: batch, f: "a", plot: source_id })}`;
