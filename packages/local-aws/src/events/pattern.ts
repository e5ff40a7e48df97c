import { invalidPattern, isObject } from './invalid-pattern.ts';
import { parseMatcher, type Matcher } from './matchers.ts';

/** Whether an event, or a part of one, is what a pattern asks for. */
export type EventTest = (event: unknown) => boolean;

/**
 * Reads an event pattern: an object whose arrays say what a field may be (any one of them) and whose objects go deeper;
 * `$or` takes several patterns of which one has to hold. Throws `InvalidEventPatternException`.
 */
export function parsePattern(text: string): EventTest {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalidPattern('Filter is not valid JSON');
  }
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw invalidPattern('Filter must be a non-empty object');
  return objectTest(pattern);
}

function objectTest(pattern: Record<string, unknown>): EventTest {
  const tests = Object.entries(pattern).map(([name, inner]): EventTest => {
    if (name === '$or') return orTest(inner);
    const test = fieldTest(name, inner);
    return (event) => test(isObject(event) ? event[name] : undefined);
  });
  return (event) => tests.every((test) => test(event));
}

function orTest(alternatives: unknown): EventTest {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    throw invalidPattern('"$or" must be an array of at least two objects');
  }
  const tests = alternatives.map(objectTest);
  return (event) => tests.some((test) => test(event));
}

function fieldTest(name: string, inner: unknown): EventTest {
  if (isObject(inner)) {
    if (Object.keys(inner).length === 0) throw invalidPattern(`Empty objects are not allowed at "${name}"`);
    const test = objectTest(inner);
    // Of a list of objects, one is enough.
    return (value) => (Array.isArray(value) ? value.some(test) : test(value));
  }
  if (!Array.isArray(inner)) throw invalidPattern(`"${name}" must be an object or an array`);
  if (inner.length === 0) throw invalidPattern(`Empty arrays are not allowed at "${name}"`);
  const matchers: Matcher[] = inner.map(parseMatcher);
  return (value) =>
    matchers.some(({ present, absent }) =>
      value === undefined ? absent : Array.isArray(value) ? value.some(present) : present(value),
    );
}
