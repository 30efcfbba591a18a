/** Where one is led who may not go on: to the sign-in, or to a password of one's own. */

/** @param {{status?: number, code?: string}} error @returns {boolean} whether the page is left */
export function led(error, here = location.pathname + location.search + location.hash) {
  const way =
    error.status === 401 ? "/sign-in" : error.code === "password_to_change" ? "/password" : null;
  if (way) location.assign(`${way}?next=${encodeURIComponent(here)}`);
  return way !== null;
}
