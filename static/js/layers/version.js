import { $, fill, h, icon } from "../dom.js";
import { figures, moment, named } from "../texts.js";
import { address, workbench } from "./address.js";
import { changeTiles, shareText } from "./changes.js";
import { behindParts } from "./list.js";

/** One version: where it comes from, what rests on it, and what it changed. */
export function createVersion({ store, actions }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  const place = $("version");

  const row = (name, value) =>
    value === null || value === undefined || value === ""
      ? null
      : h("div", {}, h("dt", {}, t(`layers.field.${name}`)), h("dd", {}, value));

  function facts(layer) {
    return h(
      "dl",
      { class: "facts card" },
      row("name", layer.name),
      row("valid_from", layer.valid_from),
      row("source", layer.source === layer.file ? null : layer.source),
      row("approval_no", layer.approval_no),
      row("scale", layer.scale && `1:${number(layer.scale)}`),
      row("accuracy_m", `±${number(layer.accuracy_m, 1)} m`),
      row("crs", layer.crs_original),
      row("features", number(layer.features)),
      row("file", layer.file),
      row("published", `${layer.published_by} · ${moment(layer.created_at)}`),
      row("plots_on_it", number(layer.plots_on_it)),
      row("sha256", h("code", {}, layer.sha256.slice(0, 16))),
    );
  }

  function compare({ layer, layers, diff }) {
    const others = layers.filter((one) => one.kind === layer.kind && one.id !== layer.id);
    if (!others.length) return h("p", { class: "meta" }, t("layers.only_one"));
    const select = h(
      "select",
      { id: "against" },
      diff?.against ? null : h("option", { value: "" }, t("layers.choose_other")),
      ...others.map((one) =>
        h(
          "option",
          { value: one.id, selected: one.id === diff?.against },
          `${one.version} · ${one.name}`,
        ),
      ),
    );
    return h(
      "p",
      { class: "against" },
      h("label", { for: "against" }, t("layers.against")),
      select,
    );
  }

  function touched({ items, matched }) {
    const line = (plot) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", "data-plot": plot.plot_id },
          h("b", {}, plot.source_id),
          h("span", {}, [plot.county_name, t(`ui.mark.${plot.mark}`)].filter(Boolean).join(" · ")),
          h("span", { class: "why" }, shareText(plot.area_m2, { t, number })),
          plot.outdated ? h("span", { class: "pill late" }, t("layers.outdated")) : null,
        ),
        h(
          "a",
          { href: workbench(plot), "aria-label": t("layers.open_plot", { plot: plot.source_id }) },
          icon("i-open"),
        ),
      );
    return [
      h("h2", {}, t("layers.touched", { n: number(matched) })),
      matched > items.length
        ? h("p", { class: "meta" }, t("layers.first_of", { n: number(items.length) }))
        : null,
      items.length ? h("ul", { class: "touched" }, ...items.map(line)) : null,
    ];
  }

  function show(state) {
    const { view, layer, diff, touched: plots, behind, job, error } = state;
    place.hidden = view !== "version";
    if (place.hidden || !layer) return;
    const focused = document.activeElement?.id;
    fill(
      place,
      h(
        "header",
        { class: "about" },
        h("a", { class: "tool", href: "#", "aria-label": t("layers.all") }, icon("i-back")),
        h(
          "div",
          {},
          h(
            "h1",
            { id: "v-name" },
            `${named(codebook.kinds[layer.kind], lang)} · ${layer.version}`,
          ),
        ),
        h(
          "span",
          { class: "pill", "data-state": layer.in_use ? "done" : "" },
          t(layer.in_use ? "layers.in_use" : "layers.not_in_use"),
        ),
      ),
      error ? h("div", { class: "refused", role: "alert" }, h("p", {}, error)) : null,
      layer.in_use && (behind || job)
        ? h("div", { class: "behind" }, ...behindParts({ n: behind, job, t, number, actions }))
        : null,
      facts(layer),
      h("h2", {}, t("layers.differs")),
      compare(state),
      diff?.summary ? changeTiles(diff.summary, { t, number }) : null,
      ...(plots && diff?.against ? touched(plots) : []),
    );
    if (focused === "against") $("against")?.focus();
  }

  place.addEventListener("change", ({ target }) => {
    if (target.id === "against" && target.value)
      location.hash = address({ layer: store.get().layer.id, against: target.value });
  });
  place.addEventListener("click", ({ target }) => {
    const id = target.closest("[data-plot]")?.dataset.plot;
    if (id) store.set({ pointed: id });
  });
  store.subscribe(["pointed"], ({ pointed }) => {
    for (const button of place.querySelectorAll("[data-plot]")) {
      const on = button.dataset.plot === pointed;
      button.setAttribute("aria-pressed", String(on));
      if (on) button.scrollIntoView({ block: "nearest" });
    }
  });
  store.subscribe(["view", "layer", "layers", "diff", "touched", "behind", "job", "error"], show);
}
