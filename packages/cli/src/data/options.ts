import { availableParallelism } from 'node:os';
import { FORMATS, readSchema, type Format, type Schema } from '@tidegate/stats';
import { parseCount, parseOneOf } from '../commands/arguments.ts';

/** Options of every command that reads data. */
export const dataOptions = {
  format: { type: 'string' },
  schema: { type: 'string' },
  columns: { type: 'string', multiple: true },
} as const;

type Given = { format?: string | undefined; schema?: string | undefined; columns?: string[] | undefined };

export async function readDataOptions({ format, schema, columns }: Given): Promise<{
  format: Format | undefined;
  schema: Schema | undefined;
  columns: string[] | undefined;
}> {
  return {
    format: format === undefined ? undefined : parseOneOf('format', format, FORMATS),
    schema: schema === undefined ? undefined : await readSchema(schema),
    columns: columns?.flatMap((each) => each.split(',').map((name) => name.trim())),
  };
}

/** The cores there are, where nothing else is asked for. */
export function parseThreads(threads: string | undefined): number {
  return threads === undefined ? availableParallelism() : parseCount('threads', threads);
}
