import { request } from "../api.js";
import { $, fill, h } from "../dom.js";
import { moment } from "../texts.js";
import { ask, field } from "./form.js";
import { sureButton } from "./sure.js";
import { table } from "./table.js";

const PATH = "/api/v1/webhooks";

/** Addresses that are told of changes: added, their secret shown once, how far they are, removed. */
export function createWebhooks({ t, place, secret, guard }) {
  const said = (name) => t(`people.webhooks.${name}`);

  async function load() {
    const { items } = await request(PATH);
    const heads = ["url", "owner", "delivered", "since"].map(said);
    fill(
      place,
      h("p", { class: "meta" }, said("lead")),
      items.length
        ? table([...heads, t("people.state"), ""], items.map(told))
        : h("p", { class: "nothing" }, said("none")),
    );
  }

  const told = (hook) => [
    h("b", {}, hook.url),
    hook.owner,
    hook.delivered_at ? moment(hook.delivered_at) : said("never"),
    hook.since,
    [
      h("span", { class: "pill", "data-state": hook.state }, said(`states.${hook.state}`)),
      hook.error ? h("small", {}, hook.error) : null,
    ],
    sureButton(said("remove"), said("sure"), hook.url, () =>
      guard(async () => {
        await request(`${PATH}/${encodeURIComponent(hook.id)}`, { method: "DELETE" });
        await load();
      }),
    ),
  ];

  function add() {
    const url = field(said("url"), "url", "", { type: "url", required: true, maxlength: 1000 });
    ask(t, said("add"), [url], [], async (form) => {
      const json = Object.fromEntries(form);
      const made = await request(PATH, { method: "POST", json });
      $("edit").close();
      secret(t("people.webhooks.secret", { url: made.url }), made.secret, said("secret_once"));
      await guard(load);
    });
  }

  return { load, add: { say: said("add"), run: add } };
}
