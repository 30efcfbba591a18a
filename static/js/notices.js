import { joined } from "./api.js";
import { createComparison } from "./conflict.js";
import { $, fill, h } from "./dom.js";
import { tally } from "./outbox.js";

const TOAST_MS = 8000;

/** What has to be said in passing: toast, how the outbox stands, conflicts, and bad weather. */
export function createNotices({ store, sync, isHere }) {
  const { t, me } = store.get();
  const compare = createComparison(store.get());
  let timer = 0;

  store.subscribe(["toast"], ({ toast }) => {
    clearTimeout(timer);
    $("toast").hidden = !toast;
    if (!toast) return;
    $("toast-text").textContent = toast.text;
    $("toast-undo").hidden = !toast.undo;
    timer = setTimeout(() => store.set({ toast: null }), TOAST_MS);
  });

  function chip({ entries, trouble, live }) {
    const n = tally(entries, me.user);
    const bad = n.conflict + n.rejected;
    const kind = bad
      ? "conflict"
      : trouble
        ? trouble.kind
        : n.queued
          ? "waiting"
          : live
            ? "live"
            : "synced";
    $("sync").dataset.kind = kind;
    $("sync-text").textContent = t(`ui.sync.${kind}`, { n: bad || n.queued });
    const title = n.others ? t("ui.sync.others", { n: n.others }) : (trouble?.say ?? "");
    if (title) $("sync").title = title;
    else $("sync").removeAttribute("title");
    $("trouble").hidden = !trouble;
    if (!trouble) return;
    $("trouble-text").textContent =
      trouble.kind === "sign-in"
        ? t("ui.trouble.sign-in")
        : joined(trouble.say, t("ui.trouble.kept"));
    const again = $("trouble-again");
    again.dataset.do = trouble.kind === "sign-in" ? "sign-in" : "flush";
    again.textContent = t(trouble.kind === "sign-in" ? "ui.sign_in_again" : "ui.again");
  }

  /** Mine and theirs side by side, late records beside the plot, and why a record was not taken. */
  function torn({ entries, panel }) {
    const plot = panel?.plot;
    const own = entries.filter((entry) => entry.user === me.user);
    fill(
      $("p-notices"),
      ...own
        .filter((entry) => entry.plot === plot?.plot_id || !isHere(entry.plot))
        .map((entry) => told[entry.state]?.(entry) ?? null),
      ...(plot?.aside ?? []).map((record) => late(record, plot)),
    );
  }

  const told = {
    conflict({ theirs, body, action, at }) {
      return compare(
        t("ui.conflict.say"),
        t("ui.conflict.mine"),
        { action, said: body, who: me.name, at },
        theirs,
        button("resolve", "theirs", t("ui.conflict.keep")),
        button("resolve", "mine", t("ui.conflict.send")),
      );
    },
    left: ({ action, receipt, id }) =>
      said(
        t("ui.conflict.left", { action: t(`action.${action}`), seq: receipt.seq }),
        button("dismiss", id, t("ui.understood")),
      ),
    rejected: ({ action, problem, id }) =>
      said(
        `${t(`action.${action}`)}: ${joined(problem.title, problem.hint)}`,
        button("dismiss", id, t("ui.understood")),
        problem.code === "plot_locked" ? button("again", id, t("ui.again")) : null,
      ),
  };

  function late({ action, said: fields, actor, unit, observed_at, record, may_settle }, plot) {
    const mine = actor === me.user;
    const again = may_settle && plot.may.includes(action) && action !== "undo_mark";
    return compare(
      t(mine ? "ui.conflict.late_mine" : "ui.conflict.late", { unit: unit || actor }),
      mine ? t("ui.conflict.mine") : t("ui.conflict.record"),
      { action, said: fields, who: mine ? me.name : actor, at: observed_at },
      plot,
      may_settle ? button("keep", record, t("ui.conflict.keep")) : null,
      again ? button("take", record, t(mine ? "ui.conflict.send" : "ui.conflict.take")) : null,
    );
  }

  const said = (text, ...buttons) =>
    h(
      "div",
      { class: "conflict", role: "alert" },
      h("p", {}, text),
      h("p", { class: "buttons" }, ...buttons),
    );

  const button = (does, arg, text) =>
    h("button", { type: "button", class: "plain", "data-do": does, "data-arg": arg }, text);

  store.subscribe(["entries", "trouble", "live"], chip);
  store.subscribe(["entries", "panel"], torn);
  chip(store.get());

  return {
    /** The plot of the first record that waits for the person. */
    firstTorn: () =>
      sync()
        .entries()
        .find((entry) => entry.user === me.user && entry.state !== "queued")?.plot,
  };
}
