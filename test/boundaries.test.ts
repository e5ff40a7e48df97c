import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '..');

/** Who may import whom, beside its own files and Node's. A trailing `*` stands for anything. */
const allowed: Record<string, readonly string[]> = {
  actions: ['@tidegate/github', '@tidegate/pipeline', '@tidegate/aws'],
  'packages/pipeline': ['@tidegate/aws', '@tidegate/image', '@tidegate/stats', 'yaml'],
  'packages/github': ['@actions/*'],
  'packages/aws': ['@aws-sdk/*', '@smithy/*'],
  'packages/image': [],
  'packages/stats': ['hyparquet'],
  'packages/local-aws': ['@aws-sdk/*', '@smithy/*', '@duckdb/node-api'],
  'packages/local-github': [
    '@actions/workflow-parser',
    '@actions/workflow-parser/*',
    '@actions/expressions',
    '@actions/expressions/*',
    'yaml',
    'rolldown',
  ],
  'packages/cli': ['*'],
};

describe.each(Object.entries(allowed))('%s', (place, permitted) => {
  test(`imports only ${permitted.join(', ') || 'Node and itself'}`, () => {
    const strangers = sources(path.join(root, place)).flatMap((file) =>
      imports(readFileSync(file, 'utf8'))
        .filter((name) => !name.startsWith('node:') && !isInside(name, file, place))
        .filter((name) => !permitted.some((rule) => fits(name, rule)))
        .map((name) => `${path.relative(root, file)} imports ${name}`),
    );
    expect(strangers).toEqual([]);
  });
});

test('every package has one door', () => {
  const doors = readdirSync(path.join(root, 'packages')).map((name) => {
    const { exports } = JSON.parse(
      readFileSync(path.join(root, 'packages', name, 'package.json'), 'utf8'),
    ) as { exports: unknown };
    return [name, exports];
  });
  expect(doors).toEqual(doors.map(([name]) => [name, './src/index.ts']));
});

test('an action’s main stays under 30 lines: what it does belongs to a use-case', () => {
  const long = sources(path.join(root, 'actions'))
    .filter((file) => file.endsWith('main.ts'))
    .filter((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length >= 30);
  expect(long).toEqual([]);
});

test('no module is replaced in a test: the wire is the seam', () => {
  const mocking = ['actions', 'packages', 'test', 'scripts']
    .flatMap((place) => sources(path.join(root, place), true))
    .filter((file) =>
      /jest\.(unstable_mockModule|mock|spyOn)\(|aws-sdk-client-mock/.test(readFileSync(file, 'utf8')),
    )
    .filter((file) => file !== import.meta.filename);
  expect(mocking).toEqual([]);
});

/** TypeScript files below a folder; tests may import what they like and are left out unless asked for. */
function sources(folder: string, withTests = false): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('node_modules') && !/\/\.[^/]+\//.test(path.relative(root, file)))
    .filter(
      (file) =>
        withTests || !(file.endsWith('.test.ts') || file.includes('/test/') || file.includes('/testing/')),
    );
}

function imports(text: string): string[] {
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm,
    ),
  ].map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!);
}

function isInside(name: string, file: string, place: string): boolean {
  return (
    name.startsWith('.') &&
    !path.relative(path.join(root, place), path.resolve(path.dirname(file), name)).startsWith('..')
  );
}

function fits(name: string, rule: string): boolean {
  return rule.endsWith('*') ? name.startsWith(rule.slice(0, -1)) : name === rule;
}
