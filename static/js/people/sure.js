import { h } from "../dom.js";

/**
 * A button that does its work at the second press, and says so at the first.
 * @param {string} say what it does @param {string} sure what it asks @param {string} name of what
 * @param {() => void} run
 */
export function sureButton(say, sure, name, run) {
  const button = h(
    "button",
    { type: "button", class: "plain", "aria-label": `${say} ${name}` },
    say,
  );
  button.addEventListener("click", () => {
    if (button.dataset.sure) run();
    button.dataset.sure = "true";
    button.textContent = sure;
    button.setAttribute("aria-label", `${sure} ${name}`);
  });
  return button;
}
