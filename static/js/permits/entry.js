import { request, upload } from "../api.js";
import { $, fill, h } from "../dom.js";
import { ask, choice, field } from "../people/form.js";
import { table } from "../people/table.js";
import { figures, moment } from "../texts.js";
import { onMap, ticks, together } from "./plots.js";

const PATH = "/api/v1/permits";
const TEXTS = ["number", "name", "kind", "holder", "authority"];
const PAPERS = ["plan_consent_no", "flood_assessment", "note"];
const DATES = ["granted_on", "valid_to"];
const KINDS = ["E_PERMIT", "E_PHOTO", "E_DOC"];

/** One permit: what it says, its papers, the plots that rest on it and those that might. */
export function createEntry({ t, lang, me, guard, say, place }) {
  const number = figures(lang);
  const at = (tail = "") => `${PATH}/${encodeURIComponent(permit.permit_id)}${tail}`;
  const label = (name) => t(`permits.field.${name}`);
  let permit = null;
  let resting = [];
  let offered = [];
  let within = 50;

  async function load(id) {
    permit = { permit_id: id };
    const links = me.actions.includes("link_permit");
    const candidates = () =>
      links ? request(at(`/candidates?within_m=${within}`)) : { items: [] };
    const [one, own, near] = await Promise.all([
      request(at()),
      request(at("/plots")),
      candidates(),
    ]);
    permit = one;
    resting = own.items;
    offered = near.items;
    show();
  }

  const again = () => guard(() => load(permit.permit_id));

  function show() {
    fill(
      place,
      h("p", {}, h("a", { href: "#register" }, t("permits.back"))),
      head(),
      section("said", h("dl", { class: "facts" }, ...said())),
      section("files", files(), permit.may_change ? attach() : null),
      section("resting", plots(resting, "unlink_permit")),
      permit.withdrawn_on ? null : section("offered", finder(), plots(offered, "link_permit")),
      section("changes", history()),
    );
  }

  const section = (name, ...inside) =>
    h("section", {}, h("h2", {}, t(`permits.section.${name}`)), ...inside);

  function head() {
    const buttons = permit.may_change
      ? [act("edit", () => write(permit)), act("withdraw", withdraw)]
      : [];
    return h(
      "header",
      { class: "entry-head" },
      h("h2", {}, permit.number),
      h(
        "span",
        { class: "pill", "data-state": permit.standing },
        t(`permits.is.${permit.standing}`),
      ),
      ...buttons,
    );
  }

  function act(name, work) {
    const made = h("button", { type: "button", class: "plain" }, t(`permits.${name}`));
    made.addEventListener("click", work);
    return made;
  }

  function said() {
    const names = [...TEXTS.slice(1), ...DATES, ...PAPERS];
    const rows = names.map((name) => [label(name), permit[name]]);
    const where = permit.point?.map((degrees) => degrees.toFixed(5)).join(", ");
    return [...rows, [label("place"), where], [label("area"), permit.area]]
      .filter(([, value]) => value)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  }

  // Papers --------------------------------------------------------------------------------------

  function files() {
    if (!permit.files.length) return h("p", { class: "meta" }, t("permits.no_files"));
    return h(
      "ul",
      { class: "papers" },
      ...permit.files.map((file) =>
        h(
          "li",
          {},
          me.actions.includes("see_evidence")
            ? h(
                "a",
                { href: at(`/files/${encodeURIComponent(file.id)}`), download: true },
                file.name,
              )
            : file.name,
          " ",
          h(
            "small",
            {},
            [t(`permits.paper.${file.kind}`), file.note, moment(file.created_at)]
              .filter(Boolean)
              .join(" · "),
          ),
        ),
      ),
    );
  }

  function attach() {
    const file = h("input", {
      ...{ type: "file", name: "file", required: true },
      ...{ accept: "image/jpeg,image/png,image/webp,application/pdf" },
      "aria-label": t("permits.file"),
    });
    const kinds = KINDS.map((kind) => [kind, t(`permits.paper.${kind}`)]);
    const form = h(
      "form",
      { class: "bulk" },
      choice(t("permits.paper_kind"), "kind", "E_PERMIT", kinds),
      field(t("permits.explained"), "note", "", { maxlength: 500 }),
      file,
      h("button", { class: "plain" }, t("permits.attach")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      guard(async () => {
        await upload(at("/files"), new FormData(form), () => null);
        await load(permit.permit_id);
        say(t("permits.attached"));
      });
    });
    return form;
  }

  // Plots ---------------------------------------------------------------------------------------

  function plots(found, step) {
    const chosen = new Set();
    const inside = h("div", {});
    const draw = () => {
      const { box, all } = ticks(t, found, chosen, draw);
      const links = me.actions.includes("link_permit");
      const send = h(
        "button",
        { type: "button", class: "plain", disabled: !chosen.size },
        t(`permits.${step}`, { n: number(chosen.size) }),
      );
      send.addEventListener("click", () => guard(() => take(found, chosen, step)));
      const rows = found.map((plot) => [
        h("a", { href: onMap(plot) }, plot.source_id),
        [plot.county_name, plot.township_name].filter(Boolean).join(" · ") || "–",
        plot.type_issued ?? "–",
        fit(plot),
        t(`stage.${plot.stage}`),
        links ? box(plot) : "",
      ]);
      const heads = ["plot", "place", "type", "fits", "stage", ""];
      fill(
        inside,
        found.length && links ? h("div", { class: "bulk" }, all, send) : null,
        rows.length
          ? table(
              heads.map((one) => one && t(`permits.column.${one}`)),
              rows,
            )
          : h("p", { class: "meta" }, t("permits.no_plots")),
      );
    };
    draw();
    return inside;
  }

  function fit(plot) {
    const far = plot.distance_m === null ? null : t("ui.away", { n: number(plot.distance_m) });
    const other = plot.permit_no && plot.permit_no !== permit.number ? plot.permit_no : null;
    const fits = t(plot.fits ? "permits.is.fits" : "permits.is.unfit");
    return [fits, far, other].filter(Boolean).join(" · ");
  }

  async function take(found, chosen, step) {
    const picked = found.filter(({ plot_id }) => chosen.has(plot_id));
    const body = step === "link_permit" ? { permit: permit.permit_id } : {};
    const { done, refused, why } = await together(picked, step, body);
    await load(permit.permit_id);
    say([t("permits.done", { n: done, refused }), why].filter(Boolean).join(" "));
  }

  function finder() {
    const metres = choice(
      t("permits.within"),
      "within",
      String(within),
      [50, 200, 500].map((m) => [String(m), `${m} m`]),
    );
    metres.querySelector("select").addEventListener("change", ({ target }) => {
      within = Number(target.value);
      again();
    });
    const list = field(t("permits.by_numbers"), "numbers", "", { maxlength: 4000 });
    const find = h("button", { class: "plain" }, t("permits.find"));
    const form = h("form", { class: "bulk" }, metres, list, find);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      guard(async () => {
        const numbers = list
          .querySelector("input")
          .value.split(/[\s,;,;、]+/)
          .filter(Boolean);
        const query = new URLSearchParams(numbers.map((one) => ["number", one]));
        offered = (await request(at(`/candidates?${query}`))).items;
        show();
      });
    });
    return form;
  }

  // History and changes -------------------------------------------------------------------------

  const history = () =>
    h(
      "ol",
      { class: "papers" },
      ...permit.changes.map((change) =>
        h(
          "li",
          {},
          h("b", {}, t(`permits.did.${change.action}`)),
          ` ${moment(change.at)} · ${change.actor} · ${change.unit}`,
          h("small", { class: "differs" }, differences(change.detail)),
        ),
      ),
    );

  const plain = (value) => (typeof value === "boolean" ? "✓" : (value ?? "–"));
  const differences = (detail) =>
    Object.entries(detail)
      .filter(([, value]) => Array.isArray(value))
      .map(([name, [old, now]]) => `${label(name)}: ${plain(old)} → ${plain(now)}`)
      .join("; ");

  function fields(one) {
    const text = (name) =>
      field(label(name), name, one?.[name], { maxlength: 200, required: name === "number" });
    const day = (name) => field(label(name), name, one?.[name], { type: "date" });
    return [...TEXTS.map(text), ...DATES.map(day), ...PAPERS.map(text), point(one)];
  }

  const point = (one) =>
    field(label("place"), "place", one?.point?.map((d) => d.toFixed(6)).join(", "), {
      ...{ placeholder: "107.10000, 31.56000", title: t("permits.place_hint") },
      pattern: "\\s*-?\\d+(\\.\\d+)?\\s*[,, ]\\s*-?\\d+(\\.\\d+)?\\s*",
    });

  /** Write an entry, or change one; what was not touched is not sent. */
  function write(one) {
    const known = h("input", { type: "checkbox", name: "same_number" });
    const twice = h("label", { class: "check", hidden: true }, known, t("permits.same_number"));
    const dialog = ask(
      t,
      t(one ? "permits.edit" : "permits.add"),
      [...fields(one), twice],
      [],
      send,
    );
    async function send(form) {
      const { place: where, same_number: _, ...texts } = Object.fromEntries(form);
      const json = Object.fromEntries(
        Object.entries(texts).filter(([name, value]) => value.trim() !== (one?.[name] ?? "")),
      );
      const was = one?.point?.map((d) => d.toFixed(6)).join(", ") ?? "";
      if (where.trim() && where !== was)
        json.geometry = { type: "Point", coordinates: where.split(/[,,\s]+/).map(Number) };
      if (!one && known.checked) json.same_number = true;
      try {
        const options = one
          ? { method: "PATCH", json, headers: { "If-Match": `"${one.revision}"` } }
          : { method: "POST", json };
        const made = await request(one ? at() : PATH, options);
        if (one) await load(made.permit_id);
        else location.hash = `permit=${encodeURIComponent(made.permit_id)}`;
      } catch (error) {
        twice.hidden = error.code !== "permit_known";
        throw error;
      }
    }
    return dialog;
  }

  function withdraw() {
    const why = field(t("permits.why"), "why", "", { required: true, maxlength: 500 });
    ask(
      t,
      t("permits.withdraw"),
      [h("p", {}, t("permits.withdraw_says")), why],
      [],
      async (form) => {
        await request(at("/withdraw"), {
          method: "POST",
          json: { why: form.get("why") },
          headers: { "If-Match": `"${permit.revision}"` },
        });
        await load(permit.permit_id);
      },
    );
    $("edit").querySelector("input").focus();
  }

  return { load, write };
}
