import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../terminal/errors.ts';

/** A command line that cannot be understood: exit code 2, as shells have it. */
class UsageError extends UserError {
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

export function parsePositive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new UsageError(`--${name} ${text} is not a number above 0`);
  return value;
}
