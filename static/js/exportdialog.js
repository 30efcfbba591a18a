import { request } from "./api.js";
import { $, fill, h } from "./dom.js";
import { createExportForm } from "./exportform.js";
import { figures } from "./texts.js";

const POLL_MS = 700;
const SETTLE_MS = 250;

/** Count what would be exported, ask for it, watch it being made, hand over the file. */
export function createExport({ store, view }) {
  const { t, lang } = store.get();
  const number = figures(lang);
  const form = $("export-form");
  const { wanted, places } = createExportForm({ store, view });
  let asked = 0;
  let counted = 0;
  let timer = 0;

  const show = (...children) => fill($("export-state"), ...children);
  const failed = (error) => h("p", { class: "failed" }, error.told ?? error.message);
  const fail = (error) => show(failed(error));

  /** Say how many plots are meant, a moment after the last change; none and a refusal stop it. */
  function count() {
    const mine = ++counted;
    clearTimeout(timer);
    $("export-go").disabled = true;
    fill($("export-count"), t("ui.export.counting"));
    timer = setTimeout(async () => {
      let n = 0;
      let told = null;
      let why = null;
      try {
        const json = wanted();
        ({ matched: n } = await request("/api/v1/exports/count", { method: "POST", json }));
        told = t(n ? "ui.export.count" : "ui.export.none", { n: number(n) });
      } catch (error) {
        const ofFilter = error.code?.startsWith("filter_");
        told = ofFilter
          ? h("span", { class: "failed" }, t("ui.export.filter_wrong"))
          : failed(error);
        why = ofFilter ? failed(error) : null;
      }
      if (mine !== counted) return;
      fill($("export-filter"), why);
      fill($("export-count"), told);
      $("export-go").disabled = n === 0;
    }, SETTLE_MS);
  }

  async function run(event) {
    event.preventDefault();
    const mine = ++asked;
    $("export-go").disabled = true;
    show(h("p", {}, t("ui.export.queued")), h("progress", { "aria-label": t("ui.export.queued") }));
    try {
      const json = wanted();
      let made = await request("/api/v1/exports", { method: "POST", json });
      while (made.state === "queued" || made.state === "running") {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        if (mine !== asked) return;
        made = await request(`/api/v1/exports/${made.id}`);
      }
      finished(made);
    } catch (error) {
      if (mine === asked) fail(error);
    } finally {
      if (mine === asked) $("export-go").disabled = false;
    }
  }

  function finished(made) {
    if (made.state !== "done") {
      const said = made.error ?? {};
      fail({ told: said[store.get().lang] ?? t("ui.failed") });
      return;
    }
    const losses = made.losses?.losses ?? [];
    const rows = made.losses?.rows ?? "–";
    show(
      h("p", {}, t("ui.export.done", { n: rows })),
      h(
        "p",
        {},
        h("a", { class: "primary", href: made.url, download: true }, t("ui.export.fetch")),
      ),
      h("p", {}, t(losses.length ? "ui.export.losses" : "ui.export.whole", { n: losses.length })),
      losses.length
        ? h(
            "ul",
            {},
            losses.slice(0, 50).map((loss) => h("li", {}, lossText(loss))),
          )
        : null,
    );
    $("export-state").querySelector("a").focus();
  }

  const lossText = (loss) =>
    typeof loss === "string"
      ? loss
      : Object.values(loss)
          .filter((v) => v !== null)
          .join(" · ");

  form.addEventListener("submit", run);
  form.addEventListener("input", count);
  $("export").addEventListener("close", () => {
    asked += 1;
    counted += 1;
    clearTimeout(timer);
    show();
  });

  return {
    opened() {
      places();
      count();
    },
  };
}
