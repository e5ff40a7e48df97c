#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const main = path.join(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../src/main.ts',
);

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main);
} else {
  // The system's Node is older than the one that actions run on; the `node` package brings that one along.
  const node = path.join(
    path.dirname(createRequire(import.meta.url).resolve('node/package.json')),
    'bin',
    'node',
  );
  process.exitCode = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 70;
}
