const CASING = 2;
const TORN = "#b42318";
const FONT = '"Inter", system-ui, sans-serif';

/** Adds the outline of a symbol of radius r around the origin. */
const SHAPES = {
  circle: (path, r) => path.arc(0, 0, r, 0, 2 * Math.PI),
  square: (path, r) => path.rect(-0.86 * r, -0.86 * r, 1.72 * r, 1.72 * r),
  triangle: (path, r) => polygon(path, [0, -1.12 * r, 1.1 * r, 0.82 * r, -1.1 * r, 0.82 * r]),
  diamond: (path, r) => polygon(path, [0, -1.2 * r, 1.2 * r, 0, 0, 1.2 * r, -1.2 * r, 0]),
};

function polygon(path, xy) {
  path.moveTo(xy[0], xy[1]);
  for (let i = 2; i < xy.length; i += 2) path.lineTo(xy[i], xy[i + 1]);
  path.closePath();
}

/**
 * Symbols drawn once and stamped from then on.
 * @param {{fill: string, outline: string, symbol: string}[]} styles by mark code
 */
export function createSymbols(styles) {
  const sprites = new Map();

  /** Draws the symbol of a mark in white casing. */
  function stamp(context, code, x, y, r) {
    const ratio = context.getTransform().a;
    const key = `${code} ${r} ${ratio}`;
    if (!sprites.has(key)) sprites.set(key, sprite(styles[code], r, ratio));
    const picture = sprites.get(key);
    const side = picture.width / ratio;
    context.drawImage(picture, x - side / 2, y - side / 2, side, side);
  }

  /** Draws a number in a ring that shows the share of each mark, with what to look for beside. */
  function stampGroup(context, { x, y, r, n, counts }) {
    context.save();
    context.translate(x, y);
    disc(context, r + 1, "#10151c55");
    disc(context, r, "#ffffff");
    ring(context, r - 2.5, counts, n);
    context.fillStyle = "#10151c";
    context.font = `600 ${n < 1000 ? 11 : 10}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(n), 0, 0.5);
    context.restore();
    if (counts[3]) stamp(context, 3, x + r * 0.72, y + r * 0.72, 4.5);
    if (counts[1]) stamp(context, 1, x + r * 0.72, y - r * 0.72, 4.5);
  }

  /** Draws the sign of a late record that waits to be settled. */
  function stampTorn(context, x, y) {
    context.save();
    context.translate(x, y);
    disc(context, 7, "#ffffff");
    disc(context, 5.5, TORN);
    context.fillStyle = "#ffffff";
    context.font = `700 9px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("!", 0, 0.5);
    context.restore();
  }

  /** Arcs by share; the rarest mark still has an arc one can see. */
  function ring(context, r, counts, n) {
    const least = 0.08;
    const shares = counts.map((count) => (count ? Math.max(count / n, least) : 0));
    const whole = shares.reduce((sum, share) => sum + share, 0);
    let from = -Math.PI / 2;
    context.lineWidth = 3.5;
    for (const code of [1, 3, 2, 0]) {
      const to = from + (shares[code] / whole) * 2 * Math.PI;
      context.strokeStyle = styles[code].fill;
      context.beginPath();
      context.arc(0, 0, r, from, to);
      context.stroke();
      from = to;
    }
  }

  return { stamp, stampGroup, stampTorn };
}

function disc(context, r, fill) {
  context.fillStyle = fill;
  context.beginPath();
  context.arc(0, 0, r, 0, 2 * Math.PI);
  context.fill();
}

function sprite({ symbol, fill, outline }, r, ratio) {
  const picture = document.createElement("canvas");
  picture.width = picture.height = Math.ceil((2.4 * r + 2 * CASING + 4) * ratio);
  const context = picture.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, picture.width / 2, picture.height / 2);
  context.lineJoin = "round";
  const path = new Path2D();
  SHAPES[symbol](path, r - 1);
  for (const [width, colour] of [
    [2 * CASING + 2.5, "#10151c40"],
    [2 * CASING + 1, "#ffffff"],
    [2, outline],
  ]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke(path);
  }
  context.fillStyle = fill;
  context.fill(path);
  return picture;
}
