import { TokenType } from '@actions/expressions/lexer';
import { data, Evaluator, Lexer, Parser, type Expr } from '@actions/expressions';
import { UserError } from '../errors.ts';
import { asText, fromData, isTrue, toData, type Json } from './values.ts';

/** Values by context name (`github`, `env`, …); an expression that names a context that is not here is refused. */
export type Contexts = { [name: string]: Json };

export type ExpressionFunction = (...args: Json[]) => Json;
export type Functions = { [name: string]: ExpressionFunction };

type Parsed = { tree: Expr; names: string[] };
const parsed = new Map<string, Parsed>();

function parse(expression: string, contexts: Contexts, functions: Functions): Parsed {
  const key = `${Object.keys(contexts).join()}|${Object.keys(functions).join()}|${expression}`;
  const known = parsed.get(key);
  if (known) return known;
  const { tokens } = new Lexer(expression).lex();
  const available = Object.keys(functions).map((name) => ({ name, minArgs: 0, maxArgs: 255 }));
  const tree = new Parser(tokens, Object.keys(contexts), available).parse();
  const identifiers = new Set(
    tokens.filter((token) => token.type === TokenType.IDENTIFIER).map((token) => token.lexeme.toLowerCase()),
  );
  const names = Object.keys(contexts).filter((name) => identifiers.has(name.toLowerCase()));
  const result = { tree, names };
  parsed.set(key, result);
  return result;
}

/**
 * The value of one expression (without `${{ }}`), by GitHub's own lexer, parser and evaluator.
 * Only the contexts that the expression names are converted: an event's payload may be large.
 */
export function evaluate(expression: string, contexts: Contexts, functions: Functions = {}): Json {
  try {
    const { tree, names } = parse(expression, contexts, functions);
    const known = new data.Dictionary(...names.map((key) => ({ key, value: toData(contexts[key]) })));
    const own = Object.entries(functions).map(([name, body]) => [
      name.toLowerCase(),
      {
        name,
        minArgs: 0,
        maxArgs: 255,
        call: (...args: Parameters<typeof fromData>[0][]) => toData(body(...args.map(fromData))),
      },
    ]);
    return fromData(new Evaluator(tree, known, new Map(own as [string, never][])).evaluate());
  } catch (cause) {
    throw new UserError(
      `The expression \${{ ${expression.trim()} }} cannot be evaluated: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

const STATUS_FUNCTIONS = new Set(['success', 'failure', 'always', 'cancelled']);

/** Whether an `if:` asks for the status itself; one that does not is read as `success() && (…)`. */
function asksForStatus(condition: string): boolean {
  const { tokens } = new Lexer(condition).lex();
  return tokens.some(
    (token, index) =>
      token.type === TokenType.IDENTIFIER &&
      STATUS_FUNCTIONS.has(token.lexeme.toLowerCase()) &&
      tokens[index + 1]?.lexeme === '(',
  );
}

/** The outcome of an `if:`, with or without `${{ }}`; none at all means `success()`. */
export function holds(condition: Json | undefined, contexts: Contexts, functions: Functions): boolean {
  const bare = conditionText(condition);
  const whole = bare === '' ? 'success()' : asksForStatus(bare) ? bare : `success() && (${bare})`;
  return isTrue(evaluate(whole, contexts, functions));
}

function conditionText(condition: Json | undefined): string {
  const text = asText(condition).trim();
  return /^\$\{\{(?<body>(?:(?!\}\}).)*)\}\}$/s.exec(text)?.groups?.['body']?.trim() ?? text;
}
