import { tokensOf } from './json-tokens.ts';
import { templateOf } from './line-template.ts';
import type { Hole, Template } from './line-template.ts';

/** Learns how flat objects are written, a line each, from one of them; undefined where nothing can be learned. */
export function learnObject(line: Uint8Array): Template | undefined {
  // A byte a character: places in the text are places in the line.
  const text = Buffer.from(line).toString('latin1');
  const tokens = tokensOf(text, 'plain');
  if (!tokens || tokens.length === 0 || tokens.length % 2 !== 0) return undefined;
  const holes: Hole[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tokens.length; i += 2) {
    const [key, value] = [tokens[i]!, tokens[i + 1]!];
    const isPlain = !key.text.includes('\\') && !value.text.includes('\\');
    if (!key.isKey || value.isKey || !isPlain) return undefined;
    const name = Buffer.from(key.text, 'latin1').toString('utf8');
    names.add(name);
    holes.push({ from: value.from, to: value.to, kind: value.isString ? 'text' : 'scalar', name });
  }
  const structure = text.replace(/"[^"]*"/g, '""').replace(/[^[\]{}]/g, '');
  return structure === '{}' && names.size === holes.length ? templateOf(line, holes) : undefined;
}
