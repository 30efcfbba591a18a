import { joined } from "./api.js";
import { $, fill, h } from "./dom.js";
import { tally } from "./outbox.js";
import { moment, named } from "./texts.js";

const TOAST_MS = 8000;

/** What has to be said in passing: toast, how the outbox stands, conflicts, and bad weather. */
export function createNotices({ store, sync }) {
  const { t, lang, codebook, me } = store.get();
  const names = Object.fromEntries(
    [...codebook.reasons, ...codebook.violations].map((row) => [row.code, named(row, lang)]),
  );
  let timer = 0;

  store.subscribe(["toast"], ({ toast }) => {
    clearTimeout(timer);
    $("toast").hidden = !toast;
    if (!toast) return;
    $("toast-text").textContent = toast.text;
    $("toast-undo").hidden = !toast.undo;
    timer = setTimeout(() => store.set({ toast: null }), TOAST_MS);
  });

  function chip({ entries, trouble }) {
    const n = tally(entries, me.user);
    const bad = n.conflict + n.rejected;
    const kind = bad ? "conflict" : trouble ? trouble.kind : n.queued ? "waiting" : "synced";
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

  /** Mine and theirs side by side, or why a record was not taken. */
  function torn({ entries, panel }) {
    const plotId = panel?.plot.plot_id;
    const own = entries.filter((entry) => entry.plot === plotId && entry.user === me.user);
    fill(
      $("p-notices"),
      ...own.map((entry) => {
        if (entry.state === "conflict") return conflict(entry);
        return entry.state === "rejected" ? rejected(entry) : null;
      }),
    );
  }

  function conflict(entry) {
    const { theirs, body, action, at } = entry;
    const mine = action === "mark" ? body : { mark: null };
    return h(
      "div",
      { class: "conflict", role: "alert" },
      h("p", {}, t("ui.conflict.say")),
      h(
        "div",
        { class: "sides" },
        side(t("ui.conflict.mine"), me.name, at, action === "mark" ? mine : null, action),
        side(t("ui.conflict.theirs"), theirs.marked_by, theirs.marked_at, theirs, "mark"),
      ),
      h(
        "p",
        { class: "buttons" },
        button("resolve", "theirs", t("ui.conflict.keep")),
        button("resolve", "mine", t("ui.conflict.send")),
      ),
    );
  }

  function side(title, who, at, said, action) {
    const code = said && (said.reason ?? said.violation);
    const lines = said
      ? [t(`ui.mark.${said.mark}`), code && `${code} ${names[code]}`, said.note]
      : [t(`action.${action}`)];
    const when = at ? moment(localIso(at)) : "";
    return h(
      "div",
      {},
      h("h3", {}, title),
      ...lines.filter(Boolean).map((line) => h("p", {}, line)),
      h("p", { class: "when" }, [who, when].filter(Boolean).join(" · ")),
    );
  }

  function rejected(entry) {
    return h(
      "div",
      { class: "conflict", role: "alert" },
      h(
        "p",
        {},
        `${t(`action.${entry.action}`)}: `,
        joined(entry.problem.title, entry.problem.hint),
      ),
      h("p", { class: "buttons" }, button("dismiss", entry.id, t("ui.understood"))),
    );
  }

  const button = (does, arg, text) =>
    h("button", { type: "button", class: "plain", "data-do": does, "data-arg": arg }, text);

  store.subscribe(["entries", "trouble"], chip);
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

/** An instant in the time of the review, UTC+8. @param {string} iso */
const localIso = (iso) =>
  iso.endsWith("Z") ? new Date(Date.parse(iso) + 8 * 3_600_000).toISOString() : iso;
