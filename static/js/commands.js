import { request } from "./api.js";
import { $ } from "./dom.js";
import { commandOf } from "./keys.js";
import { isOn, setCookie, turn, turnTheme } from "./prefs.js";
import { print } from "./printing.js";

const DETENTS = 3;
const SETTLE_MS = 200;

/** One table of commands behind keys and buttons (`data-do`, `data-arg`). */
export function createCommands(page) {
  const { store, actions, view, decision, evidence, notices, fields, sync, signIn, enter } = page;
  const body = document.body;

  const table = {
    mark(mark) {
      const { selected } = store.get();
      actions.mark(mark);
      // On a phone the reasons and classes stand one detent up.
      if (!body.dataset.detent && selected === store.get().selected) table.detent();
    },
    reason: (n) => decision.chooseReason(Number(n)),
    class: (n) => decision.chooseClass(Number(n)),
    code: (n) => decision.chooseCode(Number(n)),
    pick: decision.pick,
    more: decision.more,
    undo: actions.undo,
    save: actions.save,
    submit: actions.submit,
    next: () => actions.go(1),
    previous: () => actions.go(-1),
    skip: () => actions.go(1),
    later: actions.later,
    filter: (code) => actions.filter(code === "all" ? null : Number(code)),
    everything() {
      $("search").value = "";
      actions.find("");
      actions.filter(null);
    },
    search() {
      body.dataset.list = "open";
      $("search").focus();
      $("search").select();
    },
    leave: () => document.activeElement.blur(),
    clear() {
      if (body.dataset.list) delete body.dataset.list;
      else actions.select(0, "key");
    },
    swipe: () => view.toggleSwipe(),
    hold: (how) => view.showBefore(how === "on"),
    epoch: (role) => view.showBefore(role === "before"),
    fit: () => view.fitPlot(),
    list() {
      if (body.dataset.list) delete body.dataset.list;
      else body.dataset.list = "open";
    },
    detent() {
      body.dataset.detent = String((Number(body.dataset.detent ?? 0) + 1) % DETENTS);
    },
    camera: () => $("camera").click(),
    attach: () => $("file").click(),
    resend: evidence.resend,
    async dossier() {
      const { t, lang, panel } = store.get();
      const tell = (said) => {
        $("p-printed").textContent = said;
      };
      $("p-dossier").disabled = true;
      await print({ report: "dossier", plot: panel.plot.plot_id }, { t, lang, tell });
      $("p-dossier").disabled = false;
    },
    forget: evidence.forget,
    retry: actions.reload,
    reload: () => enter(store.get().batch),
    flush: () => sync().flush(),
    sync() {
      const torn = notices.firstTorn();
      // On a phone what is compared needs the whole sheet.
      if (torn) body.dataset.detent = "2";
      if (torn) actions.select(actions.id(torn), "key");
      else sync().flush();
    },
    resolve(choice) {
      const { plot_id } = store.get().panel.plot;
      for (const entry of sync().entries())
        if (choice === "theirs" && entry.plot === plot_id) fields.restore(entry);
      sync().resolve(plot_id, choice);
      actions.reload();
    },
    keep: (record) => actions.keepTheirs(record),
    take: (record) => actions.takeLate(record),
    again: (id) => sync().again(id),
    dismiss(id) {
      const entry = sync()
        .entries()
        .find((one) => one.id === id);
      if (!entry || !sync().drop(id)) return;
      if (entry.state === "rejected") fields.restore(entry);
      actions.reload();
    },
    help: () => dialog("help"),
    export() {
      dialog("export");
      page.exporting.opened();
    },
    close: () => document.querySelector("dialog[open]")?.close(),
    theme: turnTheme,
    lang(chosen) {
      setCookie("lang", chosen);
      location.reload();
    },
    "sign-in": signIn,
    async "sign-out"() {
      await request("/api/v1/session", { method: "DELETE" }).catch(() => null);
      location.assign("/sign-in");
    },
  };

  function dialog(id) {
    $("menu").hidePopover?.();
    if (!document.querySelector("dialog[open]")) $(id).showModal();
  }

  const run = ({ do: name, arg }) => table[name]?.(arg);

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-do]");
    if (asked && !asked.disabled) run({ do: asked.dataset.do, arg: asked.dataset.arg });
    if (asked?.closest("#menu")) $("menu").hidePopover?.();
  });

  function onKey(event) {
    const focus = document.activeElement;
    const command = commandOf(event, {
      typing: focus?.matches("input:not([type=checkbox]), textarea, select"),
      control: focus?.matches("button, a, summary, [role=slider], input[type=checkbox]"),
      dialog: Boolean(document.querySelector("dialog[open]")),
      on: isOn("keys"),
      digits: decision.digits(),
    });
    if (!command) return;
    if (command.do === "hold") {
      if (command.arg === "off" && !holding) return;
      holding = command.arg === "on";
    }
    event.preventDefault();
    run(command);
  }

  let holding = false;
  addEventListener("keydown", onKey);
  addEventListener("keyup", onKey);
  $("batch").addEventListener("change", ({ target }) => {
    const { value } = target;
    actions.select(0);
    store.set({ rows: null });
    enter(value);
  });
  for (const name of ["keys", "advance"]) {
    const box = $(`set-${name}`);
    box.checked = isOn(name);
    box.addEventListener("change", () => turn(name, box.checked));
  }
  addEventListener("blur", () => {
    if (holding) view.showBefore(false);
    holding = false;
  });
  let moving = 0;
  new ResizeObserver(() => {
    clearTimeout(moving);
    moving = setTimeout(() => store.set({ sheet: covered() }), SETTLE_MS);
  }).observe($("detail"));
  store.subscribe(["selected"], ({ selectedBy }) => {
    if (selectedBy !== "key") delete body.dataset.list;
  });
}

/** How much of the map the sheet of a phone covers. */
export function covered() {
  const phone = matchMedia("(max-width: 759px)").matches;
  return { right: 0, bottom: phone ? $("detail").getBoundingClientRect().height : 0 };
}
