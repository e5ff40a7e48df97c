import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { rolldown, type RolldownOptions } from 'rolldown';
import { minifySync } from 'rolldown/utils';
import { licences } from './licences.ts';

/*
 * TypeScript → rolldown (one graph, tree-shaken, a chunk an action) → ncc (no dependency left) → minified → dist/.
 * Every user downloads dist/ at the start of every job, so what actions share is in it once.
 */

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
// Of this process alone: a second build beside it must not take its files away.
const staging = path.join(root, '.tidegate', `build-${process.pid}`);
const built = path.join(staging, 'ncc');
const github = path.join(root, 'packages', 'github', 'src');

const bundling: RolldownOptions = {
  platform: 'node',
  resolve: {
    alias: {
      undici: path.join(root, 'scripts', 'undici-of-node.ts'),
      // Only @actions/core asks for it by this name.
      crypto: path.join(root, 'scripts', 'delimiters.ts'),
      '@aws-sdk/credential-provider-login': path.join(root, 'scripts', 'no-sign-in.ts'),
      '@aws-sdk/credential-provider-sso': path.join(root, 'scripts', 'no-sign-in.ts'),
      '@octokit/plugin-rest-endpoint-methods': path.join(root, 'scripts', 'no-endpoint-methods.ts'),
      // All that is used of it reads the footer; a dynamic import that becomes a part of one file is not shaken.
      hyparquet: path.join(root, 'node_modules', 'hyparquet', 'src', 'metadata.js'),
    },
    mainFields: ['module', 'main'],
    conditionNames: ['import', 'module', 'node', 'default'],
  },
  treeshake: { moduleSideEffects: false },
  external: [/^node:/],
  checks: { circularDependency: false },
  preserveEntrySignatures: 'allow-extension',
};

/** ncc copies a shared chunk below 20 kB into each that uses it, so what is shared is put together into few large ones. */
const sharedChunks = [
  { name: 'aws', test: /node_modules\/@(smithy|aws-sdk)\//, minShareCount: 7 },
  {
    name: 'jobs',
    test: /client-cloudwatch-logs|event-streams|packages\/(pipeline|aws)\/src\/(?!manifest|index)/,
    minShareCount: 3,
  },
  {
    name: 'hosting',
    test: /packages\/(pipeline|aws|image)\/src\/(?!manifest|index)/,
    minShareCount: 2,
  },
];

async function build(): Promise<void> {
  const started = performance.now();
  mkdirSync(staging, { recursive: true });
  const actions = actionFolders();
  await bundleActions(actions);
  runNcc();
  minifyChunks(built);
  renameSync(path.join(staging, 'licenses.txt'), path.join(built, 'licenses.txt'));
  for (const { name, file } of actions) writeFileSync(path.join(built, `${name}.js`), stub(file));
  await bundleAnalyser();
  copyServer(path.join(root, 'packages', 'image', 'server'), path.join(built, 'server'));
  rmSync(dist, { recursive: true, force: true });
  renameSync(built, dist);
  console.log(
    `built dist/ for ${actions.length} steps in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
}

/** The model server's programs, without what is in them for readers alone. */
function copyServer(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (source) => !source.includes('__pycache__') });
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.py')) continue;
    const file = path.join(to, name);
    const program = readFileSync(file, 'utf8')
      // A docstring may be all that a class has, so an empty one stays.
      .replace(/^( *)"""[\s\S]*?"""$/gm, '$1""')
      .replace(/^ *#.*\n/gm, '')
      .replace(/\n{2,}/g, '\n');
    writeFileSync(file, program);
  }
}

/** Each main.ts and post.ts of actions/, under the name its action.yml calls it by. */
function actionFolders(): { name: string; file: string }[] {
  return readdirSync(path.join(root, 'actions'))
    .sort()
    .flatMap((action) =>
      ['main', 'post']
        .filter((step) => existsSync(path.join(root, 'actions', action, `${step}.ts`)))
        .map((step) => ({
          name: step === 'main' ? action : `${action}-${step}`,
          file: `actions/${action}/${step}.ts`,
        })),
    );
}

async function bundleActions(actions: readonly { file: string }[]): Promise<void> {
  const cases = actions.map(
    ({ file }) => `  ${JSON.stringify(file)}: () => import(${JSON.stringify(path.join(root, file))}),`,
  );
  const entry = path.join(staging, 'entry.js');
  // What every action needs is a part of the entry.
  const everywhere = ['run-action.ts', 'contract.ts', 'inputs/kinds.ts'].map(
    (file) => `export * from ${JSON.stringify(path.join(github, file))};`,
  );
  writeFileSync(
    entry,
    `${everywhere.join('\n')}\nconst steps = {\n${cases.join('\n')}\n};\nexport const run = (step) => steps[step]();\n`,
  );
  const bundle = await rolldown({ input: entry, ...bundling });
  const { output } = await bundle.write({
    dir: path.join(staging, 'esm'),
    format: 'esm',
    entryFileNames: 'index.js',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: sharedChunks, includeDependenciesRecursively: false },
    minify: true,
  });
  writeFileSync(
    path.join(staging, 'licenses.txt'),
    licences(output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []))),
  );
  writeFileSync(path.join(staging, 'esm', 'package.json'), '{ "type": "module" }');
}

function runNcc(): void {
  const ncc = path.join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  execFileSync(
    process.execPath,
    [
      ncc,
      'build',
      path.join(staging, 'esm', 'index.js'),
      '--out',
      built,
      '--minify',
      '--quiet',
      '--no-cache',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

/** ncc minifies only what it calls the main file. */
function minifyChunks(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.js'))) {
    const file = path.join(folder, name);
    const { code, errors } = minifySync(name, readFileSync(file, 'utf8'), { module: true });
    if (errors.length > 0) throw new Error(`${name} cannot be minified: ${errors[0]!.message}`);
    writeFileSync(file, code);
  }
}

function stub(file: string): string {
  return `import { run } from './index.js';\nawait run(${JSON.stringify(file)});\n`;
}

/** The drift analyser is carried into an image of its own, so it is one file. */
async function bundleAnalyser(): Promise<void> {
  const input = path.join(root, 'packages', 'stats', 'src', 'analyser.ts');
  const bundle = await rolldown({ input, ...bundling });
  await bundle.write({
    file: path.join(built, 'analyser.mjs'),
    format: 'esm',
    minify: true,
    codeSplitting: false,
  });
}

/** Whether a source is newer than what was built of it. */
function isStale(): boolean {
  const built = statSync(path.join(dist, 'index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [
    'actions',
    'packages/github',
    'packages/pipeline',
    'packages/aws',
    'packages/image',
    'packages/stats',
    'scripts',
    'package-lock.json',
  ];
  return sources.some((source) => newest(path.join(root, source)) > built);
}

function newest(place: string): number {
  const { mtimeMs } = statSync(place);
  if (!statSync(place).isDirectory()) return mtimeMs;
  return Math.max(
    mtimeMs,
    ...readdirSync(place)
      .filter((name) => name !== 'node_modules' && !name.endsWith('.test.ts'))
      .map((name) => newest(path.join(place, name))),
  );
}

if (!process.argv.includes('--if-stale') || isStale()) {
  await build().finally(() => rmSync(staging, { recursive: true, force: true }));
}
