const coloured = process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';

const paint = (code: number) => (text: string) => (coloured ? `\u001B[${code}m${text}\u001B[0m` : text);

export const style = {
  bold: paint(1),
  dim: paint(2),
  red: paint(31),
  green: paint(32),
  yellow: paint(33),
  cyan: paint(36),
};

/** A mark and its colour for an outcome, readable without colours too. */
export function mark(outcome: 'good' | 'bad' | 'back' | 'note' | 'skipped'): string {
  return {
    good: style.green('✓'),
    bad: style.red('✗'),
    back: style.yellow('↩'),
    note: style.yellow('!'),
    skipped: style.dim('·'),
  }[outcome];
}

/** `850 ms`, `11.2 s`, `3 m 12 s`. */
export function elapsed(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} m ${Math.round((ms % 60_000) / 1000)} s`;
}

export const count = (value: number): string => value.toLocaleString('en-US');
