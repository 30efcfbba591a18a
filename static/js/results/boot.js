import { request, speak } from "../api.js";
import { $, fill, h } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { guard, tellUnbegun } from "../refused.js";
import { arrowsBetween, showTab } from "../tabs.js";
import { translator } from "../texts.js";
import { readPlace, writePlace } from "./address.js";
import { createIncoming } from "./incoming.js";
import { createSendUp } from "./sendup.js";

/** Each tab: the right it takes, and what fills it. */
const TABS = { in: ["mark", createIncoming], up: ["send_up", createSendUp] };

/** Put the page of results together; only wiring. @param {any} config */
export async function boot({ lang, said, texts, codebook: codes }) {
  speak(translator(said), lang);
  offerPrefs();
  try {
    const [catalogue, codebook, me, batches] = await Promise.all([
      request(texts),
      request(codes),
      request("/api/v1/me"),
      request("/api/v1/batches"),
    ]);
    const t = translator(catalogue);
    speak(t, lang);
    offerPlaces(me);
    await begin({ t, lang, codebook, me, batches: batches.items });
    document.documentElement.dataset.ready = "";
  } catch (error) {
    if (!led(error)) tellUnbegun(error);
  }
}

async function begin({ t, lang, codebook, me, batches }) {
  const mine = Object.entries(TABS).filter(([, [right]]) => me.actions.includes(right));
  const place = () => readPlace(location.hash, batches[0]?.id ?? "", mine[0][0]);
  const go = (change) => {
    location.hash = writePlace({ ...place(), ...change });
  };
  const parts = { t, lang, codebook, guard, go, place };
  const tabs = Object.fromEntries(mine.map(([name, [, make]]) => [name, make(parts)]));
  fill($("batch"), ...batches.map(({ id }) => h("option", { value: id }, id)));
  const show = () => {
    const { tab, batch } = place();
    $("batch").value = batch;
    showTab(Object.keys(tabs), tab);
    return guard(tabs[tab].load);
  };
  $("batch").addEventListener("change", ({ target }) => go({ batch: target.value, list: "" }));
  listen(tabs, go, place);
  addEventListener("hashchange", show);
  await show();
}

function listen(tabs, go, place) {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]");
    const { do: what, arg } = button?.dataset ?? {};
    if (what === "tab") go({ tab: arg, list: "" });
    else tabs[place().tab].does[what]?.(arg, button);
  });
  arrowsBetween(Object.keys(tabs), (tab) => go({ tab, list: "" }));
}
