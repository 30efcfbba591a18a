import { $, fill, h } from "../dom.js";
import { figures, listed, moment } from "../texts.js";

/** The beginning: where files are put, and what was brought in lately. */
export function createStart({ store }) {
  const { t, lang } = store.get();
  const number = figures(lang);

  document.addEventListener("click", ({ target }) => {
    const asked = target.closest("[data-do]")?.dataset.do;
    if (asked === "choose") $("files").click();
    if (asked === "choose-folder") $("folder").click();
  });

  function told({ counts, error, state }) {
    if (error) return error.title;
    if (!counts) return t(`desk.state.${state}`);
    const facts = { stored: number(counts.stored), aside: number(counts.set_aside) };
    return t("desk.recent_counts", facts);
  }

  function item(found) {
    const names = listed(
      found.files.map((file) => file.name),
      lang,
    );
    return h(
      "li",
      {},
      h(
        "a",
        { href: `#${encodeURIComponent(found.id)}` },
        h("b", {}, found.batch),
        h("span", { class: "pill", "data-state": found.state }, t(`desk.state.${found.state}`)),
        h("span", { class: "names" }, names),
        h("span", { class: "told" }, told(found)),
        h("time", { datetime: found.created_at }, moment(found.created_at)),
      ),
    );
  }

  function show({ found, recent, error }) {
    $("start").hidden = Boolean(found);
    fill($("recent"), ...recent.map(item));
    $("no-recent").hidden = recent.length > 0;
    if (found || !error) return;
    $("send-error").hidden = false;
    $("send-error").textContent = error;
  }
  store.subscribe(["found", "recent", "error"], show);
}
