import { request, speak } from "./api.js";
import { $ } from "./dom.js";
import { offerPrefs } from "./prefs.js";
import { translator } from "./texts.js";
import { safeNext } from "./url.js";

/** Sign in, then go back to where one came from. @param {{lang: string, said: Record<string, string>}} config */
export async function start({ lang, said }) {
  speak(translator(said), lang);
  const next = safeNext(new URLSearchParams(location.search).get("next"), location.origin);

  async function enter(path, json) {
    const buttons = document.querySelectorAll("main button");
    for (const button of buttons) button.disabled = true;
    $("problem").hidden = true;
    try {
      await request(path, { method: "POST", json });
      location.assign(next);
    } catch (error) {
      $("problem").hidden = false;
      $("problem").textContent = error.told;
      for (const button of buttons) button.disabled = false;
    }
  }

  $("credentials").addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const json = { username: given.get("username"), password: given.get("password") };
    enter("/api/v1/session", json);
  });
  offerPrefs();
  document.addEventListener("click", (event) => {
    const { role } = event.target.closest("button")?.dataset ?? {};
    if (role) enter("/ui/demo-session", { role });
  });
  document.documentElement.dataset.ready = "";
}
