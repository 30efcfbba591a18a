import { request } from "../api.js";
import { $, h } from "../dom.js";
import { ask, choice, field } from "../people/form.js";

/** The forms with which a step is issued, and an answer recorded. */
export function createForms({ t, tell, load, path }) {
  const required = { required: true, maxlength: 200 };
  const text = (props = {}) =>
    h(
      "label",
      {},
      h("span", {}, t("escalation.text")),
      h("textarea", { name: "text", rows: 3, maxlength: 2000, ...props }),
    );
  const due = (step, day) =>
    step === "remind"
      ? null
      : field(t("escalation.reply_due"), "date", day ?? "", {
          type: "date",
          required: step === "summons",
        });

  async function send(json) {
    const kept = Object.fromEntries(Object.entries(json).filter(([, value]) => value));
    const made = await request(path, { method: "POST", json: kept });
    tell(t("escalation.taken", { n: made.events }));
    await load();
  }

  function issue({ batch }, one) {
    const { county, step, basis, clock } = one;
    const title = `${t(`escalation.steps.${step}`)} · ${one.county_name ?? county}`;
    const fields = [
      h("p", {}, one.says),
      field(t("escalation.document_no"), "document_no", "", required),
      due(step, one.reply_due),
      text(),
    ].filter(Boolean);
    ask(t, title, fields, [], (form) =>
      send({ batch, county, step, basis, clock, ...Object.fromEntries(form) }),
    );
  }

  function other({ batch, counties, basis }) {
    const steps = Object.keys(basis).map((step) => [step, t(`escalation.steps.${step}`)]);
    const places = counties.map((one) => [one.county, one.county_name ?? one.county]);
    const reasons = ["by_hand", "false_evidence"].map((name) => [
      name,
      t(`escalation.basis_name.${name}`),
    ]);
    const fields = [
      choice(t("escalation.county"), "county", places[0]?.[0], places),
      choice(t("escalation.step"), "step", "notice", steps),
      choice(t("escalation.basis"), "basis", "by_hand", reasons),
      field(t("escalation.document_no"), "document_no", "", required),
      field(t("escalation.reply_due"), "date", "", { type: "date" }),
      text({ required: true }),
    ];
    ask(t, t("escalation.issue_other"), fields, [], (form) =>
      send({ batch, ...Object.fromEntries(form) }),
    );
  }

  function reply({ as_of }, one) {
    const title = `${t("escalation.record")} · ${one.document_no}`;
    const limits = { type: "date", min: one.issued_on, max: as_of, required: true };
    const fields = [field(t("escalation.date"), "date", as_of, limits), text({ required: true })];
    ask(t, title, fields, [], async (form) => {
      const json = Object.fromEntries(form);
      await request(`${path}/${one.id}/reply`, { method: "POST", json });
      await load();
    });
    $("edit").querySelector("textarea").focus();
  }

  return { issue, other, reply };
}
