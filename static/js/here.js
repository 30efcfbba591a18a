import { request } from "./api.js";
import { $, fill, h } from "./dom.js";
import { listed, moment } from "./texts.js";

const BEAT_MS = 15_000;
const ENDING_MS = 5 * 60_000;
const NOBODY = { plot: "", people: [], lock: null };

/**
 * Who else has the chosen plot open, and who is reviewing it. The page says every quarter of a minute
 * what it shows; what others do comes with the stream, or with the answer.
 * @param {{store: any, page: string, actions: any, typed: () => boolean}} parts `typed`: whether
 *   something is typed that was not sent
 */
export function createHere({ store, page, actions, typed }) {
  const { t, lang, me } = store.get();
  const may = (what) => me.actions.includes(what);
  let seen = NOBODY;
  let said = "";
  let timer = 0;

  const chosen = () => {
    const { selected, rows } = store.get();
    return selected && rows ? rows.plot_id[selected - 1] : "";
  };

  async function beat() {
    clearTimeout(timer);
    const plot = document.hidden ? "" : chosen();
    if (plot) timer = setTimeout(beat, BEAT_MS);
    if (!plot && !said) return;
    said = plot;
    const json = { page, plot_id: plot || null };
    // Also when the page is about to go, the request is finished.
    const sent = request("/ui/presence", { method: "POST", json, keepalive: !plot });
    const now = await sent.catch(() => null);
    if (now) told({ plot_id: plot, ...now });
    else show();
  }

  function told({ plot_id, people, lock }) {
    if (plot_id !== chosen()) return;
    seen = { plot: plot_id, people, lock };
    const { panel } = store.get();
    // What may be done rests on who holds it.
    if (panel?.plot.plot_id === plot_id && panel.plot.lock?.user !== lock?.user) actions.reload();
    show();
  }

  const left = (lock) => Date.parse(lock.until) - Date.now();

  function show() {
    const { panel } = store.get();
    const plot = panel?.plot;
    const { people, lock } = seen.plot === plot?.plot_id ? seen : { people: [], lock: plot?.lock };
    const held = lock && left(lock) > 0 ? lock : null;
    const beside = people.filter((one) => one.user !== held?.user);
    const lines = plot ? [locked(held), others(beside)].filter(Boolean) : [];
    fill($("p-here"), ...lines);
    $("p-here").hidden = lines.length === 0;
  }

  function locked(lock) {
    if (!lock) return null;
    const mine = lock.user === me.user;
    const facts = { who: lock.name, unit: lock.unit, at: moment(lock.until).slice(11) };
    const ending = mine && left(lock) < ENDING_MS;
    const buttons = mine
      ? [ending ? button("extend") : null, button("release")]
      : [may("take_over") ? button("take_over") : null];
    const key = ending ? "ui.here.ending" : mine ? "ui.here.mine" : "ui.here.locked";
    return h(
      "div",
      { class: mine && !ending ? "lock" : "lock warns" },
      h("p", {}, t(key, facts)),
      !mine && typed() ? h("p", { class: "quiet" }, t("ui.here.kept")) : null,
      h("p", { class: "buttons" }, ...buttons),
    );
  }

  const others = (people) =>
    people.length > 0 &&
    h(
      "p",
      { class: "others" },
      t("ui.here.others", {
        people: listed(
          people.map(({ name, unit }) => t("ui.here.who", { name, unit })),
          lang,
        ),
      }),
    );

  function button(does) {
    const made = h("button", { type: "button", class: "plain" }, t(`ui.here.${does}`));
    made.addEventListener("click", async () => {
      made.disabled = true;
      await change(does).catch((error) => actions.toast(error.told));
      actions.reload();
      beat();
    });
    return made;
  }

  const change = (does) =>
    request(
      `/api/v1/plots/${encodeURIComponent(chosen())}/lock${does === "take_over" ? "?over=true" : ""}`,
      { method: does === "release" ? "DELETE" : "PUT" },
    );

  let shown = "";
  function follow() {
    if (chosen() === shown) return;
    shown = chosen();
    seen = NOBODY;
    beat();
  }
  store.subscribe(["selected", "rows"], follow);
  follow();
  store.subscribe(["panel"], ({ panel }) => {
    // A step of one's own has taken the lock, or let go of it.
    if (panel && seen.plot === panel.plot.plot_id) seen = { ...seen, lock: panel.plot.lock };
    show();
  });
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => {
    if (!said) return;
    said = "";
    const json = JSON.stringify({ page, plot_id: null });
    navigator.sendBeacon("/ui/presence", new Blob([json], { type: "application/json" }));
  });

  return { told };
}
