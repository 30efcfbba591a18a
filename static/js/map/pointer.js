const MOUSE = 8;
const FINGER = 22;

/**
 * Pressing and pointing at plots: a press chooses one or opens a group, pointing names it.
 * @param {object} parts
 * @param {any} parts.map
 * @param {any} parts.plots
 * @param {{show: (at: {x: number, y: number}, text: string) => void, hide: () => void}} parts.tip
 * @param {() => boolean} parts.idle whether pressing means something else for now
 * @param {(id: number) => void} parts.choose
 * @param {(found: {id: number, n: number}) => string} parts.name
 */
export function createPointer({ map, plots, tip, idle, choose, name }) {
  const coarse = matchMedia("(pointer: coarse)");
  let frame = 0;

  map.on("click", ({ latlng }) => {
    if (idle()) return;
    const found = plots.at(latlng, coarse.matches ? FINGER : MOUSE);
    if (found?.n > 1) map.setView(latlng, Math.min(map.getZoom() + 2, map.getMaxZoom()));
    else if (found) choose(found.id);
  });
  map.on("mousemove", ({ latlng, containerPoint }) => {
    if (coarse.matches || idle()) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const found = plots.at(latlng, MOUSE);
      map.getContainer().classList.toggle("is-over-plot", found !== null);
      if (found) tip.show(containerPoint, name(found));
      else tip.hide();
    });
  });
  map.on("mouseout movestart", () => {
    cancelAnimationFrame(frame);
    tip.hide();
  });
}
