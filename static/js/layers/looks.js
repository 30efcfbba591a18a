/** How what is looked at is drawn; `css/layers.css` has the same for legends. */

export const CASING = "#10151c";

/** Changes of a version: a colour never stands alone. */
export const CHANGE_LOOKS = {
  added: { color: "#2dd4bf", dashArray: null, fillOpacity: 0.35 },
  removed: { color: "#fb7185", dashArray: "7 4", fillOpacity: 0.25 },
  moved: { color: "#fbbf24", dashArray: "2 4", fillOpacity: 0.3 },
};

/** The version itself, on top of all layers of the map. */
export const VERSION_LOOK = { line: "#00e5ff", width: 2, dash: [], casing: "#10151c99", fill: "" };

/** The version in use, under what is to follow it. */
export const USED_LOOK = {
  line: "#ffffff",
  width: 1.5,
  dash: [6, 4],
  casing: "#10151c99",
  fill: "",
};
