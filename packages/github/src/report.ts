import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes `<folder>/tidegate/<name>.json`; what is not a number in JSON (NaN, ∞) is null there. */
export function writeReport(folder: string, name: string, report: unknown): string {
  const file = path.join(folder, 'tidegate', `${name}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
