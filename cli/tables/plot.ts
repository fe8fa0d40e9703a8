/** One point of a plot. */
export interface Point {
  label: string;
  x: number;
  y: number;
}

export interface Axis {
  title: string;
  /** Powers of ten in place of equal steps; every value is above 0. */
  logarithmic?: boolean;
}

const [WIDTH, HEIGHT] = [900, 560];
const MARGIN = { left: 70, right: 30, top: 24, bottom: 52 };

/** A scatter plot with a name at every point, as SVG: black on white, in any theme. Throws a RangeError without points. */
export function scatterPlot(title: string, points: readonly Point[], x: Axis, y: Axis): string {
  if (points.length === 0) throw new RangeError('Expected points but received none');
  const across = scaleOf(
    x,
    points.map((point) => point.x),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const up = scaleOf(
    y,
    points.map((point) => point.y),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const lines = [
    ...across.ticks.map((value) => verticalLine(across.at(value), value)),
    ...up.ticks.map((value) => horizontalLine(up.at(value), value)),
  ];
  const marks = points.map(({ label, ...point }) => mark(label, across.at(point.x), up.at(point.y)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12">
<title>${escape(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...lines, ...marks].join('\n')}
<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escape(x.title)}</text>
<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escape(y.title)}</text>
</svg>
`;
}

interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

function scaleOf({ logarithmic }: Axis, values: readonly number[], from: number, to: number): Scale {
  const [scaled, back] = logarithmic
    ? [Math.log10, (value: number) => 10 ** value]
    : [(value: number) => value, (value: number) => value];
  const shown = values.map(scaled);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const room = (high - low || 1) * 0.08;
  const at = (value: number) =>
    from + ((scaled(value) - low + room) / (high - low + 2 * room || 1)) * (to - from);
  const step = tickStep(high - low);
  const first = Math.ceil((low - room) / step);
  const last = Math.floor((high + room) / step);
  return { at, ticks: Array.from({ length: last - first + 1 }, (_, i) => back((first + i) * step)) };
}

/** 1, 2 or 5 times a power of ten: four to nine ticks. */
function tickStep(span: number): number {
  const rough = (span || 1) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

function verticalLine(x: number, value: number): string {
  return `<path d="M${x.toFixed(1)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}" stroke="#ddd"/><text x="${x.toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle" fill="#555">${shown(value)}</text>`;
}

function horizontalLine(y: number, value: number): string {
  return `<path d="M${MARGIN.left} ${y.toFixed(1)}H${WIDTH - MARGIN.right}" stroke="#ddd"/><text x="${MARGIN.left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end" fill="#555">${shown(value)}</text>`;
}

function mark(label: string, x: number, y: number): string {
  const left = x > WIDTH * 0.75;
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="#9a3412"/><text x="${(x + (left ? -8 : 8)).toFixed(1)}" y="${(y + 4).toFixed(1)}"${left ? ' text-anchor="end"' : ''}>${escape(label)}</text>`;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
