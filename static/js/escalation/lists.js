import { $, fill, h } from "../dom.js";
import { table } from "../people/table.js";
import { writeHash } from "../url.js";

/** What is suggested, how each county stands, and what was issued. */
export function createLists({ t, may }) {
  const steps = ["remind", "notice", "summons", "criticism"];
  const named = (one) => one.county_name ?? one.county;
  const button = (act, arg, say, kind = "plain") =>
    h("button", { type: "button", class: kind, "data-do": act, "data-arg": arg }, say);
  const badge = (step) => h("span", { class: `step step-${step}` }, t(`escalation.steps.${step}`));
  const none = (key) => h("p", { class: "nothing" }, t(key));

  function suggestion(one, n, batch) {
    const links = one.first_plots
      .slice(0, 5)
      .map((plot) =>
        h("a", { href: `/${writeHash({ b: batch, plot: plot.plot_id })}` }, plot.source_id),
      );
    return h(
      "article",
      { class: "card" },
      h("header", {}, badge(one.step), h("b", {}, named(one))),
      h("p", {}, one.says),
      one.clock ? h("small", {}, t(`escalation.clock.${one.clock}`)) : null,
      links.length ? h("p", { class: "numbers" }, ...links) : null,
      h(
        "footer",
        {},
        h("small", {}, one.plots ? t("escalation.plots", { n: one.plots }) : ""),
        button("issue", n, t("escalation.issue"), "primary"),
      ),
    );
  }

  function county(one) {
    const why = Object.entries(one.stopped).map(([name, n]) => t(`escalation.stop.${name}`, { n }));
    return [
      h("b", {}, named(one)),
      ...steps.map((step) => String(one[step])),
      one.unanswered ? h("b", { class: "late" }, String(one.unanswered)) : "0",
      why.length ? why.join(" · ") : "–",
    ];
  }

  function state(one) {
    if (one.replied_on)
      return h(
        "div",
        {},
        h("span", {}, t("escalation.answered", { on: one.replied_on })),
        h("small", {}, one.reply),
      );
    if (!one.reply_due) return "–";
    return h(
      "span",
      { class: one.overdue ? "late" : null },
      t(`escalation.${one.overdue ? "overdue" : "waiting"}`),
    );
  }

  const issued = (one) => [
    h("b", {}, named(one)),
    badge(one.step),
    h(
      "div",
      {},
      h("span", {}, one.says),
      one.text ? h("small", {}, one.text) : null,
      h("small", {}, t("escalation.plots", { n: one.plots })),
    ),
    one.document_no,
    one.issued_on,
    one.reply_due ?? t("escalation.none_due"),
    state(one),
    may
      ? h(
          "div",
          { class: "buttons" },
          button("letter", one.id, t("escalation.letter")),
          one.reply_due && !one.replied_on ? button("reply", one.id, t("escalation.record")) : null,
        )
      : "",
  ];

  function show({ suggested, issued: given, counties, batch }) {
    $("suggested").hidden = !may;
    fill(
      $("suggested").querySelector(".cards"),
      ...(suggested.length
        ? suggested.map((one, n) => suggestion(one, n, batch))
        : [none("escalation.none_suggested")]),
    );
    const heads = [t("escalation.county"), ...steps.map((step) => t(`escalation.steps.${step}`))];
    heads.push(t("escalation.unanswered_n"), t("escalation.stopped_head"));
    fill(
      $("overview"),
      counties.length ? table(heads, counties.map(county)) : none("escalation.none_issued"),
    );
    const names = "county step because_head document_no on reply_due answer".split(" ");
    fill(
      $("issued"),
      given.length
        ? table([...names.map((name) => t(`escalation.${name}`)), ""], given.map(issued))
        : none("escalation.none_issued"),
    );
  }

  return { show };
}
