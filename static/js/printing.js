import { request } from "./api.js";

const POLL_MS = 700;

/**
 * Have a report made and hand over its file.
 * @param {Record<string, string>} wanted what `POST /api/v1/reports` asks for
 * @param {{t: (key: string, facts?: object) => string, lang: string, tell: (said: string) => void}} by
 * @returns {Promise<boolean>} whether there is a file
 */
export async function print(wanted, { t, lang, tell }) {
  tell(t("ui.print.queued"));
  try {
    let made = await request("/api/v1/reports", { method: "POST", json: wanted });
    while (made.state === "queued" || made.state === "running") {
      const { done, total } = made.progress;
      if (total > 1) tell(t("ui.print.far", { done, total }));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      made = await request(`/api/v1/reports/${made.id}`);
    }
    if (made.state !== "done") {
      tell(made.error?.[lang] ?? t("ui.failed"));
      return false;
    }
    fetched(made.url);
    tell(t("ui.print.done"));
    return true;
  } catch (error) {
    tell(error.told ?? error.message);
    return false;
  }
}

/** Save an address as a file. @param {string} url */
function fetched(url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}
