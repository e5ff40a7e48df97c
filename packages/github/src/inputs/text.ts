import { NotUnderstood } from './input.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `45m`, `1h30m` → milliseconds; a bare number is refused because its unit would be a guess. */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) throw new NotUnderstood();
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    ms += Number(amount) * unitMs[unit as keyof typeof unitMs];
  }
  return Math.round(ms);
}

/** A finite decimal number; `NaN`, `Infinity`, hexadecimal and empty text are refused. */
export function parseNumber(text: string): number {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text.trim())) throw new NotUnderstood();
  const value = Number(text);
  if (!Number.isFinite(value)) throw new NotUnderstood('is too large for a number');
  return value;
}

/** Commas, lines or a JSON array → trimmed, non-empty items. */
export function parseList(text: string): string[] {
  if (text.trimStart().startsWith('[')) {
    const items = parseJson(text);
    if (!Array.isArray(items) || items.some((item) => typeof item === 'object')) throw new NotUnderstood();
    return items.map(String);
  }
  return text
    .split(/[\n,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** JSON, or one `KEY=value` per line → strings by key; nested JSON values stay JSON text. */
export function parseMap(text: string): Record<string, string> {
  if (text.trimStart().startsWith('{')) {
    const entries = Object.entries(parseJson(text) as Record<string, unknown>);
    return Object.fromEntries(
      entries.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    );
  }
  const entries: [string, string][] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    if (at < 1) throw new NotUnderstood(`has the line "${line.trim()}", which is not KEY=value`);
    entries.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return Object.fromEntries(entries);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotUnderstood(`looks like JSON but is not: ${(error as Error).message}`);
  }
}
