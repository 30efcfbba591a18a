import { request } from "./api.js";
import { $, fill, h } from "./dom.js";

const POLL_MS = 700;

/** Ask for an export, watch it being made, hand over the file and what it could not hold. */
export function createExport({ store }) {
  const { t } = store.get();
  const form = $("export-form");
  let asked = 0;

  const field = (name) => form.elements.namedItem(name);
  const show = (...children) => fill($("export-state"), ...children);
  const fail = (error) => show(h("p", { class: "failed" }, error.told ?? error.message));

  /** What the form asks for, under the names of ``POST /exports``. */
  function wanted() {
    const { batch, wish, codebook } = store.get();
    const ticked = (name) => field(name).checked;
    const chosen = new FormData(form).getAll("mark");
    const listed = codebook.marks.filter((style) => style.code === wish.mark);
    return {
      batch,
      ...Object.fromEntries(["format", "encoding", "crs"].map((name) => [name, field(name).value])),
      mark: ticked("listed") ? listed.map((style) => style.mark) : chosen,
      q: (ticked("listed") && wish.q) || null,
      overdue: ticked("overdue"),
      pictures: ticked("pictures") && !field("pictures").disabled,
      personal: ticked("personal"),
    };
  }

  /** Offer what the format can do, and nothing else. */
  function offer() {
    const { encodings, systems, pictures } = field("format").selectedOptions[0].dataset;
    limit(field("encoding"), encodings.split(" "));
    limit(field("crs"), systems.split(" "));
    field("pictures").disabled = !pictures;
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
  $("export").addEventListener("close", () => {
    asked += 1;
    $("export-go").disabled = false;
    show();
  });
  field("format").addEventListener("change", offer);
  field("listed").addEventListener("change", ({ target }) => {
    for (const box of $("export-marks").querySelectorAll("input")) box.disabled = target.checked;
  });
  offer();
}

/** Leave only what is possible to choose from. */
function limit(select, possible) {
  for (const option of select.options) option.disabled = !possible.includes(option.value);
  if (select.selectedOptions[0].disabled) select.value = possible[0];
  select.disabled = possible.length < 2;
}
