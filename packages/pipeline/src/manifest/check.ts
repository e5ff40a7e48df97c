import { isMap, isScalar, isSeq, type Node as YamlNode } from 'yaml';
import type { Group, Node, Scalar } from './node.ts';

/** What cannot be used, at an offset into the manifest's text. */
export type Problem = { readonly key: string; readonly offset: number; readonly sentence: string };

/** Everything in a parsed manifest that the schema does not allow, in the order of the text. */
export function check(shape: Node, found: YamlNode | null, key = ''): Problem[] {
  const offset = found?.range?.[0] ?? 0;
  const refuse = (sentence: string): Problem[] => [{ key, offset, sentence }];
  switch (shape.kind) {
    case 'scalar':
      if (!isScalar(found) || found.value === null) return refuse(`${shown(found)} is not ${shape.expects}`);
      if (understood(shape, found.value)) return [];
      return refuse(`${shown(found)} ${whyNot(shape, found.value)}`);
    case 'sequence':
      if (isSeq<YamlNode>(found))
        return found.items.flatMap((item, index) => check(shape.of, item, `${key}[${index}]`));
      return check(shape.of, found, key);
    case 'dictionary':
      if (!isMap<YamlNode, YamlNode | null>(found)) return refuse(`${shown(found)} is not a map`);
      return found.items.flatMap((pair) => check(shape.of, pair.value, join(key, nameOf(pair.key))));
    case 'group':
      return checkGroup(shape, found, key, refuse);
  }
}

function checkGroup(
  shape: Group,
  found: YamlNode | null,
  key: string,
  refuse: (sentence: string) => Problem[],
): Problem[] {
  if (!isMap<YamlNode, YamlNode | null>(found)) {
    return refuse(`${shown(found)} is not a map with ${Object.keys(shape.keys).slice(0, 4).join(', ')} …`);
  }
  const problems = found.items.flatMap((pair): Problem[] => {
    const name = nameOf(pair.key);
    const at = shape.keys[name] ?? shape.others;
    if (at !== undefined) return check(at, pair.value, join(key, name));
    return [
      {
        key: join(key, name),
        offset: pair.key.range?.[0] ?? 0,
        sentence: unknown(name, Object.keys(shape.keys)),
      },
    ];
  });
  const missing = shape.required.filter((name) => !found.has(name));
  return [...problems, ...missing.flatMap((name) => refuse(`${join(key, name)} is missing`))];
}

function whyNot({ retired, expects }: Scalar, value: unknown): string {
  return (typeof value === 'string' ? retired?.[value] : undefined) ?? `is not ${expects}`;
}

function understood({ type, pattern, choices, range }: Scalar, value: unknown): boolean {
  if (type === 'any') return ['string', 'number', 'boolean'].includes(typeof value);
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'number') {
    return (
      typeof value === 'number' &&
      Number.isFinite(value) &&
      (range === undefined || (value >= range[0] && value <= range[1]))
    );
  }
  if (typeof value !== 'string') return false;
  return choices === undefined ? (pattern?.test(value) ?? value !== '') : choices.includes(value);
}

function unknown(name: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, steps: distance(name, candidate) }))
    .sort((a, b) => a.steps - b.steps)[0];
  const hint =
    nearest !== undefined && nearest.steps <= 3
      ? `did you mean ${nearest.candidate}?`
      : `known here: ${known.join(', ')}`;
  return `is not a setting; ${hint}`;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

function shown(found: YamlNode | null): string {
  if (isMap(found)) return 'a map';
  if (isSeq(found)) return 'a list';
  if (!isScalar(found) || found.value === null) return 'nothing';
  const { value } = found;
  const text = typeof value === 'string' ? JSON.stringify(value) : found.toString();
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

const nameOf = (key: YamlNode) => (isScalar(key) ? String(key.value) : '?');
const join = (key: string, name: string) => (key === '' ? name : `${key}.${name}`);
