import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { modelPackages, objects } from '@tidegate/aws';
import { programImage } from './monitor/program-image.ts';
import { register, type RegisterSettings } from './register.ts';
import { provenance, stage, type Stage } from './testing/stage.ts';

let on: Stage;
let image: string;
let modelUri: string;
let etag: string;
beforeAll(async () => {
  on = await stage();
  const program = Buffer.from('process.exit()');
  image = await programImage(
    { repository: 'flight-delay', base: 'node:24-slim', at: '/opt/program/serve.cjs', program },
    on.surroundings,
  );
  modelUri = await on.put('models/1/model.tar.gz', 'a model');
  etag = (await objects(on.aws).find(modelUri))?.etag ?? '';
});
afterAll(async () => await on[Symbol.asyncDispose]());

async function report(change: object = {}): Promise<string> {
  const file = path.join(on.folder, 'gate.json');
  const content = {
    format: 'tidegate-gate/1',
    verdict: 'pass',
    findings: [],
    candidate: { modelUri, etag },
    baseline: { id: 'v1' },
    data: { digest: 'd1' },
    metrics: [{ metric: 'roc-auc', candidate: 0.6912345678 }],
    statisticsUri: 's3://flights/evaluation.json',
    ...change,
  };
  await writeFile(file, JSON.stringify(content));
  return file;
}

function settings(over: Partial<RegisterSettings>): RegisterSettings {
  return {
    model: 'flight-delay',
    description: 'Late flights.',
    image,
    modelUri,
    trainingJobName: undefined,
    reportPath: undefined,
    allowUnevaluated: false,
    approval: 'PendingManualApproval',
    environment: {},
    contentTypes: ['application/json'],
    responseTypes: ['application/json'],
    inferenceInstances: [],
    baselineStatisticsUri: undefined,
    baselineConstraintsUri: undefined,
    properties: { owner: 'flights' },
    tags: {},
    provenance,
    ...over,
  };
}

async function versions(): Promise<number> {
  let count = 0;
  for await (const _ of modelPackages(on.aws).versions('flight-delay')) count += 1;
  return count;
}

test('a version holds image, archive, evidence and where they come from; the same content again is the same version', async () => {
  const reportPath = await report();
  const first = await register(settings({ reportPath }), on.surroundings);
  expect(first).toMatchObject({
    group: 'flight-delay',
    version: 1,
    approval: 'PendingManualApproval',
    image,
    modelUri,
    reused: false,
  });
  expect(await modelPackages(on.aws).find(first.packageArn)).toMatchObject({
    commit: provenance.commit,
    repository: provenance.repository,
    qualityStatisticsUri: 's3://flights/evaluation.json',
    properties: {
      owner: 'flights',
      'metric-roc-auc': '0.691235',
      'content-digest': expect.stringMatching(/^[0-9a-f]{64}$/),
      'model-etag': etag,
      'data-digest': 'd1',
      'gate-verdict': 'pass',
      'gate-baseline': 'v1',
      'run-url': provenance.runUrl,
    },
  });
  const later = { ...provenance, commit: 'f'.repeat(40), runId: '102' };
  const again = await register(
    settings({ reportPath, provenance: later, approval: 'Approved' }),
    on.another(),
  );
  expect(again).toEqual({ ...first, reused: true, approval: 'Approved' });
  await modelPackages(on.aws).approve(first.packageArn, 'Rejected', 'not for us');
  expect(await register(settings({ reportPath, approval: 'Approved' }), on.another())).toMatchObject({
    approval: 'Rejected',
  });
  const other = await register(settings({ reportPath, environment: { THREADS: '2' } }), on.another());
  expect(other).toMatchObject({ version: 2, reused: false });
});

test('what no gate has passed is not registered', async () => {
  const failed = await report({
    verdict: 'fail',
    findings: [{ what: 'roc-auc 0.5 is below the required 0.7' }],
  });
  await expect(register(settings({ reportPath: failed }), on.surroundings)).rejects.toThrow(
    'The gate’s verdict is fail, so this model is not registered. Reason: roc-auc 0.5 is below the required 0.7',
  );
  await expect(register(settings({}), on.surroundings)).rejects.toThrow(/^No evaluation report: /);
  const allowed = await register(
    settings({ allowUnevaluated: true, environment: { MODE: 'try' } }),
    on.surroundings,
  );
  expect((await modelPackages(on.aws).find(allowed.packageArn))?.properties['gate-verdict']).toBe(
    'not-evaluated',
  );
});

test('a report about another archive proves nothing', async () => {
  const reportPath = await report({ candidate: { modelUri, etag: 'another' } });
  await expect(register(settings({ reportPath }), on.surroundings)).rejects.toThrow(
    `The evaluation report ${reportPath} is about ${modelUri} (another), not about ${modelUri} (${etag}).`,
  );
});

test.each([
  [
    'an image that is not there',
    { image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/flight-delay:v9' },
    /flight-delay:v9 does not exist/,
  ],
  [
    'an image elsewhere without a digest',
    { image: 'docker.io/library/python:3.12' },
    /is not in ECR, so give it by digest/,
  ],
  [
    'an archive that is not there',
    { modelUri: 's3://flights/none.tar.gz' },
    /The model archive s3:\/\/flights\/none.tar.gz does not exist/,
  ],
  [
    'a job that is not there',
    { modelUri: undefined, trainingJobName: 'none' },
    /The training job none does not exist/,
  ],
])('%s is named, and nothing is registered', async (_, over, message) => {
  const before = await versions();
  await expect(register(settings({ allowUnevaluated: true, ...over }), on.surroundings)).rejects.toThrow(
    message,
  );
  expect(await versions()).toBe(before);
});
