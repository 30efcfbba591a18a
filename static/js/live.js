import { request } from "./api.js";

const ASK_MS = 20_000;
const AGAIN_MS = 60_000;

/**
 * Hears what others do. While there is a stream, each change comes as it happens; without one, what
 * has come since is asked for from time to time, and the stream tried again.
 * @param {{store: any, page: string, actions: any, here: any}} parts `page` names this page
 */
export function createLive({ store, page, actions, here }) {
  let source = null;
  let since = null;
  let asking = 0;

  const known = () => (since === null ? "" : `&since=${since}`);

  function open() {
    stop();
    if (document.hidden) return;
    source = new EventSource(`/ui/live?page=${page}${known()}`);
    on("at", begun);
    on("change", actions.heard);
    on("here", here.told);
    on("reload", actions.reread);
    source.onerror = lost;
  }

  function on(event, then) {
    source.addEventListener(event, ({ data, lastEventId }) => {
      const first = since === null;
      if (lastEventId) since = lastEventId;
      then(JSON.parse(data), first);
    });
  }

  /** The stream is there; what happened between loading the list and now is asked for once. */
  function begun(_, first) {
    store.set({ live: true });
    if (first) actions.refresh();
  }

  function lost() {
    store.set({ live: false });
    // Broken off, it comes back by itself; refused, it does not.
    if (source.readyState === EventSource.CLOSED) {
      stop();
      ask(Date.now() + AGAIN_MS);
    }
  }

  async function ask(until) {
    if (document.hidden) return;
    if (Date.now() >= until) {
      open();
      return;
    }
    asking = setTimeout(() => ask(until), ASK_MS);
    const told = await request(`/ui/live/changes?${known().slice(1)}`).catch(() => null);
    if (!told) return;
    if (since === null) actions.refresh();
    since = told.seq;
    if (told.items === null) actions.reread();
    else for (const change of told.items) actions.heard(change);
  }

  function stop() {
    clearTimeout(asking);
    source?.close();
    source = null;
  }

  // A window nobody looks at holds no connection: a browser has few for one host.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
    else open();
  });
  open();
}
