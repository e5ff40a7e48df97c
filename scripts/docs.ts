import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commonInputs, commonOutputs, manifestKeys, type Contract } from '@tidegate/github';
import { manifestJsonSchema, manifestReference } from '@tidegate/pipeline';
import * as prettier from 'prettier';
import { stringify } from 'yaml';
import { specMarkdown } from '../packages/local-aws/src/spec.ts';
import { kernelsModule } from './kernels.ts';

/* Writes what is derived from code: action.yml and README tables, the manifest's schema and reference, the kernels of packages/stats. `--check` only compares. */

const root = path.resolve(import.meta.dirname, '..');
const checking = process.argv.includes('--check');
const stale: string[] = [];

for (const name of actionNames()) {
  const { contract } = (await import(path.join(root, 'actions', name, 'contract.ts'))) as {
    contract: Contract;
  };
  await derive(`actions/${name}/action.yml`, actionYaml(contract));
  await deriveBetween(`actions/${name}/README.md`, 'contract', contractTables(contract));
}
await derive('schema/tidegate.schema.json', JSON.stringify(manifestJsonSchema()));
await deriveBetween('docs/manifest.md', 'reference', manifestReference());
await deriveBetween('README.md', 'actions', await actionTable());
await derive('packages/local-aws/SPEC.md', await specMarkdown());
await derive('packages/stats/src/kernels/code.ts', kernelsModule());

if (stale.length > 0) {
  console.error(
    `not what the code says: ${stale.join(', ')}\nrun \`npm run docs\` and commit what it writes`,
  );
  process.exitCode = 1;
}

function actionNames(): string[] {
  return readdirSync(path.join(root, 'actions')).filter((name) =>
    existsSync(path.join(root, 'actions', name, 'contract.ts')),
  );
}

async function derive(file: string, text: string): Promise<void> {
  const target = path.join(root, file);
  const formatted = await prettier.format(text, {
    ...(await prettier.resolveConfig(target)),
    filepath: target,
  });
  const current = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  if (current === formatted) return;
  if (checking) {
    stale.push(file);
    return;
  }
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, formatted);
}

/** Replaces what stands between two comments of a Markdown file, and leaves the prose around it alone. */
async function deriveBetween(file: string, mark: string, text: string): Promise<void> {
  const target = path.join(root, file);
  const [open, close] = [`<!-- ${mark}: made by npm run docs -->`, `<!-- /${mark} -->`];
  const current = existsSync(target) ? readFileSync(target, 'utf8') : '';
  const [from, to] = [current.indexOf(open), current.indexOf(close)];
  if (from < 0 || to < from) {
    stale.push(`${file} (it lacks the lines ${open} and ${close})`);
    return;
  }
  const updated = `${current.slice(0, from)}${open}\n\n${text.trim()}\n\n${current.slice(to)}`;
  if (updated === current) return;
  if (checking) stale.push(file);
  else writeFileSync(target, updated);
}

function actionYaml(contract: Contract): string {
  const { name, description, inputs, outputs, post } = contract;
  const document = {
    name: `Tidegate ${name}`,
    description,
    author: 'Tidegate',
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([input, each]) => {
        const { description: what, required, default: value } = each;
        const keys = manifestKeys(each);
        return [
          input,
          {
            description: keys.length === 0 ? what : `${what} In the manifest: ${keys.join(' or ')}.`,
            required: required && keys.length === 0,
            ...(value === undefined ? {} : { default: value }),
          },
        ];
      }),
    ),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([output, what]) => [output, { description: what }]),
    ),
    runs: {
      using: 'node24',
      main: `../../dist/${name}.js`,
      ...(post === true ? { post: `../../dist/${name}-post.js` } : {}),
    },
  };
  return `# Made from contract.ts by \`npm run docs\`.\n${stringify(document, { lineWidth: 0 })}`;
}

function contractTables({ inputs, outputs }: Contract): string {
  const inputRows = ordered(inputs, commonInputs).map(([input, each]) => {
    const { description, required, default: value } = each;
    const manifest = manifestKeys(each).map(code).join(' or ');
    const otherwise = value !== undefined ? code(value) : required ? '**required**' : '';
    return `| \`${input}\` | ${cell(description)} | ${manifest} | ${otherwise} |`;
  });
  const outputRows = ordered(outputs, commonOutputs).map(
    ([output, description]) => `| \`${output}\` | ${cell(description)} |`,
  );
  return [
    '| Input | What it is | In `tidegate.yml` | Otherwise |',
    '|---|---|---|---|',
    ...inputRows,
    '',
    '| Output | What it is |',
    '|---|---|',
    ...outputRows,
  ].join('\n');
}

/** An action's own entries first, then those that every action has. */
function ordered<T>(all: Readonly<Record<string, T>>, common: object): [string, T][] {
  return Object.entries(all).sort(([a], [b]) => Number(a in common) - Number(b in common));
}

async function actionTable(): Promise<string> {
  const rows = await Promise.all(
    actionNames().map(async (name) => {
      const { contract } = (await import(path.join(root, 'actions', name, 'contract.ts'))) as {
        contract: Contract;
      };
      return `| [\`${name}\`](actions/${name}/README.md) | ${cell(contract.description)} |`;
    }),
  );
  return ['| Action | What it does |', '|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}
