import { upload } from "./api.js";
import { $, fill, h, icon } from "./dom.js";
import { figures, moment, named } from "./texts.js";

function kindName({ codebook, lang }, kind) {
  const [zh, en] = codebook.evidence_kinds[kind] ?? [kind, kind];
  return named({ zh, en }, lang);
}

/** What is attached, and what is on its way. */
export function evidenceList(plot, state) {
  const { t, lang, uploads, me } = state;
  const number = figures(lang);
  const sees = me.actions.includes("see_evidence");
  const attached = plot.evidence.map((file) => {
    const address = `/api/v1/evidence/${encodeURIComponent(file.id)}`;
    const far = file.distance_m === null ? "ui.unplaced" : "ui.away";
    const photo = file.media_type.startsWith("image/");
    return h(
      "li",
      {},
      h(
        "a",
        { href: address, download: true },
        photo
          ? h("img", {
              src: `${address}?size=thumb`,
              alt: "",
              width: 56,
              height: 56,
              loading: "lazy",
            })
          : icon("i-file", "icon thumb"),
        h("b", {}, kindName(state, file.kind)),
        h("span", {}, file.name),
        h(
          "small",
          { class: file.distance_m > 100 ? "far" : null },
          [file.taken_at && moment(file.taken_at), photo && t(far, { n: number(file.distance_m) })]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
    );
  });
  const waiting = uploads
    .filter((one) => one.plotId === plot.plot_id)
    .map((one) => sending(one, t));
  const all = [...waiting, ...attached];
  if (all.length) return all;
  return [h("li", { class: "none" }, t(sees ? "ui.evidence.none" : "ui.evidence.hidden"))];
}

function sending({ key, file, done, error }, t) {
  const button = (does, text) =>
    h("button", { type: "button", class: "plain", "data-do": does, "data-arg": key }, text);
  const name = h("b", {}, file.name);
  if (!error)
    return h("li", {}, name, h("progress", { value: done, max: 1, "aria-label": file.name }));
  return h(
    "li",
    { class: "failed" },
    name,
    h("span", {}, error.told),
    h("p", { class: "attach" }, button("resend", t("ui.again")), button("forget", t("ui.remove"))),
  );
}

/** Sends files; what fails stays in the list with its file until it is sent or given up. */
export function createEvidence({ store, actions }) {
  const { t, codebook } = store.get();
  let key = 0;
  fill(
    $("kind"),
    ...Object.keys(codebook.evidence_kinds).map((kind) =>
      h("option", { value: kind, selected: kind === "E_PHOTO" }, kindName(store.get(), kind)),
    ),
  );

  const change = (uploads) => {
    store.set({ uploads });
  };
  const patch = (one, more) =>
    change(
      store.get().uploads.map((known) => (known.key === one.key ? { ...one, ...more } : known)),
    );

  async function send(one) {
    patch(one, { error: null, done: 0 });
    const form = new FormData();
    form.set("kind", one.kind);
    form.set("observed_at", one.at);
    form.set("file", one.file);
    const path = `/api/v1/plots/${encodeURIComponent(one.plotId)}/evidence`;
    try {
      await upload(path, form, (done) => patch(one, { error: null, done }));
    } catch (error) {
      patch(one, { error });
      return;
    }
    change(store.get().uploads.filter((known) => known.key !== one.key));
    actions.toast(t("ui.toast.attached", { name: one.file.name }));
    if (store.get().panel?.plot.plot_id === one.plotId) actions.reload();
  }

  function take(files, kind) {
    const plotId = store.get().panel?.plot.plot_id;
    if (!plotId) return;
    for (const file of files) {
      const at = new Date().toISOString();
      const one = { key: String(++key), plotId, file, kind, at, done: 0, error: null };
      change([one, ...store.get().uploads]);
      send(one);
    }
  }

  for (const [id, kind] of [
    ["file", () => $("kind").value],
    ["camera", () => "E_PHOTO"],
  ])
    $(id).addEventListener("change", ({ target }) => {
      take(target.files, kind());
      target.value = "";
    });

  /** Offer first what is missing. */
  let missed = "";
  store.subscribe(["panel"], ({ panel }) => {
    const next = panel?.plot.missing.find((thing) => thing.item === "evidence")?.any_of[0] ?? "";
    if (next && next !== missed) $("kind").value = next;
    missed = next;
  });

  return {
    forget: (key) => change(store.get().uploads.filter((known) => known.key !== key)),
    resend(key) {
      const one = store.get().uploads.find((known) => known.key === key);
      if (one) send(one);
    },
  };
}
