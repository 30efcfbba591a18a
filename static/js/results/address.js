/** What of the page one would send to a colleague: tab, batch, and the list that is open. */

const TABS = ["in", "up"];

/** @param {string} hash @param {string} batch the newest @param {string} tab the first one may open */
export function readPlace(hash, batch, tab) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const asked = said.get("tab") ?? "";
  return {
    tab: TABS.includes(asked) ? asked : tab,
    batch: said.get("b") || batch,
    list: said.get("list") ?? "",
  };
}

/** @param {{tab: string, batch: string, list: string}} place */
export function writePlace({ tab, batch, list }) {
  const said = new URLSearchParams({ tab, b: batch });
  if (list) said.set("list", list);
  return said.toString();
}
