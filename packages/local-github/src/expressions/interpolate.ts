import { evaluate, type Contexts, type Functions } from './evaluate.ts';
import { asText, type Json } from './values.ts';

type Part = { text: string } | { expression: string };

/** Splits text at `${{ … }}`; a `}}` inside a quoted string does not end the expression. */
function splitTemplate(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (let open = text.indexOf('${{'); open >= 0; open = text.indexOf('${{', from)) {
    const close = endOfExpression(text, open + 3);
    if (close < 0) break;
    if (open > from) parts.push({ text: text.slice(from, open) });
    parts.push({ expression: text.slice(open + 3, close) });
    from = close + 2;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

function endOfExpression(text: string, start: number): number {
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) return at;
  }
  return -1;
}

/** A value with every expression in it replaced: alone it keeps its type, within text it becomes text. */
export function interpolate(value: Json | undefined, contexts: Contexts, functions: Functions = {}): Json {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item) => interpolate(item, contexts, functions));
  if (typeof value === 'object') return interpolateMap(value, contexts, functions);
  if (typeof value !== 'string' || !value.includes('${{')) return value;
  const parts = splitTemplate(value);
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only && 'expression' in only) return evaluate(only.expression, contexts, functions);
  return parts
    .map((part) => ('text' in part ? part.text : asText(evaluate(part.expression, contexts, functions))))
    .join('');
}

function interpolateMap(value: { [key: string]: Json }, contexts: Contexts, functions: Functions): Json {
  const result: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    const inner = interpolate(item, contexts, functions);
    if (/^\$\{\{\s*insert\s*\}\}$/.test(key)) Object.assign(result, inner);
    else result[asText(interpolate(key, contexts, functions))] = inner;
  }
  return result;
}

export const interpolateText = (
  value: Json | undefined,
  contexts: Contexts,
  functions: Functions = {},
): string => asText(interpolate(value, contexts, functions));

/** A map of text to text, as `env:`, `with:` and `outputs:` are. */
export function interpolateTexts(value: Json | undefined, contexts: Contexts, functions: Functions = {}) {
  const result = interpolate(value, contexts, functions);
  const entries =
    result && typeof result === 'object' && !Array.isArray(result) ? Object.entries(result) : [];
  return Object.fromEntries(entries.map(([key, item]) => [key, asText(item)])) as Record<string, string>;
}
