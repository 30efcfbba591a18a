import { h } from "./dom.js";

/**
 * A list of any length with as many nodes as fit: rows of one height, recycled.
 * @param {{box: HTMLElement, make: () => HTMLElement,
 *   draw: (node: HTMLElement, id: number, at: number) => void, pick: (id: number) => void}} parts
 */
export function createList({ box, make, draw, pick }) {
  const space = h("div", { class: "space", role: "presentation" });
  box.replaceChildren(space);
  let order = [];
  let chosen = 0;
  /** @type {HTMLElement[]} */
  let nodes = [];
  let height = 56;

  function render() {
    const fits = Math.ceil(box.clientHeight / height) + 2;
    if (nodes.length !== fits) {
      nodes = Array.from({ length: fits }, (_, i) => nodes[i] ?? make());
      space.replaceChildren(...nodes);
    }
    const first = Math.floor(box.scrollTop / height);
    for (let i = first; i < first + fits; i++) place(nodes[i % fits], i);
    const at = order.indexOf(chosen);
    const shown = at >= first && at < first + fits;
    if (shown) box.setAttribute("aria-activedescendant", nodes[at % fits].id);
    else box.removeAttribute("aria-activedescendant");
  }

  function place(node, i) {
    const id = order[i];
    node.hidden = id === undefined;
    if (node.hidden) {
      node.removeAttribute("id");
      delete node.dataset.id;
      return;
    }
    node.style.transform = `translateY(${i * height}px)`;
    node.id = `row-${id}`;
    node.dataset.id = String(id);
    node.setAttribute("aria-posinset", String(i + 1));
    node.setAttribute("aria-setsize", String(order.length));
    node.setAttribute("aria-selected", String(id === chosen));
    draw(node, id, i);
  }

  function reveal() {
    const at = order.indexOf(chosen);
    if (at < 0) return;
    const top = at * height;
    const low = top + height - box.clientHeight;
    if (box.scrollTop > top) box.scrollTop = top;
    else if (box.scrollTop < low) box.scrollTop = low;
  }

  function move(event) {
    const page = Math.max(1, Math.floor(box.clientHeight / height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const at = order.indexOf(chosen);
    const last = order.length - 1;
    const to = { Home: 0, End: last }[event.key] ?? at + (steps[event.key] ?? 0);
    if (!(event.key in steps) && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    if (last >= 0) pick(order[Math.min(last, Math.max(0, to))]);
  }

  box.addEventListener("scroll", render, { passive: true });
  box.addEventListener("keydown", move);
  box.addEventListener("click", (event) => {
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (id) pick(Number(id));
  });
  new ResizeObserver(() => {
    height = Number.parseFloat(getComputedStyle(box).getPropertyValue("--row")) || height;
    space.style.height = `${order.length * height}px`;
    render();
  }).observe(box);

  return {
    /** @param {number[]} ids @param {number} selected */
    show(ids, selected) {
      order = ids;
      const moved = chosen !== selected;
      chosen = selected;
      space.style.height = `${order.length * height}px`;
      if (moved) reveal();
      render();
    },
    render,
  };
}
