import { request } from "../api.js";
import { $, fill, h } from "../dom.js";
import { moment } from "../texts.js";
import { ask, choice, field } from "./form.js";
import { sureButton } from "./sure.js";
import { table } from "./table.js";

const PATH = "/api/v1/keys";

/** Keys of other systems: made, shown once, revoked. */
export function createKeys({ t, place, secret, guard }) {
  let mayGive = [];

  async function load() {
    const found = await request(PATH);
    mayGive = found.may_give;
    const heads = ["keys.name", "unit", "roles", "keys.expires", "keys.used", "state"];
    const rows = found.items.map(told);
    fill(
      place,
      h("p", { class: "meta" }, t("people.keys.lead")),
      rows.length
        ? table([...heads.map((name) => t(`people.${name}`)), ""], rows)
        : h("p", { class: "nothing" }, t("people.keys.none")),
    );
  }

  const told = (key) => [
    h("b", {}, key.name),
    key.unit,
    `${key.role_name} ${key.area}`,
    key.expires_at ? moment(key.expires_at) : t("people.keys.endless"),
    key.last_used_on ?? t("people.keys.unused"),
    h("span", { class: "pill", "data-state": key.state }, t(`people.keys.states.${key.state}`)),
    key.state === "active" ? revoking(key) : "",
  ];

  const revoking = ({ id, name }) =>
    sureButton(t("people.keys.revoke"), t("people.keys.sure"), name, () =>
      guard(async () => {
        await request(`${PATH}/${id}`, { method: "DELETE" });
        await load();
      }),
    );

  function add() {
    const roles = mayGive.map((one) => [one.role, one.name]);
    const fields = [
      field(t("people.keys.name"), "name", "", { required: true, maxlength: 50 }),
      field(t("people.unit"), "unit", "", { required: true, maxlength: 200 }),
      choice(t("people.role"), "role", roles[0][0], roles),
      field(t("people.area"), "area", mayGive[0].areas[0], {
        ...{ inputmode: "numeric", required: true, title: t("people.area_hint") },
        pattern: "[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}",
      }),
      field(t("people.keys.expires"), "expires", "", { type: "date" }),
    ];
    ask(t, t("people.keys.add"), fields, [], async (form) => {
      const json = Object.fromEntries(form);
      const made = await request(PATH, { method: "POST", json });
      $("edit").close();
      secret(t("people.secret.key", { name: made.name }), made.key, t("people.secret.key_once"));
      await guard(load);
    });
  }

  return { load, add: { say: t("people.keys.add"), run: add } };
}
