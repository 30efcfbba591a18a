import { h, icon } from "../dom.js";

const STEP = 0.02;
const LEAP = 0.1;

/**
 * The image from before beside the one from after, with a line between them that can be moved.
 * @param {object} parts
 * @param {any} parts.map
 * @param {HTMLElement} parts.ui where the line goes
 * @param {HTMLElement} parts.pane the pane of the image from before
 * @param {(key: string, facts?: object) => string} parts.t
 */
export function createSwipe({ map, ui, pane, t }) {
  let share = 0.5;
  const grip = h(
    "button",
    {
      type: "button",
      class: "map-swipe-grip",
      role: "slider",
      "aria-orientation": "horizontal",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-label": t("map.swipe_line"),
    },
    icon("i-swipe"),
  );
  const before = h("span", { class: "map-date map-date-before" });
  const after = h("span", { class: "map-date map-date-after" });
  const root = h(
    "div",
    { class: "map-swipe", hidden: true },
    h("div", { class: "map-swipe-line" }, grip),
    before,
    after,
  );
  const line = root.firstElementChild;
  ui.prepend(root);

  function place() {
    const { x: width, y: height } = map.getSize();
    const at = Math.round(share * width);
    line.style.transform = `translateX(${at}px)`;
    grip.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    grip.setAttribute("aria-valuetext", t("map.swipe_at", { share: Math.round(share * 100) }));
    const { x, y } = map.containerPointToLayerPoint([0, 0]);
    const corners = [
      [x, y],
      [x + at, y],
      [x + at, y + height],
      [x, y + height],
    ];
    pane.style.clipPath = `polygon(${corners.map(([a, b]) => `${a}px ${b}px`).join(",")})`;
  }

  function move(to) {
    share = Math.min(1, Math.max(0, to));
    place();
  }

  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    event.preventDefault();
    grip.focus();
  });
  grip.addEventListener("pointermove", (event) => {
    if (!grip.hasPointerCapture(event.pointerId)) return;
    const { left, width } = map.getContainer().getBoundingClientRect();
    move((event.clientX - left) / width);
  });
  grip.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? LEAP : STEP;
    const to = {
      ArrowLeft: share - step,
      ArrowDown: share - step,
      ArrowRight: share + step,
      ArrowUp: share + step,
      Home: 0,
      End: 1,
    }[event.code];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(to);
  });

  return {
    /** @param {boolean} on */
    show(on) {
      root.hidden = !on;
      map.off("move zoom viewreset resize", place);
      if (on) map.on("move zoom viewreset resize", place);
      if (on) place();
      else pane.style.clipPath = "";
    },
    /** @param {string} from @param {string} to captions of both sides */
    caption(from, to) {
      before.textContent = from;
      after.textContent = to;
    },
  };
}
