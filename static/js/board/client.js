import { request } from "../api.js";
import { queryOf } from "./model.js";

const PAGE = 200;
const MOST = 1000;

/** What the desk asks the server. */
export function createClient() {
  return {
    board: (batch) => request(`/ui/board?batch=${encodeURIComponent(batch)}`),
    /** A part of the list. @param {Record<string, string>} wish */
    page: (wish, cursor = "") => request(`/api/v1/plots?${queryOf(wish, { limit: PAGE, cursor })}`),
    /** All that the list holds, up to a number. @param {Record<string, string>} wish */
    async all(wish, most) {
      const items = [];
      let cursor = "";
      do {
        const part = await request(`/api/v1/plots?${queryOf(wish, { limit: MOST, cursor })}`);
        items.push(...part.items);
        cursor = part.next;
      } while (cursor && items.length < most);
      return items.slice(0, most);
    },
    /** One step with one plot, on the version that was seen. */
    act: (plot, action, json, key) =>
      request(`/api/v1/plots/${encodeURIComponent(plot.plot_id)}/actions/${action}`, {
        method: "POST",
        json,
        headers: { "If-Match": `"${plot.version}"`, "Idempotency-Key": key },
      }),
    /** One step with many plots; each stands or falls alone. */
    bulk: (plots, action, body, key) =>
      request("/api/v1/plots/bulk", {
        method: "POST",
        json: {
          action,
          body,
          plots: plots.map(({ plot_id, version }) => ({ plot_id, version })),
        },
        headers: { "Idempotency-Key": key },
      }),
  };
}
