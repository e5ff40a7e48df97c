import { BlockList, isIP } from 'node:net';
import { invalidPattern, isObject } from './invalid-pattern.ts';

/** One entry of a pattern's array. `absent`: whether a field that is not there will do. */
export type Matcher = { present: (value: unknown) => boolean; absent: boolean };

export function parseMatcher(entry: unknown): Matcher {
  if (!isObject(entry)) return { present: (value) => value === entry, absent: false };
  const [name, ...more] = Object.keys(entry);
  if (name === undefined || more.length > 0) throw invalidPattern('Only one key allowed in match expression');
  const wanted = entry[name];
  if (name === 'exists') {
    if (typeof wanted !== 'boolean')
      throw invalidPattern('exists match pattern must be either true or false.');
    return { present: () => wanted, absent: !wanted };
  }
  return { present: matcher(name, wanted), absent: false };
}

type Test = (value: unknown) => boolean;

function matcher(name: string, wanted: unknown): Test {
  switch (name) {
    case 'prefix':
      return text(name, wanted, (value, prefix) => value.startsWith(prefix));
    case 'suffix':
      return text(name, wanted, (value, suffix) => value.endsWith(suffix));
    case 'equals-ignore-case':
      return textTest(name, wanted, (value, other) => value.toLowerCase() === other.toLowerCase());
    case 'wildcard':
      return wildcard(wanted);
    case 'anything-but':
      return anythingBut(wanted);
    case 'numeric':
      return numeric(wanted);
    case 'cidr':
      return cidr(wanted);
    default:
      throw invalidPattern(`Unrecognized match type ${name}`);
  }
}

/** `{"prefix": "a"}`, or without regard to case `{"prefix": {"equals-ignore-case": "a"}}`. */
function text(name: string, wanted: unknown, holds: (value: string, wanted: string) => boolean): Test {
  if (!isObject(wanted)) return textTest(name, wanted, holds);
  const lower = wanted['equals-ignore-case'];
  return textTest(name, lower, (value, other) => holds(value.toLowerCase(), other.toLowerCase()));
}

function textTest(name: string, wanted: unknown, holds: (value: string, wanted: string) => boolean): Test {
  if (typeof wanted !== 'string' || wanted === '')
    throw invalidPattern(`${name} match pattern must be a string`);
  return (value) => typeof value === 'string' && holds(value, wanted);
}

/** `*` is any text; `\*` and `\\` stand for themselves. */
function wildcard(wanted: unknown): Test {
  if (typeof wanted !== 'string' || wanted === '')
    throw invalidPattern('wildcard match pattern must be a string');
  if (wanted.includes('**')) throw invalidPattern('Consecutive wildcard characters are not allowed');
  const source = wanted.replace(/\\[*\\]|[.+?^${}()|[\]\\*]/g, (found) => {
    if (found === '*') return '.*';
    return found.length === 2 ? found : `\\${found}`;
  });
  const regex = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && regex.test(value);
}

/** A value, a list of values, or another text matcher, none of which may hold. */
function anythingBut(wanted: unknown): Test {
  if (isObject(wanted)) {
    const [name = '', values] = Object.entries(wanted)[0] ?? [];
    if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name))
      throw invalidPattern(`Unsupported anything-but pattern: ${name}`);
    const tests = [values].flat().map((value) => matcher(name, value));
    return (value) => !tests.some((test) => test(value));
  }
  const values = [wanted].flat();
  if (values.length === 0 || values.some((value) => typeof value !== 'string' && typeof value !== 'number')) {
    throw invalidPattern('anything-but list must be all numbers or all strings');
  }
  return (value) => !values.includes(value);
}

const comparisons: Record<string, (value: number, limit: number) => boolean> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** `[">", 0]`, `[">", 0, "<=", 5]` */
function numeric(wanted: unknown): Test {
  if (!Array.isArray(wanted) || (wanted.length !== 2 && wanted.length !== 4))
    throw invalidPattern('Value of numeric must be an array of two or four');
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < wanted.length; index += 2) {
    const compare = comparisons[String(wanted[index])];
    const limit: unknown = wanted[index + 1];
    if (compare === undefined || typeof limit !== 'number')
      throw invalidPattern(`Unrecognized numeric range operator: ${String(wanted[index])}`);
    tests.push((value) => compare(value, limit));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(wanted: unknown): Test {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d+)$/.exec(String(wanted)) ?? [];
  const version = isIP(address);
  if (version === 0) throw invalidPattern(`Malformed CIDR, one '/' required`);
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (value) => typeof value === 'string' && isIP(value) === version && block.check(value, family);
}
