import { request, speak } from "./api.js";
import { $ } from "./dom.js";
import { led } from "./gate.js";
import { translator } from "./texts.js";

const PATH = "/api/v1/notices/mail";

/** Choose how to be told by mail. @param {{lang: string, said: Record<string, string>}} config */
export async function start({ lang, said }) {
  speak(translator(said), lang);
  const form = $("choose");
  const guard = async (work) => {
    $("problem").hidden = true;
    try {
      await work();
    } catch (error) {
      if (led(error)) return;
      $("problem").hidden = false;
      $("problem").textContent = error.told ?? error.message;
    }
  };
  const show = ({ wish, email, sends }, done) => {
    form.elements.wish.value = wish;
    const { none, off } = form.dataset;
    const address = email ?? none;
    $("address").textContent = [done, sends ? address : off].filter(Boolean).join(" ");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    guard(async () => {
      const json = Object.fromEntries(new FormData(form));
      show(await request(PATH, { method: "PUT", json }), form.dataset.done);
    });
  });
  await guard(async () => show(await request(PATH)));
  document.documentElement.dataset.ready = "";
}
