import { $ } from "./dom.js";

/** Show one of some panes, and its tab as the chosen one. @param {string[]} names */
export function showTab(names, chosen) {
  for (const name of names) {
    $(`tab-${name}`).hidden = false;
    $(`tab-${name}`).setAttribute("aria-selected", String(name === chosen));
    $(`tab-${name}`).tabIndex = name === chosen ? 0 : -1;
    $(`pane-${name}`).hidden = name !== chosen;
  }
}

/** Go from tab to tab by arrow keys. @param {string[]} names @param {(name: string) => void} go */
export function arrowsBetween(names, go) {
  document.querySelector("[role=tablist]").addEventListener("keydown", ({ key, target }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const at = names.indexOf(target.dataset.arg);
    if (!step || at < 0) return;
    const next = names[(at + step + names.length) % names.length];
    go(next);
    $(`tab-${next}`).focus();
  });
}
