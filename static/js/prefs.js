/** What a person chose for this browser. Language and theme are cookies, so the server knows. */

/** @param {string} name @param {string} value */
export function setCookie(name, value) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs https
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
}

/** Turn between light and dark, from what is seen now. */
export function turnTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  setCookie("theme", root.dataset.theme);
}

/** The buttons of a page that are for this browser alone: theme, language, and once more. */
export function offerPrefs() {
  document.addEventListener("click", ({ target }) => {
    const { do: what, arg } = target.closest("[data-do]")?.dataset ?? {};
    if (what === "theme") turnTheme();
    if (what === "lang") setCookie("lang", arg);
    if (what === "lang" || what === "again") location.reload();
  });
}

/** Whether a setting is on; it is until somebody turns it off. */
export const isOn = (name) => recall(`set:${name}`) !== "off";
export const turn = (name, on) => remember(`set:${name}`, on ? null : "off");

/** @returns {any} */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Keep a value; null forgets it. A browser that keeps nothing is no reason to stop. */
export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {}
}
