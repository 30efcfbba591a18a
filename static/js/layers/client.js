import { request, upload } from "../api.js";
import { waits } from "../desk/choices.js";

const LAYERS = "/api/v1/layers";
const DRAFTS = `${LAYERS}/drafts`;
const JOBS = "/api/v1/jobs";
const POLL_MS = 500;

/** The server's layers, for this page. */
export function createClient() {
  const layer = (id, tail = "") => `${LAYERS}/${encodeURIComponent(id)}${tail}`;
  const draft = (id, tail = "") => `${DRAFTS}/${encodeURIComponent(id)}${tail}`;
  const query = (against) => (against ? `?${new URLSearchParams({ against })}` : "");

  /** Ask again and again until the server has done its part. */
  async function settled(address, { going, tell }) {
    for (;;) {
      const found = await request(address);
      if (!going()) return null;
      tell(found);
      if (!waits(found.state)) return found;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  return {
    layers: () => request(LAYERS),
    layer: (id) => request(layer(id)),
    diff: (id, against) => request(layer(id, `/diff${query(against)}`)),
    touched: (id, against) => request(layer(id, `/diff/plots${query(against)}`)),

    drafts: () => request(`${DRAFTS}?limit=8`),
    adjust: (id, json) => request(draft(id, "/adjust"), { method: "POST", json }),
    commit: (id) => request(draft(id, "/commit"), { method: "POST" }),
    preview: (id, crs) => request(draft(id, `/preview?${new URLSearchParams({ crs })}`)),
    draftDiff: (id) => request(draft(id, "/diff")),
    draftSettled: (id, how) => settled(draft(id), how),
    /** @param {File[]} files @param {any} progress */
    send(files, progress) {
      const form = new FormData();
      for (const file of files) form.append("file", file, file.name);
      return upload(DRAFTS, form, progress);
    },

    overlay: () => request(JOBS, { method: "POST", json: { kind: "overlay", behind: true } }),
    cancel: (id) => request(`${JOBS}/${encodeURIComponent(id)}/cancel`, { method: "POST" }),
    jobSettled: (id, how) => settled(`${JOBS}/${encodeURIComponent(id)}`, how),
  };
}
