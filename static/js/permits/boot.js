import { request, speak } from "../api.js";
import { $ } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { guard, tellUnbegun } from "../refused.js";
import { arrowsBetween, showTab } from "../tabs.js";
import { translator } from "../texts.js";
import { createEntry } from "./entry.js";
import { createPlots } from "./plots.js";
import { createRegister } from "./register.js";
import { createTables } from "./tables.js";

/** Put the desk of permits together; only wiring. @param {any} config */
export async function boot({ lang, said, texts }) {
  speak(translator(said), lang);
  offerPrefs();
  try {
    const [catalogue, me] = await Promise.all([request(texts), request("/api/v1/me")]);
    const t = translator(catalogue);
    speak(t, lang);
    offerPlaces(me);
    await begin(t, lang, me);
    document.documentElement.dataset.ready = "";
  } catch (error) {
    if (!led(error)) tellUnbegun(error);
  }
}

async function begin(t, lang, me) {
  const keeps = me.actions.includes("keep_permits");
  const say = (text) => {
    $("told").textContent = text;
  };
  const parts = { t, lang, me, keeps, guard, say };
  const tabs = {
    register: createRegister({ ...parts, place: $("pane-register") }),
    over: createPlots({ ...parts, place: $("pane-over"), what: "over" }),
    without: createPlots({ ...parts, place: $("pane-without"), what: "without" }),
    tables: createTables({ ...parts, place: $("pane-tables") }),
  };
  const offered = Object.keys(tabs).filter((name) => keeps || name !== "tables");
  const entry = createEntry({ ...parts, place: $("pane-entry") });

  async function show() {
    const [head, id] = location.hash.slice(1).split("=");
    const name = offered.includes(head) ? head : "register";
    const one = head === "permit" && id;
    showTab(offered, name);
    $(`pane-${name}`).hidden = Boolean(one);
    $("pane-entry").hidden = !one;
    $("add").hidden = !keeps || Boolean(one) || name !== "register";
    await guard(() => (one ? entry.load(decodeURIComponent(id)) : tabs[name].load()));
  }

  document.addEventListener("click", ({ target }) => {
    const { do: what, arg } = target.closest("[data-do]")?.dataset ?? {};
    if (what === "tab") location.hash = arg;
    if (what === "close") target.closest("dialog").close();
    if (what === "add") entry.write(null);
  });
  arrowsBetween(offered, (name) => {
    location.hash = name;
  });
  addEventListener("hashchange", show);
  await show();
}
