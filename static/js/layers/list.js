import { $, fill, h } from "../dom.js";
import { figures, moment, named } from "../texts.js";
import { address } from "./address.js";

/** Every kind of layer with its versions, what is behind, and files that are not published yet. */
export function createList({ store, actions }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);

  document.addEventListener("click", ({ target }) => {
    const asked = target.closest("[data-do]")?.dataset.do;
    if (asked === "choose") $("files").click();
    if (asked === "choose-folder") $("folder").click();
  });

  function version(layer) {
    const facts = [
      layer.valid_from && t("layers.from", { day: layer.valid_from }),
      t("layers.features", { n: number(layer.features) }),
      layer.crs_original,
    ];
    return h(
      "li",
      {},
      h(
        "a",
        { href: address({ layer: layer.id }) },
        h("b", {}, layer.version),
        h("span", { class: "names" }, layer.name),
        layer.in_use
          ? h("span", { class: "pill", "data-state": "done" }, t("layers.in_use"))
          : null,
        h("span", { class: "meta" }, facts.filter(Boolean).join(" · ")),
      ),
    );
  }

  function kind([name, kind], layers) {
    const own = layers
      .filter((layer) => layer.kind === name)
      .sort((a, b) => b.in_use - a.in_use || b.created_at.localeCompare(a.created_at));
    return h(
      "section",
      { class: "kind", "aria-labelledby": `kind-${name}` },
      h("h2", { id: `kind-${name}` }, named(kind, lang)),
      own.length
        ? h("ul", { class: "versions" }, ...own.map(version))
        : h("p", { class: "meta" }, t("layers.none")),
    );
  }

  function draft(found) {
    const about = found.about;
    const name = about.kind ? named(codebook.kinds[about.kind], lang) : t("layers.kind_open");
    return h(
      "li",
      {},
      h(
        "a",
        { href: address({ draft: found.id }) },
        h("b", {}, found.files.map((file) => file.name).join(" ")),
        h("span", { class: "pill", "data-state": found.state }, t(`layers.state.${found.state}`)),
        h("span", { class: "names" }, [name, about.version].filter(Boolean).join(" · ")),
        h("time", { datetime: found.created_at }, moment(found.created_at)),
      ),
    );
  }

  function behind({ behind: n, job }) {
    $("behind").hidden = !n && !job;
    fill($("behind"), ...behindParts({ n, job, t, number, actions }));
  }

  function show({ view, layers, drafts }) {
    $("start").hidden = view !== "list";
    const kinds = Object.entries(codebook.kinds).reverse();
    const filled = ([name]) => layers.some((layer) => layer.kind === name);
    const rest = kinds.filter((entry) => !filled(entry)).map(([, one]) => named(one, lang));
    fill(
      $("kinds"),
      ...kinds.filter(filled).map((entry) => kind(entry, layers)),
      rest.length
        ? h(
            "p",
            { class: "meta" },
            t("layers.none_of", { kinds: rest.join(lang === "en" ? ", " : "、") }),
          )
        : null,
    );
    const open = drafts.filter((found) => found.state !== "done");
    $("drafts").hidden = open.length === 0;
    fill($("recent"), ...open.map(draft));
  }
  store.subscribe(["view", "layers", "drafts"], show);
  store.subscribe(["behind", "job"], behind);
  behind(store.get());
}

/** How many plots' facts are out of date, and the button that computes them anew. */
export function behindParts({ n, job, t, number, actions }) {
  if (job) {
    const { done, total, says } = job.progress;
    const stop = h("button", { type: "button", class: "plain" }, t("layers.cancel"));
    stop.addEventListener("click", actions.stop);
    const bar = { "aria-label": t("layers.computing"), max: total || null };
    return [
      h("p", { role: "status" }, says ?? t("layers.computing")),
      h("progress", total ? { ...bar, value: done } : bar),
      h("p", { class: "buttons" }, stop),
    ];
  }
  const go = h("button", { type: "button", class: "primary" }, t("layers.recompute"));
  go.addEventListener("click", () => {
    go.disabled = true;
    actions.recompute();
  });
  return [
    h("p", {}, h("b", {}, t("layers.behind", { n: number(n) })), ` ${t("layers.behind_says")}`),
    h("p", { class: "buttons" }, go),
  ];
}
