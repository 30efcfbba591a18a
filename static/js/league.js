import { request, speak } from "./api.js";
import { $ } from "./dom.js";
import { offerPlaces } from "./places.js";
import { offerPrefs } from "./prefs.js";
import { translator } from "./texts.js";

/** The league page works without this; here are its language, its theme and publishing. @param {{lang: string, said: Record<string, string>}} config */
export function start({ lang, said }) {
  speak(translator(said), lang);

  async function publish(button) {
    const { batch, asOf, said: done } = button.dataset;
    button.disabled = true;
    try {
      const json = { batch, as_of: asOf };
      await request("/api/v1/league/published", { method: "POST", json });
      $("told").textContent = done;
    } catch (error) {
      $("told").textContent = error.told ?? error.message;
      button.disabled = false;
    }
  }

  offerPrefs();
  request("/api/v1/me").then(offerPlaces, () => {});
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const { publish: asked } = button.dataset;
    if (asked !== undefined) publish(button);
  });
  document.documentElement.dataset.ready = "";
}
