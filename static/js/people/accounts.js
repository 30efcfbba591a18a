import { request } from "../api.js";
import { $, fill, h } from "../dom.js";
import { moment } from "../texts.js";
import { ask, choice, field } from "./form.js";
import { table } from "./table.js";

const PATH = "/api/v1/people";
const LANGS = [
  ["zh-CN", "中文"],
  ["en", "English"],
];

/** Who there is and what they may; each can be changed in a dialog. */
export function createAccounts({ t, place, secret, guard }) {
  let mayGive = [];
  let known = [];
  const at = (user) => `${PATH}/${encodeURIComponent(user)}`;

  async function load() {
    const found = await request(PATH);
    mayGive = found.may_give;
    known = found.batches;
    const heads = ["name", "unit", "roles", "last", "state"].map((name) => t(`people.${name}`));
    const rows = found.items.map((person) => [who(person), ...told(person)]);
    fill(
      place,
      rows.length ? table([...heads, ""], rows) : h("p", { class: "nothing" }, t("people.none")),
    );
  }

  const who = ({ name, user, own }) =>
    h(
      "span",
      { class: "who" },
      h("b", {}, name),
      ` ${user}`,
      own ? h("em", {}, t("people.own")) : null,
    );

  function told(person) {
    const change = h("button", { type: "button", class: "plain" }, t("people.edit"));
    change.setAttribute("aria-label", `${t("people.edit")} ${person.name}`);
    change.addEventListener("click", () => edit(person));
    return [
      person.unit,
      h(
        "ul",
        {},
        ...person.grants.map((one) =>
          h("li", {}, [one.role_name, one.area, ...one.batches].join(" ")),
        ),
      ),
      person.last_sign_in ? moment(person.last_sign_in) : t("people.never"),
      state(person),
      change,
    ];
  }

  function state(person) {
    const first = person.state === "active" && person.must_change;
    const shown = first ? "first" : person.state;
    const until = person.paused_until;
    const title = until ? t("people.paused_until", { at: moment(until) }) : null;
    return h("span", { class: "pill", "data-state": shown, title }, t(`people.states.${shown}`));
  }

  /** One role with its area, which can be taken away again. */
  function grantRow(
    { role, area, batches = [] } = { role: mayGive[0].role, area: mayGive[0].areas[0] },
  ) {
    const roles = mayGive.map((one) => [one.role, one.name]);
    const less = h(
      "button",
      { type: "button", class: "plain", "aria-label": t("people.less_role") },
      "−",
    );
    const row = h(
      "div",
      { class: "grant" },
      choice(t("people.role"), "role", role, roles),
      field(t("people.area"), "area", area, {
        ...{ inputmode: "numeric", required: true, title: t("people.area_hint") },
        pattern: "[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}",
      }),
      less,
      limited(batches),
    );
    less.addEventListener("click", () => {
      if (row.parentElement.childElementCount > 1) row.remove();
    });
    return row;
  }

  /** For which batches a role holds; for all as long as none is ticked. */
  function limited(batches) {
    const all = [...new Set([...known, ...batches])];
    const ticked = () => [...list.querySelectorAll(":checked")].length;
    const say = () => {
      said.textContent = ticked()
        ? t("people.batches_some", { n: ticked() })
        : t("people.batches_all");
    };
    const list = h(
      "div",
      {},
      ...all.map((name) =>
        h(
          "label",
          {},
          h("input", {
            type: "checkbox",
            name: "batches",
            value: name,
            checked: batches.includes(name),
          }),
          h("span", {}, name),
        ),
      ),
    );
    const said = h("summary", {});
    list.addEventListener("change", say);
    say();
    return all.length ? h("details", { class: "batches" }, said, list) : null;
  }

  function grantsOf(grants) {
    const list = h("div", { class: "grants" }, ...grants.map(grantRow));
    const more = h("button", { type: "button", class: "plain" }, t("people.more_role"));
    more.addEventListener("click", () => list.append(grantRow()));
    return h(
      "fieldset",
      {},
      h("legend", {}, t("people.roles")),
      list,
      h("p", { class: "meta" }, t("people.area_hint")),
      more,
    );
  }

  const fields = (person) => [
    field(t("people.name"), "name", person.name, { required: true, maxlength: 200 }),
    field(t("people.unit"), "unit", person.unit, { required: true, maxlength: 200 }),
    ...(person.own ? [] : [grantsOf(person.grants ?? [undefined])]),
    field(t("people.email"), "email", person.email, { type: "email", maxlength: 255 }),
    choice(t("people.lang"), "lang", person.lang ?? "zh-CN", LANGS),
  ];

  const given = (form) => {
    const { role: _, area: __, batches: ___, ...plain } = Object.fromEntries(form);
    const grants = [...document.querySelectorAll("#edit .grant")].map((row) => ({
      role: row.querySelector("[name=role]").value,
      area: row.querySelector("[name=area]").value.trim(),
      batches: [...row.querySelectorAll("[name=batches]:checked")].map((box) => box.value),
    }));
    return { ...plain, ...(grants.length ? { grants } : {}) };
  };

  const told1 = (user, password) =>
    secret(t("people.secret.password", { user }), password, t("people.secret.once"));

  function add() {
    const user = field(t("people.user"), "user", "", {
      ...{ required: true, maxlength: 60, autocomplete: "off", autocapitalize: "none" },
    });
    ask(t, t("people.new"), [user, ...fields({})], [], async (form) => {
      const made = await request(PATH, { method: "POST", json: given(form) });
      $("edit").close();
      told1(made.user, made.password);
      await guard(load);
    });
  }

  function edit(person) {
    const act = (say, work) => {
      const button = h("button", { type: "button", class: "plain" }, say);
      button.addEventListener("click", () => work(button).catch((error) => dialog.tell(error)));
      return button;
    };
    const done = async () => {
      $("edit").close();
      await guard(load);
    };
    const password = async () => {
      const made = await request(`${at(person.user)}/password`, { method: "POST" });
      await done();
      told1(person.user, made.password);
    };
    const unlock = async () => {
      await request(`${at(person.user)}/unlock`, { method: "POST" });
      await done();
    };
    const closed = person.state === "closed";
    const turn = async (button) => {
      if (!closed && !button.dataset.sure) {
        button.dataset.sure = "true";
        button.textContent = t("people.close_sure");
        return;
      }
      await request(at(person.user), { method: "PATCH", json: { disabled: !closed } });
      await done();
    };
    const buttons = person.own
      ? []
      : [
          act(t(closed ? "people.open" : "people.close"), turn),
          person.state === "paused" ? act(t("people.unlock"), unlock) : null,
          closed ? null : act(t("people.password"), password),
        ];
    const dialog = ask(
      t,
      `${person.name} · ${person.user}`,
      fields(person),
      buttons,
      async (form) => {
        await request(at(person.user), { method: "PATCH", json: given(form) });
        await guard(load);
      },
    );
  }

  return { load, add: { say: t("people.add"), run: add } };
}
