import { readHash, writeHash } from "../url.js";

/** What the desk shows and sends, worked out from data; nothing here touches the page. */

/** Stages side by side on the way of a plot, each under the name of its phase. */
export const PHASES = {
  dispatch: ["imported", "refused", "boundary_query"],
  review: ["at_county", "at_town", "in_review"],
  check: ["county_check", "city_check"],
  rectify: ["rectify_plan", "rectifying", "county_accept", "city_accept"],
  done: ["watch", "closed", "merged", "withdrawn"],
};

/** Kinds of fields that can be asked for many plots at once, without the map and their files. */
const ASKED_HERE = new Set(["text", "date", "decimal", "choice", "percent"]);

/** Steps that belong to the map, where one sees what one decides. */
const ON_THE_MAP = new Set(["link_permit", "undo_mark", "open", "settle_conflict"]);

/** Of a mark for many: it says of all of them what they are not, and why. */
const FORMS = { mark: ["mark", "reason", "note"] };

/** What a link to the desk says: batch, stage, conditions and order. */
const NAMES = ["b", "s", "county", "mark", "late", "torn", "q", "sort"];
export const readWish = (hash) => readHash(hash, NAMES);
export const writeWish = (wish) => writeHash(wish, NAMES);

/** The query of ``GET /plots`` for what is wished. @param {Record<string, string>} wish */
export function queryOf(wish, { limit, cursor = "" }) {
  const query = new URLSearchParams({ batch: wish.b, stage: wish.s, sort: wish.sort || "due_on" });
  if (wish.county) query.set("county", wish.county);
  if (wish.mark) query.set("mark", wish.mark);
  if (wish.late) query.set("overdue", "true");
  if (wish.torn) query.set("conflict", "true");
  if (wish.q) query.set("q", wish.q);
  query.set("limit", String(limit));
  if (cursor) query.set("cursor", cursor);
  return query.toString();
}

/**
 * The steps that somebody may take with plots of a stage, those that lead on before the others.
 * @param {any} codebook @param {string[]} roles of the person @param {string} stage
 */
export const offered = ({ actions, steps }, roles, stage) =>
  Object.entries(steps)
    .map(([action, step]) => ({ action, ...step, fields: asked(action, actions[action]) }))
    .filter(
      ({ action, offered: to }) =>
        !ON_THE_MAP.has(action) &&
        roles.some((role) => to[role]?.includes(stage)) &&
        actions[action].every(({ kind, needed }) => ASKED_HERE.has(kind) || !needed),
    )
    .toSorted((a, b) => Number(b.moves) - Number(a.moves));

/** The fields of a step that are asked for many. @param {string} action @param {any[]} fields */
const asked = (action, fields) =>
  fields.filter(
    ({ name, kind }) => ASKED_HERE.has(kind) && (FORMS[action]?.includes(name) ?? true),
  );

/** Stages in which one of the roles must act. @param {any[]} stages @param {string[]} roles */
export const waiting = (stages, roles) =>
  stages.filter(({ holders }) => holders.some((role) => roles.includes(role))).map((s) => s.stage);

/** The stage to begin with: the fullest that waits for the person, else the fullest. */
export function firstStage(stages, counts, mine) {
  const full = stages.map((s) => s.stage).filter((stage) => counts[stage]?.n);
  const by = (names) => names.toSorted((a, b) => counts[b].n - counts[a].n)[0];
  return by(full.filter((stage) => mine.includes(stage))) ?? by(full) ?? stages[0].stage;
}
