import { request } from "./api.js";
import { $, fill, h } from "./dom.js";
import { newId } from "./outboxdb.js";
import { figures, listed } from "./texts.js";

/** Permits that a plot's panel shows before one asks for more. */
const SHOWN = 3;

/**
 * What the register of permits says of the chosen plot: the entry it rests on, or those it might
 * rest on, the fitting and nearest first; one press links. @param {{store: any, actions: any}} parts
 */
export function createPermits({ store, actions }) {
  const { t, lang, me } = store.get();
  const number = figures(lang);
  const links = me.actions.includes("link_permit");
  const plot = () => store.get().panel?.plot ?? null;
  const may = (what) => Boolean(plot()?.may.includes(what));
  let asked = "";
  let found = null;
  let more = false;

  async function find() {
    const now = plot();
    const key = now ? [now.plot_id, now.version].join() : "";
    if (key === asked) return;
    const same = key && asked.startsWith(`${now.plot_id},`);
    asked = key;
    if (!same) {
      found = null;
      more = false;
      $("permit-q").value = "";
    }
    show();
    if (now && !now.waiting) await look();
  }

  async function look() {
    const { plot_id } = plot();
    const said = $("permit-q").value.trim();
    const query = said ? `?${new URLSearchParams({ q: said })}` : "";
    const address = `/api/v1/plots/${encodeURIComponent(plot_id)}/permits${query}`;
    const answer = await request(address).catch(() => null);
    if (plot()?.plot_id !== plot_id) return;
    found = answer;
    show();
  }

  function show() {
    const offered = may("link_permit");
    const words = $("permit-q").value.trim();
    const near = offered ? (found?.near ?? []) : [];
    const shown = found && (found.linked || near.length || words || offered);
    $("p-permit").hidden = !shown;
    if (!shown) return;
    const { linked, same_number } = found;
    fill($("p-permit-linked"), linked && card(linked, { linked: true }), same(same_number));
    const rows = more || words ? near : near.slice(0, linked ? 0 : SHOWN);
    fill($("p-permit-near"), ...rows.map((one) => card(one, { linked: false })));
    $("permit-more").hidden = rows.length >= near.length;
    $("permit-more").textContent = t("permits.panel.more", { n: near.length - rows.length });
    $("permit-search").hidden = !offered;
    $("permit-none").hidden = rows.length > 0 || Boolean(linked) || near.length > 0;
    $("permit-none").textContent = t(words ? "permits.panel.unfound" : "permits.panel.none");
  }

  function card(permit, { linked }) {
    const away = permit.distance_m;
    const facts = [
      permit.authority,
      permit.granted_on,
      permit.valid_to && t("permits.until", { day: permit.valid_to }),
    ];
    const pills = [
      permit.standing === "valid" ? null : pill(permit.standing),
      permit.fits ? pill("fits") : pill("unfit"),
      away === null ? null : h("small", {}, t("ui.away", { n: number(away) })),
    ];
    const step = linked ? "unlink_permit" : "link_permit";
    const useful = may(step) && (linked || permit.standing !== "withdrawn");
    return h(
      "li",
      { class: linked ? "is-linked" : null },
      h("b", {}, permit.number),
      h("span", {}, listed([permit.name, permit.kind].filter(Boolean), lang)),
      h("small", {}, facts.filter(Boolean).join(" · ")),
      h("p", { class: "pills" }, ...pills),
      useful ? button(step, permit) : null,
    );
  }

  const pill = (name) => h("span", { class: "pill", "data-state": name }, t(`permits.is.${name}`));

  function button(step, permit) {
    const says = t(`permits.panel.${step}`);
    const made = h("button", { type: "button", class: "plain" }, says);
    made.setAttribute("aria-label", `${says} ${permit.number}`);
    made.addEventListener("click", () => take(made, step, permit));
    return made;
  }

  function same({ n, plots }) {
    if (!n) return null;
    const numbers = listed(
      plots.slice(0, 3).map((one) => one.source_id),
      lang,
    );
    return h("li", { class: "none" }, t("permits.panel.same", { n: number(n), plots: numbers }));
  }

  async function take(made, step, permit) {
    const { plot_id, version } = plot();
    made.disabled = true;
    try {
      const answer = await request(`/api/v1/plots/${encodeURIComponent(plot_id)}/actions/${step}`, {
        method: "POST",
        headers: { "If-Match": `"${version}"`, "Idempotency-Key": newId() },
        json: step === "link_permit" ? { permit: permit.permit_id } : {},
      });
      actions.kept(null, answer);
      actions.toast(t(`permits.panel.${step}ed`, { number: permit.number }));
    } catch (error) {
      made.disabled = false;
      actions.toast(error.told ?? error.message);
      if (error.status === 412) actions.moved(error.problem.plot);
      if (error.status === undefined) throw error;
    }
  }

  let timer = 0;
  $("permit-q").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  });
  $("permit-more").addEventListener("click", () => {
    more = true;
    show();
  });
  if (links || me.actions.includes("permits")) store.subscribe(["selected", "panel"], find);
}
