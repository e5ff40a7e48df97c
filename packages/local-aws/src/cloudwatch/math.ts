import { AwsError } from '../kernel/errors.ts';
import type { Expression, Operator } from './expression.ts';
import { callFunction } from './math-functions.ts';
import { asSeriesList, mapValue } from './time-series.ts';
import type { MathContext, TimeSeries, Value } from './time-series.ts';

/**
 * Computes metric math. As in CloudWatch, an operation on two series has a value only where both have one, and a division
 * by zero has none.
 */
export function evaluate(expression: Expression, context: MathContext): Value {
  switch (expression.kind) {
    case 'number':
    case 'text':
      return expression.value;
    case 'name':
      return keyword(expression.name) ?? context.resolve(expression.name);
    case 'list':
      return expression.items.flatMap((item) => asSeriesList(evaluate(item, context), context));
    case 'negate':
      return mapValue(evaluate(expression.operand, context), (value) => -value);
    case 'binary':
      return combine(
        evaluate(expression.left, context),
        evaluate(expression.right, context),
        expression.operator,
      );
    case 'call':
      return callFunction(
        expression.name,
        expression.args.map((arg) => evaluate(arg, context)),
        context,
      );
  }
}

function combine(left: Value, right: Value, operator: Operator): Value {
  if (typeof left === 'string' || typeof right === 'string') {
    throw new AwsError('ValidationError', `${operator} takes numbers and metrics, not text`);
  }
  if (Array.isArray(left)) return left.map((one) => combine(one, right, operator) as TimeSeries);
  if (Array.isArray(right)) return right.map((one) => combine(left, one, operator) as TimeSeries);
  if (typeof left === 'number' && typeof right === 'number') return operate(left, right, operator);
  const instants = (left instanceof Map ? left : (right as TimeSeries)).keys();
  const result: TimeSeries = new Map();
  for (const at of instants) {
    const a = typeof left === 'number' ? left : left.get(at);
    const b = typeof right === 'number' ? right : right.get(at);
    if (a === undefined || b === undefined) continue;
    const value = operate(a, b, operator);
    if (Number.isFinite(value)) result.set(at, value);
  }
  return result;
}

function operate(a: number, b: number, operator: Operator): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '^':
      return a ** b;
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '<':
      return Number(a < b);
    case '<=':
      return Number(a <= b);
    case '>':
      return Number(a > b);
    case '>=':
      return Number(a >= b);
    case 'AND':
    case '&&':
      return Number(a !== 0 && b !== 0);
    case 'OR':
    case '||':
      return Number(a !== 0 || b !== 0);
  }
}

/** Words that stand where a value is expected. */
const keyword = (name: string): Value | undefined =>
  ({ REPEAT: 'REPEAT', LINEAR: 'LINEAR', TRUE: 1, FALSE: 0 })[name];
