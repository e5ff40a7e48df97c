import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../terminal/errors.ts';

/** A command line that cannot be understood: exit code 2, as shells have it. */
export class UsageError extends UserError {
  readonly exitCode = 2;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** The command line, or one `UsageError` that says what in it cannot be used. */
export function parseCommandLine<const O extends Options>(
  args: readonly string[],
  options: O,
  positionals: readonly [number, number] = [0, 0],
) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. To specify')[0]);
  }
  const [least, most] = positionals;
  if (parsed.positionals.length < least)
    throw new UsageError(`${least - parsed.positionals.length} more argument needed; --help shows which`);
  if (parsed.positionals.length > most)
    throw new UsageError(`"${parsed.positionals[most]}" is one argument too many; --help shows the options`);
  return parsed;
}

/** `KEY=VALUE` options as a record. */
export function parsePairs(name: string, pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`--${name} ${pair} is not KEY=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

export function parseOneOf<const T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new UsageError(`--${name} ${text} is not one of ${known.join(', ')}`);
  return found;
}

export function parseCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} ${text} is not a whole number above 0`);
  return Number(text);
}

/** A number from 0 on. */
export function parseAmount(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || !Number.isFinite(value))
    throw new UsageError(`--${name} ${text} is not a number from 0 on`);
  return value;
}

export function parsePositive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new UsageError(`--${name} ${text} is not a number above 0`);
  return value;
}

/** @throws UsageError when it is named more than once */
export function checkStandardInput(words: readonly string[]): void {
  if (words.filter((word) => word === '-').length > 1)
    throw new UsageError('standard input (-) is given twice, but can be read once');
}
