import { request, speak } from "../api.js";
import { $, fill, h } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
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
    if (led(error)) return;
    $("boot-error").hidden = false;
    $("boot-error-text").textContent = error.told ?? error.message;
    if (error.status === undefined) throw error;
  }
}

async function begin({ t, lang, codebook, me, batches }) {
  const mine = Object.entries(TABS).filter(([, [right]]) => me.actions.includes(right));
  const place = () => readPlace(location.hash, batches[0]?.id ?? "", mine[0][0]);
  const go = (change) => {
    location.hash = writePlace({ ...place(), ...change });
  };
  const guard = async (work) => {
    $("refused").hidden = true;
    try {
      return await work();
    } catch (error) {
      if (!led(error)) {
        $("refused").hidden = false;
        $("refused").textContent = error.told ?? error.message;
      }
      if (error.status === undefined) throw error;
      return null;
    }
  };
  const parts = { t, lang, codebook, guard, go, place };
  const tabs = Object.fromEntries(mine.map(([name, [, make]]) => [name, make(parts)]));
  fill($("batch"), ...batches.map(({ id }) => h("option", { value: id }, id)));
  const show = () => {
    const { tab, batch } = place();
    $("batch").value = batch;
    for (const one of Object.keys(tabs)) {
      $(`tab-${one}`).hidden = false;
      $(`tab-${one}`).setAttribute("aria-selected", String(one === tab));
      $(`tab-${one}`).tabIndex = one === tab ? 0 : -1;
      $(`pane-${one}`).hidden = one !== tab;
    }
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
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const names = Object.keys(tabs);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(place().tab) + step + names.length) % names.length];
    go({ tab: next, list: "" });
    $(`tab-${next}`).focus();
  });
}
