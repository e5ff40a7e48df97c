import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getOctokit } from '@actions/github';
import { expect, test } from '@jest/globals';
import { commit, conclusions, logOf, runOnce, startTestGithub } from '../testing/github.ts';

const workflow = (text: string) => `on: push\njobs:\n${text.trim().replaceAll(/^/gm, '  ')}\n`;
const job = (id: string, steps: string, more = '') =>
  `${id}:\n  runs-on: x\n${more}  steps:\n${steps.trim().replaceAll(/^/gm, '    ')}\n`;
const words = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('> '))
    .map((line) => line.slice(2));

test('checkout gives the commit of the run, on its branch, and keeps credentials only if it may', async () => {
  const { run, log } = await runOnce(
    workflow(
      job(
        'a',
        `
- uses: actions/checkout@v4
- run: |
    echo "> $(git rev-parse HEAD) $(git branch --show-current) $(git status --porcelain | wc -l) $(git log --oneline | wc -l)"
    echo "> $(git config --get-regexp extraheader | wc -l)"
- { uses: actions/checkout@v4, with: { path: whole, fetch-depth: 0, persist-credentials: false } }
- working-directory: whole
  run: echo "> $(git log --oneline | wc -l) $(git config --get-regexp extraheader | wc -l)"`,
      ),
    ),
    { files: { '.gitignore': 'whole' } },
  );
  expect(words(log)).toEqual([`${run.sha} main 0 1`, '1', '2 0']);
});

test('checkout takes a ref, another repository and a sparse path, and names what is not there', async () => {
  await using github = await startTestGithub();
  const first = commit(github.model, { 'x.txt': 'first' });
  await github.push('acme/model', { tag: 'v1', sha: first });
  const [run] = await github.commitAndPush({
    'x.txt': 'second',
    '.github/workflows/test.yml': workflow(
      job(
        'a',
        `
- { uses: actions/checkout@v4, with: { ref: v1, path: old } }
- run: echo "> $(cat old/x.txt)"
- { uses: actions/checkout@v4, with: { repository: acme/nothing } }`,
      ),
    ),
  });
  expect(run && words(logOf(run))).toEqual(['first']);
  expect(run?.jobs[0]?.annotations.map(({ message }) => message)).toEqual([
    "Repository 'acme/nothing' is not on this machine.",
  ]);
});

test('artifacts go from job to job, have the smallest common folder as their root, and are downloaded as a zip', async () => {
  await using github = await startTestGithub();
  const [run] = await github.commitAndPush({
    '.github/workflows/test.yml': workflow(
      job(
        'make',
        `
- run: mkdir -p out/deep && echo one > out/one.txt && echo two > out/deep/two.txt && echo three > other.log && echo no > out/skip.md
- { id: up, uses: actions/upload-artifact@v4, with: { name: report, path: "out/**\\n!out/**/*.md" } }
- { uses: actions/upload-artifact@v4, with: { name: single, path: other.log } }
- { uses: actions/upload-artifact@v4, with: { name: none, path: nothing/* } }
- { uses: actions/upload-artifact@v4, continue-on-error: true, with: { name: none, path: nothing/*, if-no-files-found: error } }
- { uses: actions/upload-artifact@v4, continue-on-error: true, with: { name: single, path: other.log } }
- run: echo "> \${{ steps.up.outputs.artifact-id }} \${{ steps.up.outputs.artifact-digest != '' }}"`,
      ) +
        job(
          'take',
          `
- { uses: actions/download-artifact@v4, with: { name: report, path: got } }
- uses: actions/download-artifact@v4
- run: echo "> $(find . -type f | sort | tr '\\n' ' ')"
- { uses: actions/download-artifact@v4, with: { name: missing } }`,
          '  needs: make\n',
        ),
    ),
  });
  expect(run && words(logOf(run))).toEqual([
    '1 true',
    './got/deep/two.txt ./got/one.txt ./report/deep/two.txt ./report/one.txt ./single/other.log ',
  ]);
  expect(run && conclusions(run)).toEqual(['make: success', 'take: failure']);
  expect(
    run?.jobs.flatMap(({ annotations }) => annotations.map(({ message }) => message.slice(0, 60))),
  ).toEqual([
    'No files were found with the provided path: nothing/*. No ar',
    'No files were found with the provided path: nothing/*. No ar',
    'Failed to CreateArtifact: Received non-retryable error: (409',
    'Unable to download artifact(s): Artifact not found for name:',
  ]);
  const { actions } = getOctokit(github.token, { baseUrl: github.apiUrl }).rest;
  const where = { owner: 'acme', repo: 'model' };
  const { data } = await actions.listWorkflowRunArtifacts({ ...where, run_id: run?.id ?? 0 });
  expect(data.artifacts.map(({ name }) => name)).toEqual(['single', 'report']);
  const zip = Buffer.from(
    (await actions.downloadArtifact({ ...where, artifact_id: 1, archive_format: 'zip' })).data as ArrayBuffer,
  );
  expect([zip.readUInt32LE(0), zip.includes('deep/two.txt'), zip.length]).toEqual([
    0x04034b50,
    true,
    data.artifacts[1]?.size_in_bytes,
  ]);
});

test('a cache is saved after a job that went well, and found again by key or by the start of one', async () => {
  await using github = await startTestGithub();
  const cached = (key: string) =>
    workflow(
      job(
        'a',
        `
- { id: c, uses: actions/cache@v4, with: { path: deps, key: ${key}, restore-keys: deps- } }
- run: echo "> [\${{ steps.c.outputs.cache-hit }}] $(cat deps/x 2>/dev/null)"; mkdir -p deps; echo ${key} > deps/x`,
      ),
    );
  const push = async (key: string, note: string) => {
    const [run] = await github.commitAndPush({ note, '.github/workflows/test.yml': cached(key) });
    return run && words(logOf(run));
  };
  expect([await push('deps-1', 'a'), await push('deps-1', 'b'), await push('deps-2', 'c')]).toEqual([
    ['[] '],
    ['[true] deps-1'],
    ['[false] deps-1'],
  ]);
});

test('setup-python and setup-node put what is on the machine first on the path', async () => {
  const { run, log } = await runOnce(
    workflow(
      job(
        'a',
        `
- { id: py, uses: actions/setup-python@v5, with: { python-version: '3.x' } }
- { id: node, uses: actions/setup-node@v4, with: { node-version: 18 } }
- run: |
    echo "> $(python -c 'import sys; print(sys.prefix == sys.exec_prefix and sys.prefix.startswith("'$RUNNER_TEMP'"))') $(node --version)"
    test "$(python --version)" = "Python \${{ steps.py.outputs.python-version }}"`,
      ),
    ),
  );
  expect([conclusions(run), words(log)]).toEqual([['a: success'], [`True ${process.version}`]]);
  expect(run.jobs[0]?.annotations.map(({ message }) => message)).toEqual([
    `Node 18 is not on this machine: ${process.versions.node} stands in for it.`,
  ]);
});

test('configure-aws-credentials takes the role at the local STS, for the job only, with secrets hidden', async () => {
  const asked: URLSearchParams[] = [];
  const sts = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push(new URLSearchParams(body));
      response.end(
        '<R><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>very-secret</SecretAccessKey><SessionToken>session-1</SessionToken></Credentials></R>',
      );
    });
  });
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${(sts.address() as AddressInfo).port}` };
  const steps = job(
    'a',
    `
- { id: aws, uses: aws-actions/configure-aws-credentials@v5, with: { role-to-assume: 'arn:aws:iam::123456789012:role/ship', aws-region: eu-west-1 } }
- run: echo "> $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_REGION \${{ steps.aws.outputs.aws-account-id }}"`,
    '  permissions: { id-token: write }\n',
  );
  const { run, log } = await runOnce(workflow(steps), { environment });
  sts.close();
  expect([conclusions(run), words(log)]).toEqual([['a: success'], ['ASIA1 *** eu-west-1 123456789012']]);
  const claims = JSON.parse(
    Buffer.from(asked[0]?.get('WebIdentityToken')?.split('.')[1] ?? '', 'base64url').toString(),
  ) as { sub: string; aud: string };
  expect([asked[0]?.get('Action'), asked[0]?.get('RoleArn'), claims.sub, claims.aud]).toEqual([
    'AssumeRoleWithWebIdentity',
    'arn:aws:iam::123456789012:role/ship',
    'repo:acme/model:ref:refs/heads/main',
    'sts.amazonaws.com',
  ]);
});
