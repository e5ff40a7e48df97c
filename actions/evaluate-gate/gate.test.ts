import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { objects } from '@tidegate/aws';
import { startLocalGithub, type LocalGithub } from '@tidegate/local-github';
import { tarOfFiles } from '../../packages/pipeline/src/testing/archive.ts';
import { commitAll } from '../../packages/pipeline/src/testing/repository.ts';
import { stage, type Stage } from '../../packages/pipeline/src/testing/stage.ts';

const repository = 'octo/flights';
const script = `
import os
skill = float(open(os.path.join(os.environ["TIDEGATE_MODEL_DIR"], "skill.txt")).read())
with open(os.path.join(os.environ["TIDEGATE_OUTPUT_DIR"], "predictions.csv"), "w") as out:
    print("label,prediction", file=out)
    for i in range(2000):
        print(i % 2, 0.4 + 0.4 * (i % 2) * ((i // 2) * 0.618034 % 1 < skill) + 0.1 * (i * 0.7548777 % 1), sep=",", file=out)
`;

let on: Stage;
let github: LocalGithub;
let pullRequest: number;
let sha: string;

beforeAll(async () => {
  on = await stage();
  const folder = path.join(on.folder, 'repository');
  const first = commitAll(folder, { 'README.md': 'flights\n' });
  github = await startLocalGithub({
    directory: path.join(on.folder, 'github'),
    repositories: { [repository]: folder },
  });
  await github.push(repository, { sha: first });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      encoding: 'utf8',
    });
  git('switch', '--quiet', '--create', 'idea');
  git('commit', '--quiet', '--allow-empty', '--message', 'An idea');
  sha = git('rev-parse', 'HEAD').trim();
  pullRequest = (await github.openPullRequest(repository, { head: 'idea', title: 'An idea' })).number;
  await on.write({ 'model/evaluate.py': script });
  await on.put('holdout/04.csv', 'x\n');
});
afterAll(async () => {
  await github.close();
  await on[Symbol.asyncDispose]();
});

async function gate(name: string, skill: number, inputs: Record<string, string> = {}) {
  const model = `s3://flights/models/${name}/model.tar.gz`;
  await objects(on.aws).upload(model, { bytes: gzipSync(tarOfFiles({ 'skill.txt': String(skill) })) });
  const file = (kind: string, text = '') => {
    const target = path.join(on.folder, `${name}-${kind}`);
    writeFileSync(target, text);
    return target;
  };
  const [output, summary] = [file('output'), file('summary')];
  const given = {
    model: 'flight-delay',
    'role-arn': on.role,
    'model-artifacts-uri': model,
    image: 'scikit-learn:1.4',
    source: 'model',
    entry: 'evaluate.py',
    'instance-type': 'ml.m5.xlarge',
    data: 's3://flights/holdout/*.csv',
    metrics: '{"roc-auc": {"at-least": 0.7, "not-below-live-by": 0.01}}',
    'github-token': github.token,
    ...inputs,
  };
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...on.local.environment,
      ...Object.fromEntries(
        Object.entries(given).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value]),
      ),
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_STATE: file('state'),
      GITHUB_EVENT_PATH: file(
        'event',
        JSON.stringify({ pull_request: { number: pullRequest, head: { sha }, base: { ref: 'main' } } }),
      ),
      GITHUB_API_URL: github.apiUrl,
      GITHUB_SERVER_URL: github.serverUrl,
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ID: '7',
      GITHUB_SHA: sha,
      GITHUB_WORKSPACE: on.folder,
      RUNNER_TEMP: on.folder,
    },
  });
  const [code] = (await once(child, 'close')) as [number];
  const outputs = Object.fromEntries(
    [...readFileSync(output, 'utf8').matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map(
      ([, key, , value]) => [key!, value!],
    ),
  );
  return { code, outputs, summary: readFileSync(summary, 'utf8') };
}

async function fromGithub<T>(route: string): Promise<T> {
  const answer = await fetch(`${github.apiUrl}/repos/${repository}/${route}`, {
    headers: { authorization: `Bearer ${github.token}` },
  });
  return (await answer.json()) as T;
}

test('a pull request gets one comment and a check, and both follow the verdict', async () => {
  const bad = await gate('bad', 0.1);
  expect(bad.code).toBe(1);
  expect(bad.outputs).toMatchObject({
    verdict: 'fail',
    passed: 'false',
    status: 'fail',
    'failed-metrics': 'roc-auc',
    'failure-reason': expect.stringMatching(/^flight-delay: fail: roc-auc 0\.\d+ is below the required 0\.7/),
  });
  const good = await gate('good', 0.9);
  expect(good.code).toBe(0);
  expect(good.outputs).toMatchObject({
    verdict: 'pass',
    passed: 'true',
    'failed-metrics': '',
    'baseline-id': '',
    'failure-reason': '',
  });
  expect(JSON.parse(readFileSync(good.outputs['report-path']!, 'utf8'))).toMatchObject({
    format: 'tidegate-gate/1',
    verdict: 'pass',
    commit: sha,
  });

  const comments = await fromGithub<{ body: string }[]>(`issues/${pullRequest}/comments`);
  expect(comments.map(({ body }) => body.split('\n').filter((line) => line.startsWith('###')))).toEqual([
    ['### ✅ flight-delay: good enough for production'],
  ]);
  expect(good.summary).toContain('### ✅ flight-delay: good enough for production');
  const { check_runs: checks } = await fromGithub<{
    check_runs: { name: string; conclusion: string; output: { title: string } }[];
  }>(`commits/${sha}/check-runs`);
  expect(checks.map(({ name, conclusion }) => [name, conclusion])).toContainEqual([
    'tidegate: flight-delay',
    'success',
  ]);
});

test('an open question fails the step unless only failures shall, and never counts as passed', async () => {
  const strict = await gate('open', 0.8, { 'min-samples': '5000' });
  expect({ code: strict.code, ...strict.outputs }).toMatchObject({
    code: 1,
    verdict: 'inconclusive',
    passed: 'false',
  });
  const lenient = await gate('open', 0.8, { 'min-samples': '5000', 'fail-on': 'fail' });
  expect({ code: lenient.code, ...lenient.outputs }).toMatchObject({
    code: 0,
    verdict: 'inconclusive',
    passed: 'false',
  });
});

test('a token that may not comment is a warning; the verdict stands', async () => {
  const { code, outputs } = await gate('mute', 0.9, { 'github-token': 'nobody' });
  expect({ code, ...outputs }).toMatchObject({ code: 0, verdict: 'pass', passed: 'true' });
});

test.each([
  [
    'metrics',
    '{"roc-auc": {"atleast": 0.7}}',
    'has roc-auc.atleast; there are at-least, at-most, not-below-live-by, not-above-live-by',
  ],
  ['metrics', '{}', 'names no metric, so everything would pass'],
  ['slices', '{"roc-auc": {"at-least": 0.5}}', 'needs "by": the columns whose every value is a slice'],
  ['baseline', 'champion', 'is not live, main, release, none or a model package ARN'],
  ['confidence', '1', '1 is not between 0.5 and 1'],
])('%s %s is refused before anything is called', async (input, value, sentence) => {
  const { code, outputs } = await gate('refused', 0.9, { [input]: value });
  expect(code).toBe(1);
  expect(outputs['failure-reason']).toContain(sentence);
});
