import { request } from "./api.js";
import {
  entered,
  laidAside,
  outcome,
  pause,
  prefers,
  resolved,
  retried,
  settled,
  toSend,
  unsettled,
} from "./outbox.js";
import { newId, openOutbox } from "./outboxdb.js";

const way = (action) => (action === "mark" ? "marks" : `actions/${action}`);

const post = (entry) =>
  request(`/api/v1/plots/${encodeURIComponent(entry.plot)}/${way(entry.action)}`, {
    method: "POST",
    headers: { "If-Match": `"${entry.base}"`, "Idempotency-Key": entry.id, ...prefers(entry) },
    json: { observed_at: entry.at, ...entry.body },
  });

/**
 * Sends what waits in the outbox, one record after the other, until it is empty or cannot.
 * @param {{user: string, changed: (entries: any[], trouble: any) => void,
 *   kept: (entry: any, answer: any) => void, moved: (theirs: any) => void}} page
 */
export async function createSync({ user, changed, kept, moved }) {
  const disk = await openOutbox().catch(() => null);
  // What is still here from another sitting could not be sent then.
  const left = disk ? await disk.all() : [];
  let entries = left.map((entry) => (entry.state === "queued" ? { ...entry, late: true } : entry));
  let written = Promise.resolve();
  let trouble = null;
  let tries = 0;
  let timer = 0;
  let sending = null;

  function put(next, problem = trouble) {
    const left = new Set(next.map((entry) => entry.id));
    const gone = entries.filter((entry) => !left.has(entry.id)).map((entry) => entry.id);
    const fresh = next.filter((entry) => !entries.includes(entry));
    entries = next;
    trouble = problem;
    if (disk && (fresh.length || gone.length))
      written = written.then(() => disk.write(fresh, gone)).catch(() => {});
    changed(entries, trouble);
  }

  const exchanged = (id, patch) =>
    entries.map((entry) => (entry.id === id ? { ...entry, ...patch } : entry));

  /** Whatever cannot be sent now comes late. */
  const waiting = () =>
    entries.map((entry) =>
      entry.state === "queued" && !entry.late ? { ...entry, late: true } : entry,
    );

  async function sendOne(entry) {
    await written;
    const { answer, error } = await post(entry).then(
      (answer) => ({ answer }),
      (error) => ({ error }),
    );
    const how = outcome(error ? error.status : 201, answer);
    if (how === "done") {
      tries = 0;
      put(settled(entries, entry.id, answer.plot.version), null);
      kept(entry, answer);
    } else if (how === "aside") {
      tries = 0;
      put(laidAside(entries, entry.id, answer), null);
      if (answer.plot) kept(entry, answer);
    } else if (how === "conflict") {
      put(exchanged(entry.id, { state: "conflict", theirs: error.problem.plot }), null);
      moved(error.problem.plot);
    } else if (how === "rejected") {
      put(exchanged(entry.id, { state: "rejected", problem: error.problem }), null);
    } else {
      put(waiting(), { kind: how === "sign-in" ? how : "offline", say: error.message });
      if (how === "retry") timer = setTimeout(flush, pause(++tries));
      return false;
    }
    return true;
  }

  async function drain() {
    let entry = toSend(entries, user);
    while (entry) {
      sending = entry.id;
      if (!(await sendOne(entry))) break;
      entry = toSend(entries, user);
    }
    sending = null;
  }

  let draining = null;
  function flush() {
    clearTimeout(timer);
    const locked = () => navigator.locks?.request("georeview-outbox", drain) ?? drain();
    draining ??= locked().finally(() => {
      draining = null;
      sending = null;
    });
    return draining;
  }

  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.hidden || flush());

  return {
    entries: () => entries,
    /** @param {{plot: string, action: string, body: any, base: number, paint?: any}} deed */
    add(deed) {
      const now = new Date();
      const seq = Math.max(now.getTime(), (entries.at(-1)?.seq ?? 0) + 1);
      const late = Boolean(trouble) || !navigator.onLine;
      const made = { seq, id: newId(), user, at: now.toISOString(), late, ...deed };
      put([...entries, entered(entries, made)]);
      flush();
    },
    resolve(plot, choice) {
      put(resolved(entries, plot, choice, newId));
      flush();
    },
    /** Send a record once more that was refused for the moment. */
    again(id) {
      put(retried(entries, id, newId));
      flush();
    },
    /** What lay beside a plot and does no more needs nobody's eye. @param {any} plot */
    learn(plot) {
      const next = unsettled(entries, plot);
      if (next.length < entries.length) put(next);
    },
    /** Take out a record that was not sent. @returns {boolean} whether it could be */
    drop(id) {
      if (id === sending) return false;
      put(entries.filter((entry) => entry.id !== id));
      return true;
    },
    flush,
  };
}
