import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/* `npm run bench -- <name>` runs <name>.bench.ts; with no name, the pipeline's. */

type Benchmark = { bench: (args: readonly string[]) => Promise<void> };

const suffix = '.bench.ts';
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
  .sort();
const [name = 'pipeline', ...args] = process.argv.slice(2);
const file = path.join(import.meta.dirname, `${name}${suffix}`);

if (existsSync(file)) {
  console.log(`benchmark ${name} (there are ${names.join(', ')})\n`);
  const { bench } = (await import(file)) as Benchmark;
  await bench(args);
} else {
  console.error(`there is no benchmark "${name}"; there are ${names.join(', ')}`);
  process.exitCode = 2;
}
