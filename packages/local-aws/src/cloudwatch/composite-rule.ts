import { AwsError } from '../kernel/errors.ts';
import type { AlarmState } from './judge.ts';

export type Rule =
  | { kind: 'constant'; value: boolean }
  | { kind: 'state'; state: AlarmState; alarm: string }
  | { kind: 'not'; rule: Rule }
  | { kind: 'and' | 'or'; left: Rule; right: Rule };

/**
 * Reads a composite alarm's rule: `ALARM("a b") AND NOT (OK(c) OR INSUFFICIENT_DATA(d))`. Alarms are named by name or ARN.
 * @throws AwsError `ValidationError`
 */
export function parseRule(text: string): Rule {
  const tokens = text.match(/"[^"]*"|[()]|[^\s()"]+/g) ?? [];
  let next = 0;
  const fail = () =>
    new AwsError(
      'ValidationError',
      `AlarmRule is not valid: unexpected ${tokens[next] === undefined ? 'end' : `'${tokens[next]}'`} in '${text}'`,
    );
  const is = (word: string) => tokens[next]?.toUpperCase() === word;
  const take = (word: string) => {
    if (!is(word)) throw fail();
    next++;
  };

  function or(): Rule {
    let left = and();
    while (is('OR')) {
      next++;
      left = { kind: 'or', left, right: and() };
    }
    return left;
  }
  function and(): Rule {
    let left = not();
    while (is('AND')) {
      next++;
      left = { kind: 'and', left, right: not() };
    }
    return left;
  }
  function not(): Rule {
    if (!is('NOT')) return term();
    next++;
    return { kind: 'not', rule: not() };
  }
  function term(): Rule {
    const word = tokens[next]?.toUpperCase();
    if (word === '(') {
      next++;
      const inner = or();
      take(')');
      return inner;
    }
    if (word === 'TRUE' || word === 'FALSE') {
      next++;
      return { kind: 'constant', value: word === 'TRUE' };
    }
    if (word !== 'ALARM' && word !== 'OK' && word !== 'INSUFFICIENT_DATA') throw fail();
    next++;
    take('(');
    const named: string[] = [];
    while (next < tokens.length && tokens[next] !== ')') named.push(tokens[next++] as string);
    take(')');
    const alarm = named
      .join(' ')
      .replace(/^["']|["']$/g, '')
      .replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
    if (alarm === '') throw fail();
    return { kind: 'state', state: word, alarm };
  }

  const rule = or();
  if (next < tokens.length) throw fail();
  return rule;
}

export function holds(rule: Rule, stateOf: (alarm: string) => AlarmState | undefined): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !holds(rule.rule, stateOf);
    case 'and':
      return holds(rule.left, stateOf) && holds(rule.right, stateOf);
    case 'or':
      return holds(rule.left, stateOf) || holds(rule.right, stateOf);
  }
}

/** The alarms a rule speaks of. */
export function alarmsIn(rule: Rule): string[] {
  switch (rule.kind) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsIn(rule.rule);
    default:
      return [...new Set([...alarmsIn(rule.left), ...alarmsIn(rule.right)])];
  }
}
