import { request, upload } from "../api.js";
import { waits } from "./choices.js";

const URL = "/api/v1/imports";
const POLL_MS = 500;

/** The server's imports, for this page. */
export function createClient() {
  const at = (id, tail = "") => `${URL}/${encodeURIComponent(id)}${tail}`;
  const shapes = new Map();

  return {
    list: () => request(`${URL}?limit=8`),
    get: (id) => request(at(id)),
    adjust: (id, json) => request(at(id, "/adjust"), { method: "POST", json }),
    commit: (id) => request(at(id, "/commit"), { method: "POST" }),
    retract: (id) => request(at(id, "/retract"), { method: "POST" }),

    /** @param {File[]} files @param {{batch: string, area: string}} about @param {any} progress */
    send(files, { batch, area }, progress) {
      const form = new FormData();
      form.append("batch", batch);
      form.append("area", area);
      for (const file of files) form.append("file", file, file.name);
      return upload(URL, form, progress);
    },

    /** Ask again and again until the server has done its part. @param {string} id */
    async settled(id, { going, tell }) {
      for (;;) {
        const found = await request(at(id));
        if (!going()) return null;
        tell(found);
        if (!waits(found.state)) return found;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },

    /** Shapes of a part in one coordinate system; a finished look never changes. */
    shapes(found, part, crs) {
      const query = new URLSearchParams({ part: String(part), crs });
      const key = `${found.id} ${found.finished_at} ${query}`;
      if (!shapes.has(key)) {
        const asked = request(at(found.id, `/preview?${query}`));
        asked.catch(() => shapes.delete(key));
        shapes.set(key, asked);
      }
      return shapes.get(key);
    },

    /** @param {string} id @param {Record<string, unknown>} wish */
    rows(id, wish) {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(wish))
        if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
      return request(at(id, `/rows?${query}`));
    },

    report: (id, suffix) => at(id, `/report.${suffix}`),
  };
}
