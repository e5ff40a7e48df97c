import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BUILTINS } from './builtin/index.ts';
import { ROUTES } from './rest/routes.ts';
import { runOnce } from './testing/github.ts';

const spec = readFileSync(join(import.meta.dirname, '../SPEC.md'), 'utf8');

/** The first column of the table under a heading, without its two head lines. */
const column = (heading: string): string[] => {
  const section = spec.split(`${heading}\n`)[1]?.split(/\n#|\n<!--/)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => row.split('|')[1]?.trim() ?? '');
};

test('SPEC.md names every route with the permission it needs, and no other', () => {
  const rows = ROUTES.map(
    ({ method, pattern, needs }) => `| \`${method} ${pattern}\` | ${needs.join(' or ') || 'any token'} |`,
  );
  const written = spec.split('<!-- routes -->\n')[1]?.split('\n<!-- /routes -->')[0];
  expect(written?.split('\n').filter((line) => line !== '')).toEqual([
    '| route | permission |',
    '|---|---|',
    ...rows,
  ]);
});

test('SPEC.md names every stand-in, and no other', () => {
  expect(column('### Stand-ins')).toEqual(Object.keys(BUILTINS).map((name) => `\`${name}\``));
});

test('SPEC.md names the events that start something', () => {
  const names = [
    'push',
    'pull_request',
    'workflow_dispatch',
    'repository_dispatch',
    'schedule',
    'workflow_call',
  ];
  expect(column('### Events')).toEqual(names.map((name) => `\`${name}\``));
});

test('what SPEC.md says is refused is refused', async () => {
  const job = (text: string) => `on: push\njobs: { a: { runs-on: x, ${text} } }\n`;
  const step = (text: string) => job(`steps: [${text}]`);
  const refused = {
    container: job('container: node:24, steps: [{ run: x }]'),
    services: job('services: { db: { image: x } }, steps: [{ run: x }]'),
    snapshot: job('snapshot: x, steps: [{ run: x }]'),
    'docker://…': step('{ uses: "docker://alpine" }'),
    'windows-…': 'on: push\njobs: { a: { runs-on: windows-2025, steps: [{ run: x }] } }\n',
    'macos-…': 'on: push\njobs: { a: { runs-on: macos-26, steps: [{ run: x }] } }\n',
    pwsh: step('{ run: x, shell: pwsh }'),
    powershell: step('{ run: x, shell: powershell }'),
    cmd: step('{ run: x, shell: cmd }'),
    background: step('{ run: x, background: true }'),
    parallel: step('{ parallel: [{ run: x }] }'),
    wait: step('{ id: b, run: x, background: true }, { wait: b }'),
    'actions and workflows of repositories that no table maps': step('{ uses: other/action@v1 }'),
  };
  const section = column('### Refused before anything runs').join('\n');
  for (const [name, workflow] of Object.entries(refused)) {
    const { run } = await runOnce(workflow);
    expect([name, section.includes(name), run.conclusion, run.jobs]).toEqual([
      name,
      true,
      'startup_failure',
      [],
    ]);
  }
});
