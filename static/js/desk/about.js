import { $, fill, h } from "../dom.js";
import { figures } from "../texts.js";
import { nameOf, waits } from "./choices.js";

const TABS = ["files", "columns", "rows"];
const KINDS = ["stored", "changed", "mended", "warned", "unchanged", "joined", "set_aside"];

/** Head, counts and tabs of an import. */
export function createAbout({ store }) {
  const { t, lang } = store.get();
  const number = figures(lang);

  function head({ found, error }) {
    $("import").hidden = !found;
    if (!found) return;
    $("i-batch").textContent = found.batch;
    const rows =
      found.counts?.rows_in ?? found.found.reduce((sum, one) => sum + (one.rows ?? 0), 0);
    const facts = { files: number(found.files.length), rows: number(rows) };
    $("i-files").textContent = t(rows ? "desk.meta" : "desk.meta_files", facts);
    $("i-state").textContent = t(`desk.state.${found.state}`);
    $("i-state").dataset.state = found.state;
    const busy = waits(found.state);
    $("import").setAttribute("aria-busy", String(busy));
    $("working").hidden = !busy;
    const { done, total, says } = found.progress;
    $("working-text").textContent = says ?? t(`desk.state.${found.state}`);
    if (total) {
      $("working-bar").max = total;
      $("working-bar").value = done;
    } else $("working-bar").removeAttribute("value");
    trouble(found.error, error);
  }

  function trouble(refused, error) {
    $("i-error").hidden = !refused && !error;
    if (refused)
      fill($("i-error"), h("p", {}, h("b", {}, refused.title)), h("p", {}, refused.hint));
    else fill($("i-error"), h("p", {}, error));
  }

  function tiles({ found, wish }) {
    const counts = found && { ...found.counts, ...pick(found.kinds, ["mended", "warned"]) };
    $("tiles").hidden = !found?.report;
    $("gone").hidden = !found?.report?.gone;
    $("gone").textContent = t("desk.gone", { n: number(found?.report?.gone ?? 0) });
    if (!found?.report) return;
    const shown = KINDS.filter((kind) => counts[kind] || ["stored", "set_aside"].includes(kind));
    fill(
      $("tiles"),
      ...shown.map((kind) =>
        h(
          "button",
          { type: "button", "data-kind": kind, "aria-pressed": String(wish.outcome === kind) },
          h("b", {}, number(counts[kind] ?? 0)),
          h(
            "span",
            {},
            h("i", { class: `mark-${kind}`, "aria-hidden": "true" }),
            t(`desk.kind.${kind}`),
          ),
        ),
      ),
    );
  }

  function tabs({ found, tab, part }) {
    for (const name of TABS) {
      const on = name === tab;
      $(`tab-${name}`).setAttribute("aria-selected", String(on));
      $(`tab-${name}`).tabIndex = on ? 0 : -1;
      $(`pane-${name}`).hidden = !on;
    }
    const names = found?.found.map(nameOf) ?? [];
    $("parts").hidden = names.length < 2 || tab === "files";
    fill(
      $("part"),
      ...names.map((name, n) => h("option", { value: n, selected: n === part }, name)),
    );
    $("tab-rows").disabled = !found?.report;
  }

  $("tabs").addEventListener("click", ({ target }) => {
    const name = target.closest("[data-tab]")?.dataset.tab;
    if (name) store.set({ tab: name });
  });
  $("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
    if (!step) return;
    const open = TABS.filter((name) => !$(`tab-${name}`).disabled);
    const next = open[(open.indexOf(store.get().tab) + step + open.length) % open.length];
    store.set({ tab: next });
    $(`tab-${next}`).focus();
  });
  $("tiles").addEventListener("click", ({ target }) => {
    const kind = target.closest("[data-kind]")?.dataset.kind;
    if (!kind) return;
    const outcome = store.get().wish.outcome === kind ? null : kind;
    store.set({ wish: { outcome, code: null }, tab: "rows", row: null });
    $("tiles").querySelector(`[data-kind=${kind}]`)?.focus();
  });
  $("part").addEventListener("change", ({ target }) => store.set({ part: Number(target.value) }));
  store.subscribe(["found", "error"], head);
  store.subscribe(["found", "wish"], tiles);
  store.subscribe(["found", "tab", "part"], tabs);
}

const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name] ?? 0]));
