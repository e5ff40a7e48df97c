import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';

/*
 * TypeScript → rolldown (one graph, tree-shaken, a chunk an action) → ncc (no dependency left, licences kept) → dist/.
 * Every user downloads dist/ at the start of every job, so what actions share is in it once.
 */

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const staging = path.join(root, '.tidegate', 'build');

async function build(): Promise<void> {
  const started = performance.now();
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const actions = actionFolders();
  await bundleActions(actions);
  runNcc();
  rmSync(dist, { recursive: true, force: true });
  cpSync(path.join(staging, 'ncc'), dist, { recursive: true });
  cpSync(path.join(staging, 'licenses.txt'), path.join(dist, 'licenses.txt'));
  for (const { name, file } of actions) writeFileSync(path.join(dist, `${name}.js`), stub(file));
  await bundleAnalyser();
  cpSync(path.join(root, 'packages', 'image', 'server'), path.join(dist, 'server'), {
    recursive: true,
    filter: (source) => !source.includes('__pycache__'),
  });
  rmSync(staging, { recursive: true, force: true });
  console.log(
    `built dist/ for ${actions.length} steps in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
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
  writeFileSync(
    entry,
    `const steps = {\n${cases.join('\n')}\n};\nexport const run = (step) => steps[step]();\n`,
  );
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    resolve: {
      alias: { undici: path.join(root, 'scripts', 'undici-of-node.ts') },
      mainFields: ['module', 'main'],
      conditionNames: ['import', 'module', 'node', 'default'],
    },
    treeshake: { moduleSideEffects: false },
    external: [/^node:/],
    checks: { circularDependency: false },
  });
  const { output } = await bundle.write({
    dir: path.join(staging, 'esm'),
    format: 'esm',
    entryFileNames: 'index.js',
    chunkFileNames: '[name].js',
    minify: true,
  });
  writeFileSync(
    path.join(staging, 'licenses.txt'),
    licences(output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []))),
  );
  writeFileSync(path.join(staging, 'esm', 'package.json'), '{ "type": "module" }');
}

/** The licence of every package that the bundle holds code of; after tree shaking only rolldown knows which. */
function licences(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []));
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(path.join(folder, 'package.json'), 'utf8'),
      ) as Record<string, string>;
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      const text = file === undefined ? '' : `\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
      return `${name} ${version} (${license})\n${text}`;
    })
    .join('\n');
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
      path.join(staging, 'ncc'),
      '--minify',
      '--quiet',
      '--no-cache',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

function stub(file: string): string {
  return `import { run } from './index.js';\nawait run(${JSON.stringify(file)});\n`;
}

/** The drift analyser is carried into an image of its own, so it is one file. */
async function bundleAnalyser(): Promise<void> {
  const bundle = await rolldown({
    input: path.join(root, 'packages', 'stats', 'src', 'analyser.ts'),
    platform: 'node',
    external: [/^node:/],
  });
  await bundle.write({
    file: path.join(dist, 'analyser.mjs'),
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

if (!process.argv.includes('--if-stale') || isStale()) await build();
