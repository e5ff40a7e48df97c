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
import { rolldown, type OutputChunk, type Plugin, type RolldownOptions, type RolldownOutput } from 'rolldown';
import { minifySync } from 'rolldown/utils';
import { licences } from './licences.ts';
import { unmodelledErrors } from './unmodelled-errors.ts';

/*
 * TypeScript → rolldown (one graph, tree-shaken, a chunk an action) → ncc (no dependency left) → minified → dist/.
 * Every user downloads dist/ at the start of every job, so what actions share is in it once. The statistics are in a file of their
 * own, which actions load and which is, as it is, the analyser's program in images.
 */

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
// Of this process alone: a second build beside it must not take its files away.
const staging = path.join(root, '.tidegate', `build-${process.pid}`);
const built = path.join(staging, 'ncc');
const github = path.join(root, 'packages', 'github', 'src');

const bundling: RolldownOptions = {
  platform: 'node',
  plugins: [unmodelledErrors],
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

/** The statistics, beside the chunks that use them. */
const analyser = './analyser.mjs';
const statistics = '@tidegate/stats';

/** Loads the file when a chunk that needs it is loaded: ncc would have every action load it at its start. */
const statisticsBeside = (names: readonly string[]): Plugin => ({
  name: 'statistics-beside',
  resolveId: (id) => (id === statistics ? `\0${id}` : null),
  load: (id) =>
    id === `\0${statistics}`
      ? `export const { ${names.join(', ')} } = await import(/* webpackIgnore: true */ import.meta.resolve('${analyser}'));`
      : null,
});

/**
 * Besides what every start needs, two chunks: the manifest's reader, and all the rest. A chunk for each action would repeat what they share,
 * and every user downloads all of them; what is in a chunk and not called is not compiled.
 */
const manifest = /packages\/pipeline\/src\/manifest|node_modules\/yaml\/|actions\/manifest\.ts/;
const started =
  /^actions\/(?:[^/]+\/(?:main|post|contract|inputs)|endpoint-inputs|network|map-problems)\.ts$/;
const chunkGroups = [
  { name: 'manifest', test: manifest },
  { name: 'steps', test: (id: string) => isOfSteps(path.relative(root, id)) },
];

function isOfSteps(file: string): boolean {
  if (file.startsWith('actions/')) return !started.test(file);
  if (file.endsWith('user-error.ts')) return false;
  return /^(packages\/(aws|image|pipeline|stats)|node_modules\/(@smithy|@aws-sdk|@aws|hyparquet))\//.test(
    file,
  );
}

async function build(): Promise<void> {
  const started = performance.now();
  mkdirSync(staging, { recursive: true });
  const actions = actionFolders();
  const { chunks, statisticsUsed } = await bundleActions(actions);
  runNcc();
  minifyChunks(built);
  for (const { name, file } of actions) writeFileSync(path.join(built, `${name}.js`), stub(file));
  const handler = await bundleFunction();
  const names = new Set([...statisticsUsed, ...namesFrom(handler, analyser)]);
  chunks.push(...handler, ...(await bundleAnalyser([...names].sort())));
  writeFileSync(path.join(built, 'licenses.txt'), licences(chunks.flatMap(({ moduleIds }) => moduleIds)));
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

async function bundleActions(
  actions: readonly { file: string }[],
): Promise<{ chunks: OutputChunk[]; statisticsUsed: string[] }> {
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
  const first = await rolldown({ ...bundling, input: entry, external: [/^node:/, statistics] });
  const statisticsUsed = namesFrom(await chunksOf(first.generate({ format: 'esm' })), statistics);
  const bundle = await rolldown({ ...bundling, input: entry, plugins: [statisticsBeside(statisticsUsed)] });
  const chunks = await chunksOf(
    bundle.write({
      dir: path.join(staging, 'esm'),
      format: 'esm',
      entryFileNames: 'index.js',
      chunkFileNames: '[name].js',
      codeSplitting: { groups: chunkGroups, includeDependenciesRecursively: false },
      minify: true,
    }),
  );
  writeFileSync(path.join(staging, 'esm', 'package.json'), '{ "type": "module" }');
  return { chunks, statisticsUsed };
}

async function chunksOf(output: Promise<RolldownOutput>): Promise<OutputChunk[]> {
  return (await output).output.filter((each) => each.type === 'chunk');
}

/** What chunks import by name from a module that is not a part of them. */
function namesFrom(chunks: readonly OutputChunk[], module: string): string[] {
  const found = chunks.flatMap(({ code }) =>
    [...code.matchAll(/import\s*\{([^}]*)\}\s*from\s*["']([^"']+)["']/g)]
      .filter(([, , from]) => from === module)
      .flatMap(([, names = '']) => names.split(',').map((name) => name.trim().split(' as ')[0] ?? '')),
  );
  return [...new Set(found)].sort();
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

/** The drift analyser is carried into an image of its own, so it is one file; `names` of it are what actions use. */
async function bundleAnalyser(names: readonly string[]): Promise<OutputChunk[]> {
  const stats = path.join(root, 'packages', 'stats', 'src');
  const entry = path.join(staging, 'analyser.js');
  const program = path.join(stats, 'analyser.ts');
  writeFileSync(
    entry,
    `import ${JSON.stringify(program)};\nexport { ${names.join(', ')} } from ${JSON.stringify(path.join(stats, 'index.ts'))};\n`,
  );
  const bundle = await rolldown({
    input: entry,
    ...bundling,
    treeshake: { moduleSideEffects: (id) => id === program },
  });
  return await chunksOf(
    bundle.write({
      file: path.join(built, analyser),
      format: 'esm',
      minify: true,
      codeSplitting: false,
    }),
  );
}

/** The analyser's Lambda handler loads the same statistics, and the SDK that Lambda's own runtime has. */
async function bundleFunction(): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    ...bundling,
    input: path.join(root, 'packages/pipeline/src/monitor/engines/function-handler.ts'),
    external: [/^node:/, /^@aws-sdk\//],
    plugins: [
      {
        name: 'statistics-beside',
        resolveId: (id) => (id === statistics ? { id: analyser, external: true } : null),
      },
    ],
  });
  const file = path.join(built, 'analyser-function.mjs');
  return await chunksOf(bundle.write({ file, format: 'esm', minify: true, codeSplitting: false }));
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
