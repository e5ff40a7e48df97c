import { AwsError } from '../kernel/errors.ts';

/** A metric-math expression, read but not yet computed. */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'negate'; operand: Expression }
  | { kind: 'binary'; operator: Operator; left: Expression; right: Expression };

export type Operator = (typeof levels)[number][number] | '^';

/** From the loosest to the tightest; `^` binds tighter than these and to the right. */
const levels = [
  ['OR', '||'],
  ['AND', '&&'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
] as const;

const tokenPattern =
  /\s*(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|"[^"]*"|'[^']*'|[A-Za-z][A-Za-z0-9_]*|\|\||&&|==|!=|<=|>=|[-+*/^<>()[\],])/y;

/** @throws AwsError `ValidationError` that quotes the expression and says where it stops making sense */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text);
  let next = 0;

  const fail = () => {
    const found = tokens[next] === undefined ? 'its end' : `'${tokens[next]}'`;
    return new AwsError('ValidationError', `Error in expression '${text}': unexpected ${found}`);
  };
  const take = (token: string) => {
    if (tokens[next] !== token) throw fail();
    next++;
  };
  const listUntil = (end: string) => {
    const items: Expression[] = [];
    while (tokens[next] !== end) {
      if (items.length > 0) take(',');
      items.push(binary(0));
    }
    take(end);
    return items;
  };

  function binary(level: number): Expression {
    const operators: readonly string[] | undefined = levels[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (let token = tokens[next]; token !== undefined && operators.includes(token); token = tokens[next]) {
      next++;
      left = { kind: 'binary', operator: token as Operator, left, right: binary(level + 1) };
    }
    return left;
  }

  function unary(): Expression {
    if (tokens[next] !== '-') return power();
    next++;
    return { kind: 'negate', operand: unary() };
  }

  function power(): Expression {
    const left = primary();
    if (tokens[next] !== '^') return left;
    next++;
    return { kind: 'binary', operator: '^', left, right: unary() };
  }

  function primary(): Expression {
    const token = tokens[next];
    if (token === undefined) throw fail();
    next++;
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) };
    if (/^["']/.test(token)) return { kind: 'text', value: token.slice(1, -1) };
    if (token === '[') return { kind: 'list', items: listUntil(']') };
    if (token === '(') {
      const inner = binary(0);
      take(')');
      return inner;
    }
    if (/^[A-Za-z]/.test(token)) {
      if (tokens[next] !== '(') return { kind: 'name', name: token };
      next++;
      return { kind: 'call', name: token, args: listUntil(')') };
    }
    next--;
    throw fail();
  }

  const whole = binary(0);
  if (next < tokens.length) throw fail();
  return whole;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(tokenPattern);
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const token = pattern.exec(text)?.[1];
    if (token === undefined) {
      throw new AwsError(
        'ValidationError',
        `Error in expression '${text}': cannot read '${text.slice(at).trim()}'`,
      );
    }
    tokens.push(token);
  }
  return tokens;
}
