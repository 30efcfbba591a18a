import { $ } from "./dom.js";
import { led } from "./gate.js";

function tell(box, text, error) {
  $(box).hidden = false;
  $(text).textContent = error.told ?? error.message;
  // What no server has said is a defect of ours, and belongs in the console.
  if (error.status === undefined) throw error;
}

/** Say in place why a page could not begin. @param {any} error */
export const tellUnbegun = (error) => tell("boot-error", "boot-error-text", error);

/** Do some work; what refuses it is told in place. @param {() => Promise<unknown>} work */
export async function guard(work) {
  $("refused").hidden = true;
  try {
    return await work();
  } catch (error) {
    if (!led(error)) tell("refused", "refused", error);
    return null;
  }
}
