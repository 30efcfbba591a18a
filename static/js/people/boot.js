import { request, speak } from "../api.js";
import { $, fill } from "../dom.js";
import { led } from "../gate.js";
import { offerPlaces } from "../places.js";
import { offerPrefs } from "../prefs.js";
import { guard, tellUnbegun } from "../refused.js";
import { arrowsBetween, showTab } from "../tabs.js";
import { translator } from "../texts.js";
import { createAccounts } from "./accounts.js";
import { createKeys } from "./keys.js";
import { createLog } from "./log.js";
import { createWebhooks } from "./webhooks.js";

/** Each tab: the right it takes, and what fills it. */
const TABS = {
  people: ["people", createAccounts],
  keys: ["people", createKeys],
  webhooks: ["see", createWebhooks],
  log: ["access_log", createLog],
};

/** Put the page of people and rights together; only wiring. @param {any} config */
export async function boot({ lang, said, texts }) {
  speak(translator(said), lang);
  offerPrefs();
  try {
    const [catalogue, me] = await Promise.all([request(texts), request("/api/v1/me")]);
    const t = translator(catalogue);
    speak(t, lang);
    offerPlaces(me);
    begin(t, lang, me);
  } catch (error) {
    if (!led(error)) tellUnbegun(error);
  }
}

function begin(t, lang, me) {
  const mine = Object.entries(TABS).filter(([, [right]]) => me.actions.includes(right));
  const parts = { t, lang, me, guard, secret: secret(t) };
  const tabs = Object.fromEntries(
    mine.map(([name, [, make]]) => [name, make({ ...parts, place: $(`pane-${name}`) })]),
  );
  const show = (name) => {
    showTab(Object.keys(tabs), name);
    const { add } = tabs[name];
    $("add").hidden = !add;
    if (add) fill($("add"), add.say);
    return guard(tabs[name].load);
  };
  const named = () => (location.hash.slice(1) in tabs ? location.hash.slice(1) : mine[0][0]);
  listen(tabs, named);
  addEventListener("hashchange", () => show(named()));
  show(named()).then(() => {
    document.documentElement.dataset.ready = "";
  });
}

function listen(tabs, named) {
  const does = {
    close: () => document.querySelector("dialog[open]")?.close(),
    add: () => tabs[named()].add.run(),
    copy: () => copied(),
    tab(name) {
      location.hash = name;
    },
  };
  document.addEventListener("click", ({ target }) => {
    const asked = target.closest("[data-do]")?.dataset;
    if (asked) does[asked.do]?.(asked.arg);
  });
  arrowsBetween(Object.keys(tabs), does.tab);
}

let copySaid = "";

async function copied() {
  const text = $("secret-text").textContent;
  // Without https there is no clipboard: the text is selected, and the keyboard copies it.
  if (navigator.clipboard) await navigator.clipboard.writeText(text).catch(() => null);
  getSelection().selectAllChildren($("secret-text"));
  $("live").textContent = copySaid;
}

/** Show something that is told once. */
function secret(t) {
  copySaid = t("people.secret.copied");
  return (title, text, say) => {
    $("secret-title").textContent = title;
    $("secret-text").textContent = text;
    $("secret-say").textContent = say;
    $("secret").showModal();
  };
}
