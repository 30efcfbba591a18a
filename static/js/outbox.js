/**
 * What waits to be sent, as plain values. The order of the records is the order of the deeds.
 * @typedef {{seq: number, id: string, user: string, at: string, plot: string,
 *   action: "mark" | "undo_mark" | "submit", body: Record<string, unknown>,
 *   base: number, after: string | null, late?: boolean,
 *   state: "queued" | "conflict" | "rejected" | "aside" | "left",
 *   paint?: Record<string, unknown>, theirs?: any, problem?: any, receipt?: any}} Entry `after`
 *   names an earlier record whose version is the base; `paint` is what an undo brings back on the
 *   screen; `late`: it could not be sent at once, so the server keeps it whatever happened since
 */

/** What to say of it so that a step that comes too late is kept beside the plot. */
export const prefers = (entry) => (entry.late ? { Prefer: "conflict=keep" } : {});

/** A new record behind what already waits for its plot. @param {Entry[]} entries */
export function entered(entries, made) {
  const earlier = entries.findLast((entry) => entry.plot === made.plot && entry.state === "queued");
  const late = Boolean(made.late || earlier?.late);
  return { ...made, after: earlier?.id ?? null, late, state: "queued" };
}

/** The next record of this person to send: a plot that waits for a decision holds back its own. */
export function toSend(entries, user) {
  const held = new Set();
  for (const entry of entries) {
    if (entry.user !== user) continue;
    if (entry.state === "aside" || entry.state === "left") continue;
    if (entry.state === "queued" && !held.has(entry.plot)) return entry;
    held.add(entry.plot);
  }
  return null;
}

/**
 * What an answer means for a record.
 * @param {number} status 0 when nobody answered @param {any} answer
 */
export function outcome(status, answer = null) {
  if (answer?.conflict) return "aside";
  if (status >= 200 && status < 300) return "done";
  if (status === 412) return "conflict";
  if (status === 401) return "sign-in";
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "rejected" : "retry";
}

/** Records left when one is on disk at the server: those made after it stand on its version. */
export function settled(entries, id, version) {
  return entries
    .filter((entry) => entry.id !== id)
    .map((entry) => (entry.after === id ? { ...entry, after: null, base: version } : entry));
}

/**
 * Records when one lies beside its plot on the server. Those made after it rest on the same version
 * and go there too: what was done on top of a step that did not count is nothing by itself.
 */
export function laidAside(entries, id, { event, plot }) {
  const state = plot ? "aside" : "left";
  return entries.map((entry) => {
    if (entry.id === id) return { ...entry, state, receipt: event };
    return entry.after === id ? { ...entry, after: null, late: true } : entry;
  });
}

/** Records without those that lay beside a plot and have been settled there. */
export const unsettled = (entries, plot) =>
  entries.filter(
    (entry) =>
      entry.plot !== plot.plot_id ||
      entry.state !== "aside" ||
      plot.aside.some((record) => record.seq === entry.receipt.seq),
  );

/**
 * Records after a person has looked at both versions: theirs drops all of mine for the plot,
 * mine goes again as a new record (new key) on top of theirs.
 * @param {Entry[]} entries
 * @param {"theirs" | "mine"} choice
 * @param {() => string} newId
 */
export function resolved(entries, plot, choice, newId) {
  const isMine = (entry) => entry.plot === plot && entry.state !== "aside";
  if (choice === "theirs") return entries.filter((entry) => !isMine(entry));
  const again = entries.find((entry) => entry.plot === plot && entry.state === "conflict");
  const id = newId();
  return entries.map((entry) => {
    if (entry === again)
      return { ...entry, id, state: "queued", base: entry.theirs.version, after: null };
    return again && entry.after === again.id ? { ...entry, after: id } : entry;
  });
}

/** Records when one that was refused goes again, as a new one (new key) with what stands on it. */
export function retried(entries, id, newId) {
  const fresh = newId();
  return entries.map((entry) => {
    if (entry.id === id) return { ...entry, id: fresh, state: "queued", problem: undefined };
    return entry.after === id ? { ...entry, after: fresh } : entry;
  });
}

/** Milliseconds until the next try, from 2 s to 2 min. @param {number} tries */
export const pause = (tries) => Math.min(120_000, 2000 * 2 ** Math.max(0, tries - 1));

/** How the person's records stand, for the chip in the bar. @param {Entry[]} entries */
export function tally(entries, user) {
  const own = entries.filter((entry) => entry.user === user);
  const count = (state) => own.filter((entry) => entry.state === state).length;
  return {
    queued: count("queued"),
    conflict: count("conflict") + count("aside") + count("left"),
    rejected: count("rejected"),
    others: entries.length - own.length,
  };
}

/**
 * A plot as it will be once its waiting records are kept. What only the server can tell
 * (what is missing, what may be done next) is left as it was and `waiting` says so.
 * @param {any} plot
 * @param {Entry[]} entries
 */
export function foreseen(plot, entries) {
  let seen = plot;
  for (const { plot: of, state, action, body, paint } of entries) {
    if (of !== plot.plot_id || state !== "queued") continue;
    if (action === "submit") seen = { ...seen, mark_state: "submitted" };
    else if (action === "undo_mark") seen = { ...seen, ...paint };
    else seen = { ...seen, ...reasoning(seen, body), mark_state: "draft" };
    seen.waiting = true;
  }
  return seen;
}

function reasoning(seen, body) {
  const kept = seen.mark === body.mark ? seen : {};
  const negative = body.mark === "false_positive";
  return {
    ...body,
    area_m2: seen.area_m2,
    area_measured_m2: body.area_m2 ?? seen.area_measured_m2,
    course: body.party ? { ...seen.course, party: body.party } : seen.course,
    reason: negative ? (body.reason ?? kept.reason ?? suggested(seen) ?? "FP99") : null,
    violation: negative ? null : (body.violation ?? kept.violation ?? "PR90"),
  };
}

/** The reason the facts suggest; a suspected problem suggests none. @param {any} plot */
export const suggested = (plot) => (plot.suggestion?.startsWith("FP") ? plot.suggestion : null);
