import { readFile, writeFile } from 'node:fs/promises';
import { renderReport } from '../report/render.ts';
import type { Facts } from '../report/facts.ts';
import { UserError } from '../terminal/errors.ts';
import { parseCommandLine } from './arguments.ts';

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(
    args,
    { output: { type: 'string', default: 'report.html' } },
    [1, 1],
  );
  await writeFile(values.output, renderReport(await readFacts(positionals[0]!)));
  console.log(`wrote ${values.output}`);
  return 0;
}

async function readFacts(file: string): Promise<Facts> {
  let facts: unknown;
  try {
    facts = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read as facts: ${(error as Error).message}`);
  }
  if ((facts as Partial<Facts> | null)?.version !== 1)
    throw new UserError(`${file} holds no facts of this version; write them with tidegate demo --json`);
  return facts as Facts;
}
