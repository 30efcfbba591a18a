import { request, upload } from "../api.js";
import { $, fill, h } from "../dom.js";
import { moment } from "../texts.js";
import { createReading } from "./reading.js";
import { createRows } from "./rows.js";

const PATH = "/api/v1/results";
const POLL_MS = 500;
const WAITS = ["queued", "running", "committing"];

/** Lists of results: sent, looked at row by row, explained, committed. */
export function createIncoming(parts) {
  const { t, guard, go, place } = parts;
  let watched = 0;
  const reading = createReading({ ...parts, adjust });
  const rows = createRows(parts);

  async function load() {
    const { list, batch } = place();
    $("worklist").href = `${PATH}/worklist?${new URLSearchParams({ batch })}`;
    $("begin").hidden = Boolean(list);
    $("list").hidden = !list;
    watched += 1;
    if (list) await watch(list);
    else await recent();
  }

  async function recent() {
    const { items } = await request(PATH);
    $("no-recent").hidden = items.length > 0;
    fill($("recent"), ...items.map(told));
  }

  const told = (one) =>
    h(
      "li",
      {},
      h(
        "a",
        { href: `#${new URLSearchParams({ tab: "in", b: one.batch, list: one.id })}` },
        h("b", {}, named(one)),
        h("span", { class: "pill", "data-state": one.state }, t(`results.state.${one.state}`)),
        h(
          "span",
          { class: "meta" },
          [moment(one.created_at), one.counts ? t("results.counted", one.counts) : null]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
    );

  const named = (one) =>
    one.files
      .map((file) => file.name)
      .slice(0, 3)
      .join(", ");

  async function send(files) {
    if (!files.length) return;
    const form = new FormData();
    form.set("batch", place().batch);
    for (const file of files) form.append("file", file, file.name);
    $("sending").hidden = false;
    await guard(async () => {
      const sent = await upload(PATH, form, (done) => {
        $("sending-bar").value = done;
      });
      go({ list: sent.id });
    });
    $("sending").hidden = true;
    $("files").value = "";
  }

  /** Show a list and stay with it until the server is done. */
  async function watch(id) {
    const mine = ++watched;
    let found = await request(`${PATH}/${id}`);
    while (mine === watched) {
      show(found);
      if (!WAITS.includes(found.state)) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      found = await request(`${PATH}/${id}`);
    }
    if (mine === watched && found.counts) await rows.load(found.id, "");
  }

  function show(found) {
    const { state, counts, photos } = found;
    const done = state === "done";
    const title = h("h2", { id: "list-name" }, named(found));
    const pill = h("span", { class: "pill", "data-state": state }, t(`results.state.${state}`));
    const back = h(
      "button",
      { type: "button", class: "plain", "data-do": "back" },
      t("results.back"),
    );
    fill(
      $("list"),
      h("header", { class: "list-head" }, title, pill, h("span", { class: "grow" }), back),
      WAITS.includes(state) ? h("progress", { "aria-label": t(`results.state.${state}`) }) : null,
      refusal(found.error ?? found.asks),
      counts ? tiles(counts, done) : null,
      done && photos?.in ? h("p", { class: "meta" }, photo(photos)) : null,
      !done && found.photos_sent
        ? h("p", { class: "meta" }, t("results.photos_sent", { n: found.photos_sent }))
        : null,
      ["ready", "asking"].includes(state) ? reading.shown(found) : null,
      counts ? rows.place : null,
      foot(found),
    );
  }

  const photo = ({ attached, aside }) => t("results.photos", { n: attached, aside: aside.length });

  const refusal = (told) =>
    told ? h("p", { class: "refused", role: "alert" }, told.title, " ", told.hint) : null;

  function tiles(counts, done) {
    const tile = (name, n, say, kind) =>
      h(
        "button",
        { type: "button", class: `tile tile-${kind}`, "data-do": "only", "data-arg": name },
        h("b", {}, String(n)),
        h("span", {}, say),
      );
    const aside = ["conflict", "refused", "unread", "twice", "not_found"];
    return h(
      "div",
      { class: "result-tiles", role: "group", "aria-label": t("results.counts") },
      tile("", counts.rows_in, t("results.rows_in"), "all"),
      tile("mark", counts.applied, t(done ? "results.marked" : "results.would_mark"), "mark"),
      tile("unchanged", counts.unchanged, t("results.outcome.unchanged"), "same"),
      ...aside
        .filter((name) => counts[name])
        .map((name) => tile(name, counts[name], t(`results.outcome.${name}`), "aside")),
    );
  }

  function foot({ id, state, counts }) {
    if (!counts) return null;
    const may = state === "ready" && counts.applied > 0;
    const report = (form, say) =>
      h("a", { class: "plain", href: `${PATH}/${id}/report.${form}`, download: true }, say);
    return h(
      "footer",
      { class: "list-foot" },
      report("xlsx", t("results.report_xlsx")),
      h("span", { class: "grow" }),
      state === "ready"
        ? h(
            "button",
            { type: "button", class: "primary", "data-do": "commit", disabled: !may },
            t("results.commit", { n: counts.applied }),
          )
        : null,
    );
  }

  function adjust(changes) {
    const { list } = place();
    return guard(async () => {
      await request(`${PATH}/${list}/adjust`, { method: "POST", json: changes });
      await watch(list);
    });
  }

  $("files").addEventListener("change", ({ target }) => send([...target.files]));
  const does = {
    choose: () => $("files").click(),
    back: () => go({ list: "" }),
    only: (outcome) => guard(() => rows.load(place().list, outcome)),
    more: () => guard(rows.more),
    commit: () =>
      guard(async () => {
        await request(`${PATH}/${place().list}/commit`, { method: "POST" });
        await watch(place().list);
      }),
  };
  return { load, does };
}
