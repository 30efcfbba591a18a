/**
 * @typedef {{do: string, arg?: string}} Command
 * @typedef {{typing?: boolean, control?: boolean, dialog?: boolean, on?: boolean,
 *   digits?: "reason" | "class" | "code"}} Situation what has the focus, whether single keys are
 *   on, and what a digit means for the plot's mark: never a reason once it is confirmed
 */

/** @type {Record<string, Command>} */
const LETTERS = {
  KeyF: { do: "mark", arg: "false_positive" },
  KeyC: { do: "mark", arg: "confirmed" },
  KeyR: { do: "mark", arg: "rectified" },
  KeyU: { do: "undo" },
  KeyN: { do: "next" },
  KeyP: { do: "previous" },
  KeyS: { do: "skip" },
  KeyL: { do: "later" },
  KeyB: { do: "swipe" },
  KeyZ: { do: "fit" },
  BracketLeft: { do: "epoch", arg: "before" },
  BracketRight: { do: "epoch", arg: "after" },
  Slash: { do: "search" },
};

/**
 * The command of a key, or null. By place on the keyboard (`code`): a Chinese input method
 * swallows the letter.
 * @param {KeyboardEvent} event
 * @param {Situation} now
 * @returns {Command | null}
 */
export function commandOf(event, now) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.type === "keyup") return event.code === "Space" ? { do: "hold", arg: "off" } : null;
  if (now.dialog) return null;
  if (event.code === "Escape") return { do: now.typing ? "leave" : "clear" };
  if (now.typing || event.repeat) return null;
  if (event.code === "Enter" || event.code === "NumpadEnter")
    return now.control ? null : { do: "submit" };
  if (event.code === "Space") return now.control ? null : { do: "hold", arg: "on" };
  return now.on === false ? null : single(event, now);
}

function single(event, now) {
  if (event.shiftKey) return event.code === "Slash" ? { do: "help" } : null;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit) return { do: now.digits ?? "reason", arg: digit[1] };
  return LETTERS[event.code] ?? null;
}
