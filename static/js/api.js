/** A refusal: its status (0 when nobody answered), code, one sentence and what to do about it. */
export class Refused extends Error {
  /** @param {number} status @param {any} problem */
  constructor(status, problem) {
    super(problem.title);
    this.status = status;
    this.code = problem.code;
    this.hint = problem.hint ?? "";
    /** Both in one phrase for a person. */
    this.told = joined(this.message, this.hint);
    this.problem = problem;
  }
}

/** Sentences side by side, as the language sets them. @param {...string} said */
export const joined = (...said) => said.filter(Boolean).join(lang === "en" ? " " : "");

let say = (key) => key;
let lang = "zh-CN";

/** Sentences for when there is no server to give one. */
export function speak(t, chosen) {
  say = t;
  lang = chosen;
}

const silence = () =>
  new Refused(0, { title: say("ui.offline.say"), hint: say("ui.offline.hint"), code: "offline" });

/** What was answered, as a value; a refusal is thrown. @param {Response} response */
async function read(response) {
  const json = response.headers.get("content-type")?.includes("json");
  const body = json ? await response.json().catch(() => null) : null;
  if (response.ok) return body;
  throw new Refused(response.status, body ?? { title: say("ui.failed"), code: "defect" });
}

/**
 * @param {string} path
 * @param {RequestInit & {json?: unknown}} options
 */
export async function request(path, { json, headers, ...options } = {}) {
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(path, {
      ...options,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: { "Accept-Language": lang, ...type, ...headers },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw silence();
  }
  return read(response);
}

/** The bytes of an address. @param {string} path */
export async function bytes(path) {
  const response = await fetch(path).catch(() => null);
  if (!response) throw silence();
  if (!response.ok) await read(response);
  return { data: new Uint8Array(await response.arrayBuffer()), headers: response.headers };
}

/**
 * Send a form and tell how far it is (0-1); fetch cannot tell.
 * @param {string} path @param {FormData} form @param {(done: number) => void} progress
 */
export function upload(path, form, progress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", path);
    sending.setRequestHeader("Accept-Language", lang);
    sending.responseType = "json";
    sending.upload.onprogress = (event) => progress(event.loaded / (event.total || 1));
    sending.onerror = () => reject(silence());
    sending.onload = () => {
      const { status, response } = sending;
      if (status < 300) resolve(response);
      else reject(new Refused(status, response ?? { title: say("ui.failed"), code: "defect" }));
    };
    sending.send(form);
  });
}
