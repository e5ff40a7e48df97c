import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../terminal/errors.ts';
import { mark, style } from '../terminal/style.ts';
import { parseCommandLine } from './arguments.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const example = path.join(root, 'workflows-examples', 'flight-delay');

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(
    args,
    { model: { type: 'string' }, force: { type: 'boolean', default: false } },
    [0, 1],
  );
  const folder = path.resolve(positionals[0] ?? '.');
  if (!existsSync(folder)) throw new UserError(`${folder} does not exist`);
  const model = values.model ?? path.basename(folder).replaceAll(/[^a-zA-Z0-9]+/g, '-');
  const files: Record<string, string> = { 'tidegate.yml': manifest(folder, model) };
  for (const name of ['model.yml', 'drift.yml', 'roll-back.yml']) {
    const text = readFileSync(path.join(example, '.github', 'workflows', name), 'utf8');
    files[path.join('.github', 'workflows', name)] = text.replaceAll('flight-delay', model);
  }
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(folder, file);
    if (existsSync(target) && !values.force) {
      console.log(`${mark('skipped')} ${file} ${style.dim('is there already; --force writes it anew')}`);
      continue;
    }
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
    console.log(`${mark('good')} ${file}`);
  }
  console.log(`\nNext: put your account, buckets and thresholds where tidegate.yml says "yours", then
  npx tidegate validate
  npx tidegate run`);
  return 0;
}

/** The example’s manifest with this repository’s own files where they can be told. */
function manifest(folder: string, model: string): string {
  const source =
    ['model', 'src', 'training', '.'].find((each) => scriptIn(path.join(folder, each), /^train/)) ?? 'model';
  const serving =
    ['serving', 'inference', 'src', '.'].find((each) =>
      scriptIn(path.join(folder, each), /^(inference|serve)/),
    ) ?? 'serving';
  return `model: ${model}
role: arn:aws:iam::123456789012:role/${model}-sagemaker        # yours: the role that SageMaker assumes

train:
  image: scikit-learn:1.4
  source: ${source}
  entry: ${scriptIn(path.join(folder, source), /^train/) ?? 'train.py'}
  instance: ml.m5.xlarge
  data: { train: 's3://${model}-data/train/*.parquet' }        # yours
  max-runtime: 1h

evaluate:
  entry: ${scriptIn(path.join(folder, source), /^eval/) ?? 'evaluate.py'}
  data: s3://${model}-data/holdout/*.parquet                   # yours
  label: label                                                 # yours: the column of predictions.csv that holds the truth
  metrics:
    roc-auc: { at-least: 0.7, not-below-live-by: 0.005 }       # yours

image:
  base: python:3.12-slim
  source: ${serving}
${existsSync(path.join(folder, serving, 'requirements.txt')) ? '  requirements: requirements.txt\n' : ''}  entry: ${scriptIn(path.join(folder, serving), /^(inference|serve)/) ?? 'inference.py'}

deploy:
  endpoint: ${model}
  instance: ml.m5.large
  count: 2
  strategy: canary
  canary-percent: 10
  bake: 10m
  rollback-on: { error-rate: 1%, p99-latency: 500ms }
  smoke: examples/request.json                                 # yours: a request that the endpoint must answer

monitor:
  capture: 20%
  drift: { measure: psi, warn: 0.1, fail: 0.2, min-samples: 1000 }
  on-drift: alert
`;
}

function scriptIn(folder: string, name: RegExp): string | undefined {
  return existsSync(folder)
    ? readdirSync(folder).find((file) => file.endsWith('.py') && name.test(file))
    : undefined;
}
