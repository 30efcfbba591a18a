import { request } from "./api.js";
import { h } from "./dom.js";
import { newId } from "./outboxdb.js";
import { stepField, typed } from "./stepform.js";
import { figures } from "./texts.js";

/**
 * Splitting the chosen plot: along the county line or along one drawn on the map; the parts with
 * their size and county are looked at before anything is kept.
 * @param {{store: any, actions: any, cutter: any}} parts
 */
export function createCutting({ store, actions, cutter }) {
  const { t, lang, codebook } = store.get();
  const number = figures(lang);
  const phone = matchMedia("(max-width: 759px)");
  let of = "";

  /** What the panel shows while the step is open. @param {any} plot */
  function form(plot) {
    of = plot.plot_id;
    let parts = [];
    const address = encodeURIComponent(plot.plot_id);
    const list = h("ol", { class: "parts", "aria-live": "polite" });
    const said = h("p", { class: "refused", role: "alert", hidden: true });
    const send = h(
      "button",
      { type: "submit", class: "primary", disabled: true },
      t("ui.cut.confirm"),
    );

    const button = (key, act) => {
      const made = h("button", { type: "button", class: "plain" }, t(key));
      made.addEventListener("click", act);
      return made;
    };

    function refuse(error) {
      said.textContent = error?.told ?? "";
      said.hidden = !error;
    }

    async function look(body) {
      refuse(null);
      parts = [];
      try {
        const options = { method: "POST", json: body };
        ({ parts } = await request(`/ui/plots/${address}/cut`, options));
      } catch (error) {
        refuse(error);
      }
      if (of !== plot.plot_id) return;
      cutter.show(parts);
      list.replaceChildren(...parts.map(line));
      send.disabled = parts.length < 2;
      if (parts.length) send.focus();
    }

    const line = ({ area_m2, county_name }) =>
      h("li", {}, `${number(area_m2)} m² · ${county_name ?? t("ui.no_county")}`);

    async function draw() {
      const before = document.body.dataset.detent;
      // On a phone the sheet makes room for the map.
      if (phone.matches) delete document.body.dataset.detent;
      const drawn = await cutter.draw();
      if (phone.matches) document.body.dataset.detent = before ?? "2";
      if (drawn && of === plot.plot_id) await look({ line: drawn });
    }

    const made = h(
      "form",
      { "aria-label": t("action.split") },
      h(
        "div",
        { class: "offered" },
        button("ui.cut.county", () => look({})),
        button("ui.cut.draw", draw),
      ),
      list,
      ...codebook.actions.split.map((spec) => stepField(spec, lang)),
      said,
      h("div", { class: "send" }, send),
    );
    made.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      refuse(null);
      try {
        const answer = await request(`/api/v1/plots/${address}/actions/split`, {
          method: "POST",
          headers: { "If-Match": `"${plot.version}"`, "Idempotency-Key": newId() },
          json: { ...typed(made), parts: parts.map((part) => part.geometry) },
        });
        close();
        await actions.replaced(answer);
      } catch (error) {
        refuse(error);
        send.disabled = false;
        if (error.status === 412) actions.moved(error.problem.plot);
      }
    });
    return made;
  }

  function close() {
    of = "";
    cutter.clear();
  }

  return { form, close };
}
