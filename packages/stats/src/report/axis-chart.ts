import { escapeHtml, fixed, short } from './write.ts';

/** A value with its interval; ends that are no numbers are not drawn. */
export type Marked = { value: number; low: number; high: number };

export type AxisRow = {
  name: string;
  now: Marked;
  before?: Marked | undefined;
  /** Values that should be in sight too, as limits. */
  lines?: readonly number[] | undefined;
};

const WIDTH = 640;
const LEFT = 170;
const RIGHT = WIDTH - 24;
const TOP = 6;

/** Each row on an axis of its own with its ends written below, for values that have nothing to do with each other. */
export function ownAxes(label: string, rows: readonly AxisRow[]): string {
  const height = 44;
  const drawn = rows.map((row, i) => {
    const y = TOP + i * height + 14;
    const [low, high] = ends([row]);
    const x = scale(low, high);
    return `${nameAt(row.name, y)}<line class="axis-line" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>${marks(row, x, y)}<text x="${LEFT}" y="${y + 18}">${short(low)}</text><text x="${RIGHT}" y="${y + 18}" text-anchor="end">${short(high)}</text>`;
  });
  return svg(TOP + rows.length * height, label, drawn.join(''));
}

/** All rows on one axis, with a line at each of `lines`: groups of one metric. */
export function oneAxis(label: string, rows: readonly AxisRow[], lines: readonly number[]): string {
  const height = 22;
  const [low, high] = ends([...rows, { name: '', now: nowhere, lines }]);
  const x = scale(low, high);
  const bottom = TOP + rows.length * height;
  const across = lines
    .filter(Number.isFinite)
    .map((value) => `<line class="whole" x1="${x(value)}" x2="${x(value)}" y1="${TOP}" y2="${bottom}"/>`);
  const drawn = rows.map((row, i) => {
    const y = TOP + i * height + 11;
    return `${nameAt(row.name, y)}<line class="axis-line" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>${marks(row, x, y)}`;
  });
  const ticks = [0, 0.5, 1].map((part) => {
    const value = low + part * (high - low);
    return `<text x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${short(value)}</text>`;
  });
  return svg(bottom + 22, label, drawn.join('') + across.join('') + ticks.join(''));
}

const nowhere: Marked = { value: Number.NaN, low: Number.NaN, high: Number.NaN };

function nameAt(name: string, y: number): string {
  const shown = name.length > 24 ? `${name.slice(0, 23)}…` : name;
  return `<text class="name" x="${LEFT - 14}" y="${y + 4}" text-anchor="end">${escapeHtml(shown)}</text>`;
}

function marks({ name, now, before }: AxisRow, x: (value: number) => number, y: number): string {
  const drawn = [
    before ? mark('before', `${name}, baseline`, before, x, y + 3) : '',
    mark('now', name, now, x, before ? y - 3 : y),
  ];
  return drawn.join('');
}

function mark(
  kind: 'before' | 'now',
  name: string,
  { value, low, high }: Marked,
  x: (value: number) => number,
  y: number,
): string {
  if (!Number.isFinite(value)) return '';
  const hasInterval = Number.isFinite(low) && Number.isFinite(high);
  const title = `${name}: ${short(value)}${hasInterval ? ` (${short(low)} … ${short(high)})` : ''}`;
  const interval = hasInterval
    ? `<line class="interval ${kind}" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/>`
    : '';
  const at = x(value);
  const point =
    kind === 'now'
      ? `<circle class="point now" cx="${at}" cy="${y}" r="4.5"/>`
      : `<path class="point before" d="M${at} ${y - 5}l5 5-5 5-5-5Z"/>`;
  return `<g><title>${escapeHtml(title)}</title>${interval}${point}</g>`;
}

/** The least and the largest value to be seen, with a little room; one value has room around it. */
function ends(rows: readonly AxisRow[]): [number, number] {
  const values = rows
    .flatMap(({ now, before = nowhere, lines = [] }) => [
      ...[now, before].flatMap(({ value, low, high }) => [value, low, high]),
      ...lines,
    ])
    .filter(Number.isFinite);
  if (values.length === 0) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value));
  const high = values.reduce((most, value) => Math.max(most, value));
  const room = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

function scale(low: number, high: number): (value: number) => number {
  return (value) => fixed(LEFT + ((value - low) / (high - low)) * (RIGHT - LEFT));
}

function svg(height: number, label: string, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(label)}">${content}</svg>`;
}
