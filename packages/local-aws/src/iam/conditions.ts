import { AwsError } from '../kernel/errors.ts';
import type { Statement } from './policy-document.ts';
import { matchesWildcard } from './wildcard.ts';

/** Condition key (lower case) → the request's values for it. */
export type Context = ReadonlyMap<string, readonly string[]>;

type Test = (actual: string, wanted: string) => boolean;

/** Operators whose negation is another operator: `not` means that no value may match. */
const operators: Record<string, { test: Test; not?: true }> = {
  StringEquals: { test: (actual, wanted) => actual === wanted },
  StringNotEquals: { test: (actual, wanted) => actual === wanted, not: true },
  StringEqualsIgnoreCase: { test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase() },
  StringNotEqualsIgnoreCase: {
    test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
    not: true,
  },
  StringLike: { test: matchesWildcard },
  StringNotLike: { test: matchesWildcard, not: true },
  ArnEquals: { test: matchesWildcard },
  ArnLike: { test: matchesWildcard },
  ArnNotEquals: { test: matchesWildcard, not: true },
  ArnNotLike: { test: matchesWildcard, not: true },
  Bool: { test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase() },
  NumericEquals: { test: (actual, wanted) => Number(actual) === Number(wanted) },
  NumericNotEquals: { test: (actual, wanted) => Number(actual) === Number(wanted), not: true },
  NumericLessThan: { test: (actual, wanted) => Number(actual) < Number(wanted) },
  NumericLessThanEquals: { test: (actual, wanted) => Number(actual) <= Number(wanted) },
  NumericGreaterThan: { test: (actual, wanted) => Number(actual) > Number(wanted) },
  NumericGreaterThanEquals: { test: (actual, wanted) => Number(actual) >= Number(wanted) },
  DateLessThan: { test: (actual, wanted) => Date.parse(actual) < Date.parse(wanted) },
  DateGreaterThan: { test: (actual, wanted) => Date.parse(actual) > Date.parse(wanted) },
};

/** All conditions of a statement hold: every operator, and under it every key, with any one of its values. */
export function conditionsHold(conditions: Statement['conditions'], context: Context): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, context.get(key.toLowerCase()), wanted)),
  );
}

/** The keys that conditions ask for and the request does not have. */
export function missingKeys(conditions: Statement['conditions'], context: Context): string[] {
  return Object.values(conditions).flatMap((keys) =>
    Object.keys(keys).filter((key) => !context.has(key.toLowerCase())),
  );
}

function holds(operator: string, actual: readonly string[] | undefined, wanted: readonly string[]): boolean {
  const [, set, name = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === 'Null') return wanted.includes(String(actual === undefined));
  const known = operators[name];
  if (known === undefined) {
    // Guessing would allow what AWS denies.
    throw new AwsError(
      'PolicyEvaluation',
      `The condition operator ${operator} is not built in this local AWS.`,
      500,
    );
  }
  if (actual === undefined) return ifExists !== undefined || set === 'ForAllValues' || known.not === true;
  const matches = (value: string) => wanted.some((one) => known.test(value, one)) !== (known.not ?? false);
  return set === 'ForAllValues'
    ? actual.every(matches)
    : set === 'ForAnyValue'
      ? actual.some(matches)
      : actual.every(matches);
}
