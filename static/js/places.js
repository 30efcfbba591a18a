/** Offer the pages that somebody may open; all others stay hidden. @param {{actions: string[]}} me */
export function offerPlaces(me) {
  for (const link of document.querySelectorAll("[data-needs]"))
    link.hidden = !me.actions.includes(link.dataset.needs);
}
