import { request, speak } from "./api.js";
import { $ } from "./dom.js";
import { offerPlaces } from "./places.js";
import { offerPrefs } from "./prefs.js";
import { print } from "./printing.js";
import { translator } from "./texts.js";

/** The league page works without this; here are its language, its theme, publishing and documents. @param {{lang: string, texts: string, said: Record<string, string>}} config */
export function boot({ lang, said, texts }) {
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

  async function report(button) {
    const place = $(button.closest("#documents") ? "printed" : "told");
    const tell = (text) => {
      place.textContent = text;
    };
    button.disabled = true;
    try {
      const t = translator(await request(texts));
      await print(JSON.parse(button.dataset.report), { t, lang, tell });
    } catch (error) {
      tell(error.told ?? error.message);
    } finally {
      button.disabled = false;
    }
  }

  offerPrefs();
  request("/api/v1/me").then(offerPlaces, () => {});
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.publish !== undefined) publish(button);
    if (button.dataset.report) report(button);
  });
  document.documentElement.dataset.ready = "";
}
