/**
 * @typedef {{n: number, source_id: string[], type_issued: (string | null)[],
 *   county: (string | null)[], township: (string | null)[], river: (string | null)[],
 *   area_m2: (number | null)[], order: number[], place_names: Record<string, string>}} Rows
 * @typedef {{mark: number | null, sort: "risk" | "number" | "area", q: string}} Wish
 */

const CACHE = new WeakMap();

/** Bit of a state byte: a record that came too late waits beside the plot. */
export const CONFLICT = 8;

/** What is wished instead of a mark by who looks for those plots. */
export const TORN = 4;

/** Texts to search in and orders, made once per set of rows. @param {Rows} rows */
function prepared(rows) {
  const known = CACHE.get(rows);
  if (known) return known;
  const place = (code) => (code ? (rows.place_names[code] ?? code) : "");
  const indices = rows.order.slice().sort((a, b) => a - b);
  const made = {
    texts: indices.map((i) =>
      [rows.source_id[i], place(rows.county[i]), place(rows.township[i]), rows.river[i]]
        .concat(rows.type_issued[i])
        .join("\n")
        .toLowerCase(),
    ),
    orders: {
      risk: rows.order,
      number: indices.slice().sort((a, b) => (rows.source_id[a] < rows.source_id[b] ? -1 : 1)),
      area: indices.slice().sort((a, b) => (rows.area_m2[b] ?? -1) - (rows.area_m2[a] ?? -1)),
    },
  };
  CACHE.set(rows, made);
  return made;
}

/**
 * The list in its order, what the map shows, and how many of each mark, and how many with a late
 * record, the search finds.
 * @param {Rows} rows
 * @param {Uint8Array} state mark in the low two bits
 * @param {Wish} wish
 * @param {number} keep id that stays in the list although its mark has changed; 0 for none
 * @param {Set<string>} later numbers to look at last
 * @returns {{order: number[], visible: Uint8Array, counts: number[]}}
 */
export function listed(rows, state, wish, keep = 0, later = new Set()) {
  const { texts, orders } = prepared(rows);
  const words = wish.q.toLowerCase().split(/\s+/).filter(Boolean);
  const visible = new Uint8Array(rows.n);
  const counts = [0, 0, 0, 0, 0];
  const now = [];
  const last = [];
  for (const i of orders[wish.sort] ?? orders.risk) {
    const mark = state[i] & 3;
    const found = words.every((word) => texts[i].includes(word));
    const torn = (state[i] & CONFLICT) > 0;
    if (found) counts[mark] += 1;
    if (found && torn) counts[TORN] += 1;
    const wanted = wish.mark === TORN ? torn : wish.mark === null || wish.mark === mark;
    const fits = found && wanted;
    if (fits) visible[i] = 1;
    if (!fits && i + 1 !== keep) continue;
    (later.has(rows.source_id[i]) ? last : now).push(i + 1);
  }
  return { order: now.concat(last), visible, counts };
}

/** The id after (or before) another in a list; the first when it is not in it; 0 at the end. */
export function neighbour(order, id, step = 1) {
  const at = order.indexOf(id);
  return at < 0 ? (order[0] ?? 0) : (order[at + step] ?? 0);
}
