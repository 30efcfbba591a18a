/**
 * Degrees with five decimals (about 1 m): `107.10234°E 31.56012°N`.
 * @param {number} lon
 * @param {number} lat
 */
export const decimal = (lon, lat) =>
  `${Math.abs(lon).toFixed(5)}°${east(lon)} ${Math.abs(lat).toFixed(5)}°${north(lat)}`;

/**
 * Degrees, minutes and seconds with one decimal (about 3 m): `107°06′08.4″E 31°33′36.4″N`.
 * @param {number} lon
 * @param {number} lat
 */
export const sexagesimal = (lon, lat) => `${parts(lon)}${east(lon)} ${parts(lat)}${north(lat)}`;

const east = (lon) => (lon < 0 ? "W" : "E");
const north = (lat) => (lat < 0 ? "S" : "N");

/** Rounded as a whole first, so that 59.97″ becomes a minute and never 60.0″. */
function parts(degrees) {
  const tenths = Math.round(Math.abs(degrees) * 36000);
  const pad = (value, width) => String(value).padStart(width, "0");
  const seconds = ((tenths % 600) / 10).toFixed(1);
  return `${Math.floor(tenths / 36000)}°${pad(Math.floor(tenths / 600) % 60, 2)}′${pad(seconds, 4)}″`;
}
