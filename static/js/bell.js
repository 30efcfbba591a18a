import { request } from "./api.js";
import { $, fill, h } from "./dom.js";
import { moment } from "./texts.js";
import { writeHash } from "./url.js";

const PATH = "/api/v1/notices";
const REFRESH_MS = 180_000;

/** The inbox behind the bell: a number of what is unread, and a list that opens. */
export function createBell({ store }) {
  const { t } = store.get();
  let items = [];

  async function load() {
    const found = await request(PATH).catch(() => null);
    if (!found) return;
    items = found.items;
    show(found.unread);
  }

  function show(unread) {
    $("bell-count").hidden = unread === 0;
    $("bell-count").textContent = unread > 99 ? "99+" : String(unread);
    $("bell").setAttribute(
      "aria-label",
      unread ? t("ui.notices.unread", { n: unread }) : t("ui.notices.title"),
    );
    $("notices-read").hidden = unread === 0;
    fill(
      $("notices-list"),
      ...(items.length ? items.map(row) : [h("li", { class: "nothing" }, t("ui.notices.none"))]),
    );
  }

  /** One notice; one of a single plot or batch leads there. */
  function row(item) {
    const inside = [
      h("span", {}, item.says),
      h("small", {}, [item.batch, moment(item.at)].filter(Boolean).join(" · ")),
    ];
    const to = item.batch
      ? h("a", { href: `/${writeHash({ b: item.batch, plot: item.plot_id })}` }, ...inside)
      : h("div", {}, ...inside);
    if (item.batch) {
      to.addEventListener("click", async (event) => {
        event.preventDefault();
        await read([item.id]);
        location.assign(to.getAttribute("href"));
        location.reload();
      });
    }
    return h("li", { class: item.read ? null : "is-unread" }, to);
  }

  async function read(ids) {
    await request(`${PATH}/read`, { method: "POST", json: { ids } }).catch(() => null);
    await load();
  }

  $("notices-read").addEventListener("click", () =>
    read(items.filter((item) => !item.read).map((item) => item.id)),
  );
  load();
  setInterval(() => document.hidden || load(), REFRESH_MS);
}
