import { request } from "./api.js";
import { $, fill, h } from "./dom.js";

const REFERRED = new Set(["confirmed", "rectified"]);

/**
 * Who answers for the chosen plot, and what was found and referred there. It is asked for when
 * somebody opens it, and where the plot may be closed, so that a case that is open is seen then.
 * @param {{store: any}} parts
 */
export function createAnswers({ store }) {
  const { t } = store.get();
  const box = $("p-answers");
  let shown = "";
  let asked = null;

  async function show() {
    const plot = store.get().panel?.plot;
    if (!plot) return;
    if (plot.may.includes("close")) box.open = true;
    const key = [plot.plot_id, plot.version].join();
    if (!box.open || key === shown) return;
    shown = key;
    asked?.abort();
    asked = new AbortController();
    fill($("p-answers-list"));
    try {
      const { signal } = asked;
      const path = `/api/v1/plots/${encodeURIComponent(plot.plot_id)}/answers`;
      drawn(plot, await request(path, { signal }));
    } catch (error) {
      if (error.name === "AbortError") return;
      fill($("p-answers-list"), h("p", {}, error.told));
      shown = "";
    }
  }

  function drawn(plot, { duties, findings, referrals }) {
    const open = referrals.filter((one) => one.may.includes("change")).length;
    fill(
      $("p-answers-list"),
      open ? h("p", { class: "refused" }, t("rivers.open_referral", { n: open })) : null,
      h("ul", {}, ...(duties.length ? duties.map(duty) : [h("li", {}, t("rivers.no_duties"))])),
      ...[...findings.map(finding), ...referrals.map(referral)].map((said) => h("p", {}, said)),
      h("p", { class: "offered" }, ...links(plot)),
    );
  }

  const duty = (one) =>
    h("li", {}, h("b", {}, one.name), ` ${one.title ?? t("register.choice.department")}`);

  const finding = (one) =>
    [
      t(`register.choice.${one.source}`),
      t(`register.state.${one.state}`),
      t("register.due", { day: one.deadline }),
      one.overdue_days === null ? null : t("register.late", { n: one.overdue_days }),
    ]
      .filter(Boolean)
      .join(" · ");

  const referral = (one) =>
    [one.authority, one.case_no, t(`register.state.${one.state}`)].filter(Boolean).join(" · ");

  function links(plot) {
    const may = new Set(store.get().me.actions);
    const to = (tab) => `/rivers?tab=${tab}&plot=${encodeURIComponent(plot.plot_id)}`;
    const link = (tab) => h("a", { class: "plain", href: to(tab) }, t(`rivers.add.${tab}`));
    return [
      may.has("record_finding") ? link("findings") : null,
      may.has("refer") && REFERRED.has(plot.mark) ? link("referrals") : null,
    ];
  }

  box.addEventListener("toggle", show);
  store.subscribe(["selected", "panel"], show);
}
