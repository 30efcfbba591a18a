import { request, speak } from "./api.js";
import { $, fill, h, icon } from "./dom.js";
import { offerPlaces } from "./places.js";
import { offerPrefs } from "./prefs.js";
import { print } from "./printing.js";
import { stepField, typed } from "./stepform.js";
import { translator } from "./texts.js";

/**
 * The page of rivers is made by the server; here are the dialogs in which entries are added, put
 * right and led through their steps, made from the tables that check them there (`forms`:
 * register → form → fields).
 * @param {{lang: string, said: Record<string, string>, texts: string}} config
 */
export async function boot(config) {
  const forms = JSON.parse($("forms").textContent);
  const { lang } = config;
  speak(translator(config.said), lang);
  offerPrefs();
  request("/api/v1/me").then(offerPlaces, () => {});
  const t = translator(await request(config.texts));

  const entry = ({ register, id }) => `/api/v1/${register}/${encodeURIComponent(id)}`;
  const based = (version) => ({ "If-Match": `"${version}"` });

  /** A dialog with a form; a refusal is shown in it, and what was typed stays. */
  function ask(title, fields, send, label = title) {
    const said = h("p", { class: "refused", role: "alert", hidden: true });
    const button = h("button", { type: "submit", class: "primary" }, label);
    const form = h("form", {}, ...fields, said, h("p", { class: "buttons" }, button));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      said.hidden = true;
      try {
        await send(form);
      } catch (error) {
        said.textContent = error.told ?? error.message;
        said.hidden = false;
      }
      button.disabled = false;
    });
    const close = {
      type: "button",
      class: "tool",
      "data-close": true,
      "aria-label": t("ui.close"),
    };
    const head = h(
      "header",
      {},
      h("h2", { id: "edit-title" }, title),
      h("button", close, icon("i-close")),
    );
    fill($("edit"), head, form);
    $("edit").showModal();
    form.querySelector("[name]:not([type=hidden])")?.focus();
    return form;
  }

  const again = () => location.reload();

  function fields(register, form, values = {}) {
    return forms[register][form].map((spec) => {
      const made = stepField(spec, lang);
      const box = made.querySelector("[name]");
      const value = values[spec.name];
      if (value !== undefined && value !== null) box.value = value;
      return made;
    });
  }

  /** What concerns a plot is of the plot's area. */
  function add({ add: register, plot }) {
    const specs = fields(register, "add");
    const own = plot ? specs.filter((made) => !made.querySelector("[name=area]")) : specs;
    ask(t(`rivers.add.${register}`), own, async (form) => {
      const json = { ...typed(form), ...(plot ? { plot_id: plot } : {}) };
      await request(`/api/v1/${register}`, { method: "POST", json });
      again();
    });
  }

  async function step(data) {
    const { register, step: name, version } = data;
    const title = t(`register.step.${name}`);
    if (name !== "change") {
      const path = `${entry(data)}/steps/${name}`;
      const headers = based(version);
      ask(title, fields(register, name), async (form) => {
        await request(path, { method: "POST", headers, json: typed(form) });
        again();
      });
      return;
    }
    const now = await request(entry(data));
    ask(title, fields(register, name, now), async (form) => {
      const json = Object.fromEntries(new FormData(form));
      await request(entry(data), { method: "PATCH", headers: based(version), json });
      again();
    });
  }

  function link({ link: id, version }) {
    ask(t("register.step.link"), fields("findings", "link"), async (form) => {
      const { plot: number } = typed(form);
      const path = `/api/v1/findings/${encodeURIComponent(id)}/plot`;
      const json = { plot_id: await named(number) };
      await request(path, { method: "PUT", headers: based(version), json });
      again();
    });
  }

  /** The id of the plot that people call by this number; the number itself where there is none. */
  async function named(number) {
    const batch = document.querySelector("[name=batch]").value;
    const asked = new URLSearchParams({ batch, q: number, limit: "100" });
    const { items } = await request(`/api/v1/plots?${asked}`);
    return items.find((plot) => plot.source_id === number)?.plot_id ?? number;
  }

  const fileField = (accept) =>
    h(
      "label",
      {},
      h("span", {}, t("rivers.file")),
      h("input", { type: "file", name: "file", required: true, accept }),
    );

  function attach({ attach: register, id }) {
    ask(t("rivers.attach"), [fileField(null)], async (form) => {
      const body = new FormData(form);
      await request(`${entry({ register, id })}/documents`, { method: "POST", body });
      again();
    });
  }

  /** A list is looked through first; what would become of each row is shown before it is kept. */
  function list() {
    let looked = false;
    const fates = h("ul", { class: "fates" });
    const form = ask(
      t("rivers.load_list"),
      [
        h("p", { class: "note" }, t("rivers.list_columns")),
        fileField(".csv,.tsv,.txt,.xlsx,.xls,.et"),
        fates,
      ],
      async () => {
        const body = new FormData(form);
        body.set("dry_run", String(!looked));
        const told = await request("/api/v1/duties/list", { method: "POST", body });
        if (looked) return again();
        looked = told.kept > 0;
        fill(
          fates,
          h("li", {}, h("b", {}, t("rivers.list_told", told))),
          ...told.items.filter((row) => row.fate !== "kept").map(fate),
        );
        if (looked) form.querySelector("[type=submit]").textContent = t("rivers.list_keep", told);
      },
      t("rivers.list_look"),
    );
    form.elements.file.addEventListener("change", () => {
      looked = false;
      fill(fates);
      form.querySelector("[type=submit]").textContent = t("rivers.list_look");
    });
  }

  const fate = (row) =>
    h(
      "li",
      {},
      t("rivers.list_row", {
        row: row.row,
        name: row.name,
        why: row.why ?? t("rivers.list_known"),
      }),
    );

  /** A document is made by a worker; how far it is, is told where refusals are. */
  async function report(button) {
    const tell = (text) => {
      $("told").textContent = text;
    };
    button.disabled = true;
    await print(JSON.parse(button.dataset.report), { t, lang, tell });
    button.disabled = false;
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const data = button.dataset;
    const told = (error) => {
      $("told").textContent = error.told ?? error.message;
    };
    if ("close" in data) $("edit").close();
    else if ("add" in data) add(data);
    else if ("step" in data) step(data).catch(told);
    else if ("link" in data) link(data);
    else if ("attach" in data) attach(data);
    else if ("list" in data) list();
    else if ("report" in data) report(button).catch(told);
  });
  document.documentElement.dataset.ready = "";
}
