import { request } from "../api.js";
import { $, fill, h } from "../dom.js";
import { createProfile } from "./profile.js";

const PATH = "/api/v1/returns";
const POLL_MS = 700;

/** The return package: what is missing, how it is filled, and making it. */
export function createSendUp(parts) {
  const { t, guard, place } = parts;
  let asked = 0;
  const profile = createProfile({ ...parts, saved: load });

  async function load() {
    asked += 1;
    const batch = new URLSearchParams({ batch: place().batch });
    const [found, known] = await Promise.all([
      request(`${PATH}/check?${batch}`),
      request(`${PATH}/profile?${batch}`),
    ]);
    check(found);
    profile.show(known);
    make(found);
  }

  function check(found) {
    fill(
      $("check"),
      h(
        "div",
        { class: "result-tiles" },
        tile(found.plots, t("return.plots"), "all"),
        tile(found.plots - found.incomplete, t("return.page.whole"), "mark"),
        tile(found.incomplete, t("return.page.incomplete"), found.incomplete ? "aside" : "same"),
      ),
      h(
        "ul",
        { class: "flaws" },
        ...found.flaws.map(({ name, n }) => h("li", {}, `${name} `, h("b", {}, String(n)))),
      ),
      found.others.length
        ? h(
            "ul",
            { class: "meta" },
            ...found.others.map((one) => h("li", {}, `${one.file}: ${one.says}`)),
          )
        : null,
      found.rows.length ? flawed(found) : null,
    );
  }

  const tile = (n, say, kind) =>
    h("div", { class: `tile tile-${kind}` }, h("b", {}, String(n)), h("span", {}, say));

  function flawed({ rows, incomplete }) {
    const line = ({ plot_id: plot, source_id: number, names }) =>
      h(
        "li",
        {},
        h("a", { href: `/#${new URLSearchParams({ b: place().batch, plot })}` }, number),
        h("span", { class: "meta" }, names.join(" · ")),
      );
    return h(
      "details",
      { class: "card-of" },
      h("summary", {}, t("return.page.rows", { n: incomplete })),
      h("ul", { class: "flawed" }, ...rows.map(line)),
      incomplete > rows.length
        ? h("p", { class: "meta" }, t("return.page.first", { n: rows.length }))
        : null,
    );
  }

  function make(found) {
    const knowingly = h("input", { type: "checkbox", id: "knowingly" });
    const go = h(
      "button",
      { type: "button", class: "primary", "data-do": "make", disabled: found.incomplete > 0 },
      t("return.page.make"),
    );
    knowingly.addEventListener("change", () => {
      go.disabled = !knowingly.checked;
    });
    fill(
      $("make"),
      h("h2", {}, t("return.page.package")),
      h("p", { class: "meta" }, t("return.page.holds")),
      found.files.length
        ? h("p", {}, t("return.page.files", { files: found.files.join(", ") }))
        : h("p", { class: "refused" }, t("return.page.no_files")),
      found.incomplete && found.files.length
        ? h(
            "label",
            { class: "check" },
            knowingly,
            t("return.page.knowingly", { n: found.incomplete }),
          )
        : null,
      found.files.length ? h("p", { class: "buttons" }, go) : null,
      h("div", { id: "made", role: "status" }),
    );
  }

  async function run() {
    const mine = ++asked;
    const json = { batch: place().batch, incomplete: Boolean($("knowingly")?.checked) };
    await guard(async () => {
      fill($("made"), h("progress", { "aria-label": t("return.page.making") }));
      let made = await request(PATH, { method: "POST", json });
      while (["queued", "running"].includes(made.state)) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        if (mine !== asked) return;
        made = await request(`${PATH}/${made.id}`);
      }
      finished(made);
    });
  }

  function finished(made) {
    if (made.state !== "done") {
      fill($("made"), h("p", { class: "refused" }, made.error?.title ?? t("ui.failed")));
      return;
    }
    const unfit = made.about.files.reduce((n, file) => n + file.unfit.length, 0);
    const rows = made.about.files.reduce((n, file) => n + file.rows, 0);
    fill(
      $("made"),
      h("p", {}, t("return.page.done", { rows, unfit })),
      h(
        "p",
        {},
        h("a", { class: "primary", href: made.url, download: true }, t("return.page.fetch")),
      ),
    );
    $("made").querySelector("a").focus();
  }

  return { load, does: { make: run, add: profile.add, drop: profile.drop, save: profile.save } };
}
