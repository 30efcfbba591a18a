import { $, fill, h } from "./dom.js";
import { suggested } from "./outbox.js";
import { named } from "./texts.js";

/** The verdict on the chosen plot: three marks, what stands behind them, what is still missing. */
export function createDecision({ store, actions, fields }) {
  const { t, lang, codebook, me } = store.get();
  const reasons = Object.fromEntries(codebook.reasons.map((reason) => [reason.code, reason]));
  const violations = codebook.violations;
  const classes = Object.entries(codebook.disorders);
  let open = null;
  let more = false;
  let plotId = "";

  const plot = () => store.get().panel?.plot ?? null;
  const problem = () => ["confirmed", "rectified"].includes(plot()?.mark);
  const may = (what) => Boolean(plot()?.may.includes(what));

  function show() {
    const now = plot();
    const { selected, panelError } = store.get();
    $("decision").hidden = !me.actions.includes("mark") || !selected || Boolean(panelError);
    $("decision").toggleAttribute("inert", !now);
    if (now?.plot_id !== plotId) {
      open = null;
      more = false;
      plotId = now?.plot_id ?? "";
    }
    if (!now) return;
    for (const button of $("verdicts").children) {
      button.setAttribute("aria-pressed", String(button.dataset.arg === now.mark));
      button.disabled = !may("mark");
    }
    $("reasons").hidden = !may("mark");
    // While somebody else has the plot, what was typed stays in sight.
    $("fields").hidden = !may("mark") && !now.lock;
    fill($("reasons"), ...(problem() ? violationChips(now) : reasonChips(now)));
    fields.show(now);
    $("undo").hidden = !may("undo_mark");
    standing(now);
  }

  function chip(text, { digit, title, ...props }, ...after) {
    return h(
      "button",
      { type: "button", class: "chip", title: title === text ? null : title, ...props },
      digit ? h("kbd", {}, digit) : null,
      text,
      ...after,
    );
  }

  // A negative: its reason ----------------------------------------------------------------------

  function reasonChips(now) {
    const hint = suggested(now);
    const extra = [hint, now.reason].filter((code) => code && !codebook.chips.includes(code));
    const rest = Object.keys(reasons).filter(
      (code) => !codebook.chips.includes(code) && !extra.includes(code),
    );
    const chips = [...new Set(extra)].map((code) => reasonChip(now, code, hint));
    for (const [i, code] of codebook.chips.entries())
      chips.push(reasonChip(now, code, hint, String(i + 1)));
    if (more) chips.push(...rest.map((code) => reasonChip(now, code, hint)));
    const label = t(more ? "ui.less" : "ui.more");
    return [
      ...chips,
      chip(label, { "data-do": "more", "aria-expanded": String(more), class: "chip quiet" }),
    ];
  }

  function reasonChip(now, code, hint, digit) {
    const reason = reasons[code];
    const chosen = now.mark === "false_positive" && now.reason === code;
    const offered = now.mark === "pending" && code === hint;
    return chip(
      named(reason, lang, "short_"),
      {
        digit,
        title: `${code} ${named(reason, lang)}`,
        class: offered ? "chip offered" : "chip",
        "data-do": "pick",
        "data-arg": code,
        "aria-pressed": String(chosen),
      },
      offered ? h("small", {}, t("ui.suggested")) : null,
    );
  }

  // A problem: its class, then its code ---------------------------------------------------------

  function violationChips(now) {
    const own = violations.find((row) => row.code === now.violation);
    const shown = open ?? own?.disorder;
    const first = classes.map(([disorder, names], i) =>
      chip(named({ zh: names[0], en: names[1] }, lang), {
        digit: open ? null : String(i + 1),
        "data-do": "class",
        "data-arg": String(i + 1),
        "aria-pressed": String(shown === disorder),
      }),
    );
    const codes = codesOf(shown ?? "").map((row, i) =>
      chip(named(row, lang), {
        digit: open ? String(i + 1) : null,
        class: "chip wide",
        "data-do": "code",
        "data-arg": String(i + 1),
        "aria-pressed": String(row.code === now.violation),
      }),
    );
    return [...first, h("span", { class: "break" }), ...(shown === "9" ? [] : codes)];
  }

  const codesOf = (disorder) => violations.filter((row) => row.disorder === disorder);

  function chooseClass(n) {
    const disorder = classes[n - 1]?.[0];
    if (!problem() || !disorder) return;
    const codes = codesOf(disorder);
    open = codes.length > 1 ? disorder : null;
    if (!open) actions.mark(plot().mark, { violation: codes[0].code });
    show();
  }

  function chooseCode(n) {
    const own = violations.find((row) => row.code === plot()?.violation);
    const row = codesOf(open ?? own?.disorder ?? "")[n - 1];
    if (!problem() || !row) return;
    open = null;
    actions.mark(plot().mark, { violation: row.code });
  }

  // What is missing -----------------------------------------------------------------------------

  function standing(now) {
    const [key, facts] = said(now);
    $("missing").textContent = t(key, facts);
    $("missing").className = key.split(".")[2];
    const draft = now.mark !== "pending" && now.mark_state === "draft" && !now.waiting;
    const lacks = draft && now.missing.length > 0;
    $("submit").disabled = now.mark === "pending";
    $("submit-text").textContent = t(
      now.mark_state !== "draft" || (now.lock && !may("mark"))
        ? "ui.next"
        : lacks
          ? "ui.keep_next"
          : "ui.submit_next",
    );
    const severe = now.severity ?? now.severity_proposed;
    $("severity").hidden = !problem() || now.waiting || !severe;
    if (severe) $("severity").textContent = t("ui.severity", { word: t(`ui.severe.${severe}`) });
  }

  function said(now) {
    if (now.waiting) return ["ui.standing.waiting", {}];
    const stage = t(`stage.${now.stage}`);
    if (now.mark_state !== "draft") return ["ui.standing.submitted", { stage }];
    if (!may("mark") && now.lock) return ["ui.standing.locked", { who: now.lock.name }];
    if (!may("mark")) return ["ui.standing.closed", { stage }];
    if (now.mark === "pending") return ["ui.standing.pending", {}];
    if (now.missing.length) return ["ui.standing.missing", { missing: now.missing_text }];
    return ["ui.standing.complete", {}];
  }

  store.subscribe(["selected", "panel", "panelError"], show);
  show();

  return {
    show,
    /** What a digit key means for the plot as it is. */
    digits: () => (problem() ? (open ? "code" : "class") : "reason"),
    chooseClass,
    chooseCode,
    /** A reason chip, by key: never turns a problem into a negative. */
    chooseReason(n) {
      const code = codebook.chips[n - 1];
      if (code && plot() && !problem()) pick(code);
    },
    pick,
    more() {
      more = !more;
      show();
    },
  };

  function pick(code) {
    const source = code === suggested(plot()) ? "suggested" : "chosen";
    actions.mark("false_positive", { reason: code, reason_source: source });
  }
}
