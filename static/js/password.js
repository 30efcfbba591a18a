import { request, speak } from "./api.js";
import { $ } from "./dom.js";
import { led } from "./gate.js";
import { translator } from "./texts.js";
import { safeNext } from "./url.js";

/** Choose a password of one's own, then go on. @param {{lang: string, said: Record<string, string>}} config */
export function start({ lang, said }) {
  speak(translator(said), lang);
  const form = $("choose");
  const fail = (text) => {
    $("problem").hidden = false;
    $("problem").textContent = text;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    $("problem").hidden = true;
    const { again, ...json } = Object.fromEntries(new FormData(form));
    if (again !== json.new_password) {
      fail(form.dataset.differ);
      return;
    }
    try {
      await request("/api/v1/session/password", { method: "POST", json });
      location.assign(safeNext(new URLSearchParams(location.search).get("next"), location.origin));
    } catch (error) {
      if (error.code === "bad_credentials" || !led(error)) fail(error.told ?? error.message);
    }
  });
  document.documentElement.dataset.ready = "";
}
