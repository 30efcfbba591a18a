import { request, speak } from "../api.js";
import { $, fill, h } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { print } from "../printing.js";
import { tellUnbegun } from "../refused.js";
import { translator } from "../texts.js";
import { createForms } from "./forms.js";
import { createLists } from "./lists.js";

const PATH = "/api/v1/escalations";

/** The desk of counties that do not act; only wiring. @param {any} config */
export async function boot({ lang, said, texts }) {
  speak(translator(said), lang);
  offerPrefs();
  try {
    const [catalogue, me, batches] = await Promise.all([
      request(texts),
      request("/api/v1/me"),
      request("/api/v1/batches"),
    ]);
    const t = translator(catalogue);
    speak(t, lang);
    offerPlaces(me);
    await begin(t, lang, me, batches.items);
  } catch (error) {
    if (led(error)) return;
    tellUnbegun(error);
  }
  document.documentElement.dataset.ready = "";
}

async function begin(t, lang, me, batches) {
  const may = me.actions.includes("escalate");
  const tell = (text) => {
    $("told").textContent = text;
  };
  let desk = null;

  async function load() {
    const query = new URLSearchParams({ batch: $("batch").value });
    desk = await request(`${PATH}?${query}`);
    lists.show(desk);
  }
  const does = {
    issue: (n) => forms.issue(desk, desk.suggested[Number(n)]),
    other: () => forms.other(desk),
    reply: (id) =>
      forms.reply(
        desk,
        desk.issued.find((one) => one.id === id),
      ),
    close: () => $("edit").close(),
    letter(id) {
      const { county, step, document_no: number, batch } = desk.issued.find((o) => o.id === id);
      const wanted = { report: "letters", form: "docx", letter: step, county, number, batch };
      return print(wanted, { t, lang, tell });
    },
  };
  const lists = createLists({ t, may });
  const forms = createForms({ t, tell, load, path: PATH });

  fill($("batch"), ...batches.map(({ name }) => h("option", { value: name }, name)));
  $("other").hidden = !may;
  $("batch").addEventListener("change", load);
  document.addEventListener("click", ({ target }) => {
    const asked = target.closest("[data-do]")?.dataset;
    if (asked) does[asked.do]?.(asked.arg);
  });
  if (batches.length) await load();
}
