import { chip, pair } from "./data.js";
import { $, fill, h, symbol } from "./dom.js";
import { evidenceList } from "./evidence.js";
import { historyList } from "./history.js";
import { figures } from "./texts.js";

/** Everything about the chosen plot: what it is, how it lies, what is known, who did what. */
export function createPanel({ store }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  const style = Object.fromEntries(codebook.marks.map((m) => [m.mark, m]));

  function show() {
    const { selected, panel, panelError, rows } = store.get();
    $("nothing").hidden = selected > 0;
    $("plot").hidden = !selected;
    if (!selected) return;
    const i = selected - 1;
    $("p-number").textContent = rows.source_id[i];
    $("plot").setAttribute("aria-busy", String(!panel && !panelError));
    $("p-error").hidden = !panelError;
    if (panelError) $("p-error-text").textContent = panelError.told;
    $("p-body").hidden = !panel;
    if (panel) filled(panel);
    else {
      fill($("p-pills"));
      $("p-where").textContent = "";
      $("p-printed").textContent = "";
    }
  }

  function filled({ plot, facts, history }) {
    fill($("p-pills"), pills(plot));
    const where = [plot.county_name ?? t("ui.no_county"), plot.township_name, plot.type_issued];
    $("p-where").textContent = where.filter(Boolean).join(" · ");
    pictures(plot);
    hero(plot, facts);
    bar(plot, facts);
    listOf("p-hints", [
      ...facts.hints.map((hint) => h("li", {}, hint.text)),
      ...plot.flags.map((flag) => h("li", { class: "flag" }, flag.text)),
    ]);
    fill($("p-facts"), ...factRows(plot, facts));
    listOf("p-evidence", evidenceList(plot, store.get()));
    fill($("p-history"), ...historyList(history, store.get()));
  }

  function listOf(id, items) {
    fill($(id), ...items);
    $(id).closest("section").hidden = items.length === 0 && id !== "p-evidence";
  }

  function pills(plot) {
    const state = plot.mark !== "pending" && t(`ui.state.${plot.mark_state}`);
    return [
      h("span", { class: `pill pill-${plot.mark}` }, symbol(style[plot.mark]), markText(plot.mark)),
      state ? h("span", { class: "pill" }, plot.waiting ? t("ui.state.waiting") : state) : null,
      plot.overdue_days > 0
        ? h("span", { class: "pill late" }, t("ui.overdue", { n: number(plot.overdue_days) }))
        : null,
    ];
  }

  const markText = (mark) => t(`ui.mark.${mark}`);

  let shown = "";
  /** The pictures stay while the same plot is redrawn. */
  function pictures(plot) {
    const scenes = pair(store.get().scenes, plot);
    const key = [plot.plot_id, ...scenes.map((scene) => scene?.id)].join();
    if (key === shown) return;
    shown = key;
    $("p-chips").classList.toggle("none", !scenes[0] && !scenes[1]);
    fill($("p-chips"), ...["before", "after"].map((role, i) => picture(plot, scenes[i], role)));
  }

  function picture(plot, scene, role) {
    const empty = () => h("span", { class: "no-image" }, t(`ui.no_image.${role}`));
    if (!scene) return h("figure", { class: "chip-empty" }, empty());
    const alt = t(`ui.image.${role}`, { date: scene.date });
    const img = h("img", { src: chip(plot, scene), alt, width: 360, height: 240 });
    const figure = h("button", { type: "button", "data-do": "epoch", "data-arg": role }, img);
    img.addEventListener("error", () => {
      figure.disabled = true;
      img.replaceWith(empty());
    });
    figure.append(h("span", { class: "caption" }, scene.date));
    return h("figure", {}, figure);
  }

  function hero(plot, facts) {
    const edge = facts.overlay.mgmt_area?.edge_m;
    const side = edge === null || edge === undefined ? "" : edge > 0 ? "out" : "in";
    const share = plot.in_share === null ? null : plot.in_share * 100;
    fill(
      $("p-hero"),
      figure(t("ui.area"), plot.area_m2 && number(plot.area_m2), "m²", acres(plot.area_m2)),
      figure(t("ui.inside"), share === null ? null : number(share, 1), "%"),
      figure(side ? t(`ui.edge.${side}`) : t("ui.edge.none"), edge && number(Math.abs(edge)), "m"),
    );
  }

  const acres = (m2) => (m2 ? t("ui.mu", { n: number(m2 / 666.667, 2) }) : null);

  function figure(name, value, unit, title) {
    const shown = value || value === 0 ? [value, h("small", {}, unit)] : ["–"];
    return h("div", { title }, h("dt", {}, name), h("dd", {}, ...shown));
  }

  /** How much lies inside for certain, and how much only if the line is off by its error. */
  function bar(plot, facts) {
    const mgmt = facts.overlay.mgmt_area;
    const area = plot.area_m2;
    const known = mgmt && area && plot.in_share !== null;
    $("p-bar").hidden = !known;
    $("p-sentence").textContent = t(`ui.band.${plot.band ?? "unknown"}`);
    if (!known) return;
    const least = Math.min(1, (mgmt.in_m2_min ?? mgmt.in_m2) / area);
    const most = Math.min(1, (mgmt.in_m2_max ?? mgmt.in_m2) / area);
    $("p-in").style.width = `${100 * least}%`;
    $("p-band").style.width = `${100 * (most - least)}%`;
    const said = { pct: number(plot.in_share * 100, 1), band: number((most - least) * 100, 1) };
    if (most > least) $("p-sentence").append(` ${t("ui.share", said)}`);
    if (mgmt.provisional) $("p-sentence").append(` ${t("ui.provisional")}`);
  }

  function factRows(plot, { river, overlay, computed_at }) {
    const bank = river?.bank ? t(`ui.bank.${river.bank}`) : null;
    const at = river && river.chainage_m !== null ? chainage(river.chainage_m) : null;
    const far = river ? t("ui.far", { n: number(river.distance_m) }) : null;
    const zone = overlay.shore_zone?.zone;
    const stated = plot.fields.area_stated_m2;
    const scenes = pair(store.get().scenes, plot).map((scene) => scene?.date);
    const day = computed_at?.slice(0, 10);
    return [
      row("ui.fact.river", [river?.name, bank, at, far], river?.version),
      row("ui.fact.zone", [zone && t(`ui.zone.${zone}`)], overlay.shore_zone?.version),
      row(
        "ui.fact.line",
        [plot.band && t(`ui.band_short.${plot.band}`)],
        overlay.mgmt_area?.version,
      ),
      row("ui.fact.issued", [plot.fields.img_before, plot.fields.img_after], null, " → "),
      row("ui.fact.scenes", scenes, null, " → "),
      row("ui.fact.stated", [stated && `${number(stated)} m²`]),
      row("ui.fact.due", [plot.review_due_on]),
      row("ui.fact.stage", [t(`stage.${plot.stage}`), plot.assignee]),
      row("ui.fact.computed", [day]),
      ...Object.entries(plot.extra).map(([name, value]) => line(name, String(value ?? "–"), "own")),
    ];
  }

  const chainage = (m) =>
    `K${Math.floor(m / 1000)}+${String(Math.floor(m % 1000)).padStart(3, "0")}`;

  function row(key, values, version = null, joint = " · ") {
    const said = values.filter(Boolean).join(joint);
    if (!said) return null;
    return line(t(key), [said, version && h("small", {}, t("ui.version", { version }))]);
  }

  const line = (name, value, kind = null) =>
    h("div", { class: kind }, h("dt", {}, name), h("dd", {}, ...[value].flat()));

  store.subscribe(["selected", "panel", "panelError", "scenes", "uploads"], show);
  show();
}
