import { getOctokit } from '@actions/github';
import { expect, test } from '@jest/globals';
import { commit, startTestGithub } from '../testing/github.ts';

const where = { owner: 'acme', repo: 'model' };
type Github = Awaited<ReturnType<typeof startTestGithub>>;
const api = (github: Github, token = github.token) => getOctokit(token, { baseUrl: github.apiUrl }).rest;

async function withPullRequest(github: Github): Promise<number> {
  await github.commitAndPush({ 'model.txt': '1' });
  commit(github.model, { 'model.txt': '2' }, { branch: 'better' });
  return (await github.openPullRequest('acme/model', { head: 'better', title: 'A better model' })).number;
}

test('comments are created, changed, deleted, and listed page by page with a Link header', async () => {
  await using github = await startTestGithub();
  const { issues } = api(github);
  const issue_number = await withPullRequest(github);
  for (const body of ['first', 'second', 'third'])
    await issues.createComment({ ...where, issue_number, body });
  const { data, headers } = await issues.listComments({ ...where, issue_number, per_page: 2 });
  expect(data.map(({ body, user }) => [body, user?.login])).toEqual([
    ['first', 'you'],
    ['second', 'you'],
  ]);
  expect(headers.link).toContain(
    `/repos/acme/model/issues/${issue_number}/comments?per_page=2&page=2>; rel="next"`,
  );

  const comment_id = data[0]?.id ?? 0;
  await issues.updateComment({ ...where, comment_id, body: 'changed' });
  await issues.deleteComment({ ...where, comment_id: data[1]?.id ?? 0 });
  const octokit = getOctokit(github.token, { baseUrl: github.apiUrl });
  const left = await octokit.paginate(octokit.rest.issues.listComments, {
    ...where,
    issue_number,
    per_page: 1,
  });
  expect(left.map(({ body }) => body)).toEqual(['changed', 'third']);
});

test('a comment longer than 65536 characters is refused in words that GitHub uses', async () => {
  await using github = await startTestGithub();
  const issue_number = await withPullRequest(github);
  const body = 'x'.repeat(65_537);
  await expect(api(github).issues.createComment({ ...where, issue_number, body })).rejects.toThrow(
    'Body is too long (maximum is 65536 characters)',
  );
});

test('what does not exist is 404, what is not built is 501 and says so, and a wrong token is 401', async () => {
  await using github = await startTestGithub();
  const octokit = getOctokit(github.token, { baseUrl: github.apiUrl });
  const statusOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 200,
      ({ status, message }: { status: number; message: string }) => [status, message.split(' - ')[0]],
    );
  expect(await statusOf(octokit.rest.issues.listComments({ ...where, issue_number: 99 }))).toEqual([
    404,
    'Not Found',
  ]);
  expect(await statusOf(octokit.rest.repos.get({ owner: 'acme', repo: 'other' }))).toEqual([
    404,
    'Not Found',
  ]);
  expect(await statusOf(octokit.rest.repos.listForks(where))).toEqual([
    501,
    'GET /repos/acme/model/forks is not built in this local GitHub.',
  ]);
  expect(await statusOf(getOctokit('ghs_wrong', { baseUrl: github.apiUrl }).rest.repos.get(where))).toEqual([
    401,
    'Bad credentials',
  ]);
});

test('a success makes earlier deployments inactive, except those to production, which is the rule GitHub has', async () => {
  await using github = await startTestGithub();
  await github.commitAndPush({ 'model.txt': '1' });
  const { repos } = api(github);
  const deploy = async (environment: string) => {
    const created = await repos.createDeployment({
      ...where,
      ref: 'main',
      environment,
      auto_merge: false,
      required_contexts: [],
      payload: { package: 'v1' },
    });
    const deployment_id = (created.data as { id: number }).id;
    for (const state of ['in_progress', 'success'] as const)
      await repos.createDeploymentStatus({ ...where, deployment_id, state });
    return deployment_id;
  };
  const states = async (deployment_id: number) =>
    (await repos.listDeploymentStatuses({ ...where, deployment_id })).data.map(({ state }) => state);
  const [staging, production] = [await deploy('staging'), await deploy('production')];
  const [later] = [await deploy('staging'), await deploy('production')];
  expect(await states(staging)).toEqual(['inactive', 'success', 'in_progress']);
  expect(await states(later)).toEqual(['success', 'in_progress']);
  expect(await states(production)).toEqual(['success', 'in_progress']);
  const { data } = await repos.listDeployments({ ...where, environment: 'staging' });
  expect(
    data.map(({ id, payload, production_environment }) => ({ id, payload, production_environment })),
  ).toEqual([
    { id: later, payload: { package: 'v1' }, production_environment: false },
    { id: staging, payload: { package: 'v1' }, production_environment: false },
  ]);
});

test('check runs are created, completed and listed for a commit', async () => {
  await using github = await startTestGithub();
  const { checks } = api(github);
  const head_sha = commit(github.model, { 'model.txt': '1' });
  await github.push('acme/model', { branch: 'main', sha: head_sha });
  const { data } = await checks.create({ ...where, name: 'gate', head_sha, status: 'in_progress' });
  const output = {
    title: 'fail',
    summary: 'roc-auc 0.641',
    annotations: [
      {
        path: 'tidegate.yml',
        start_line: 3,
        end_line: 3,
        annotation_level: 'failure' as const,
        message: 'too low',
      },
    ],
  };
  await checks.update({ ...where, check_run_id: data.id, conclusion: 'failure', output });
  const listed = await checks.listForRef({ ...where, ref: 'main' });
  expect(
    listed.data.check_runs.map(({ name, status, conclusion, output: { title, annotations_count } }) => ({
      name,
      status,
      conclusion,
      title,
      annotations_count,
    })),
  ).toEqual([
    { name: 'gate', status: 'completed', conclusion: 'failure', title: 'fail', annotations_count: 1 },
  ]);
});

test('commit statuses combine to the worst', async () => {
  await using github = await startTestGithub();
  const sha = commit(github.model, { 'model.txt': '1' });
  await github.push('acme/model', { branch: 'main', sha });
  const { repos } = api(github);
  await repos.createCommitStatus({ ...where, sha, state: 'success', context: 'gate' });
  await repos.createCommitStatus({ ...where, sha, state: 'failure', context: 'deploy' });
  expect((await repos.getCombinedStatusForRef({ ...where, ref: 'main' })).data.state).toBe('failure');
  await repos.createCommitStatus({ ...where, sha, state: 'success', context: 'deploy' });
  expect((await repos.getCombinedStatusForRef({ ...where, ref: 'main' })).data.state).toBe('success');
});

test('files, commits, comparisons and tags come from the git repository', async () => {
  await using github = await startTestGithub();
  const first = commit(github.model, { 'tidegate.yml': 'model: flight-delay\n' });
  await github.push('acme/model', { branch: 'main', sha: first });
  const second = commit(github.model, { 'data/one.csv': 'a' });
  await github.push('acme/model', { branch: 'main', sha: second });
  const { repos, git } = api(github);
  const file = (await repos.getContent({ ...where, path: 'tidegate.yml' })).data as {
    content: string;
    size: number;
  };
  expect(Buffer.from(file.content, 'base64').toString()).toBe('model: flight-delay\n');
  const raw = await repos.getContent({
    ...where,
    path: 'tidegate.yml',
    ref: first,
    mediaType: { format: 'raw' },
  });
  expect(raw.data).toBe('model: flight-delay\n');
  const folder = (await repos.getContent({ ...where, path: 'data' })).data as {
    path: string;
    type: string;
  }[];
  expect(folder.map(({ path, type }) => [path, type])).toEqual([['data/one.csv', 'file']]);
  const { data } = await repos.compareCommits({ ...where, base: first, head: 'main' });
  expect([
    data.status,
    data.ahead_by,
    data.files?.map(({ filename, status }) => `${status} ${filename}`),
  ]).toEqual(['ahead', 1, ['added data/one.csv']]);
  await repos.createRelease({ ...where, tag_name: 'v1.0.0', target_commitish: first });
  expect((await repos.getLatestRelease(where)).data.tag_name).toBe('v1.0.0');
  expect((await git.getRef({ ...where, ref: 'tags/v1.0.0' })).data.object.sha).toBe(first);
});

test('faults answer as GitHub does when it has had enough', async () => {
  await using github = await startTestGithub();
  github.faults.add({ status: 429, path: '/repos/acme/model', retryAfterSeconds: 7 });
  github.faults.add({ status: 502, times: 1 });
  const ask = () =>
    fetch(`${github.apiUrl}/repos/acme/model`, { headers: { authorization: `Bearer ${github.token}` } });
  const limited = await ask();
  expect([
    limited.status,
    limited.headers.get('retry-after'),
    ((await limited.json()) as { message: string }).message,
  ]).toEqual([429, '7', expect.stringContaining('secondary rate limit')]);
  expect((await ask()).status).toBe(502);
  const fine = await ask();
  expect([fine.status, fine.headers.get('x-ratelimit-limit')]).toEqual([200, '5000']);
});

test('a token is taken as bearer, as token and as the password of basic, which is what webhooks send', async () => {
  await using github = await startTestGithub();
  const basic = Buffer.from(`anyone:${github.token}`).toString('base64');
  const statuses = [`Bearer ${github.token}`, `token ${github.token}`, `Basic ${basic}`, 'Bearer no', ''].map(
    async (authorization) =>
      (await fetch(`${github.apiUrl}/repos/acme/model`, { headers: { authorization } })).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 200, 200, 401, 401]);
});

test('a port that is taken is named', async () => {
  await using github = await startTestGithub();
  const port = Number(new URL(github.serverUrl).port);
  await expect(startTestGithub({ port })).rejects.toThrow(`Port ${port} is in use`);
});

test('only this machine is served, under its own address', async () => {
  await using github = await startTestGithub();
  const { status } = await new Promise<{ status: number | undefined }>((resolve, reject) => {
    void import('node:http').then(({ get }) =>
      get(`${github.serverUrl}/_tidegate/health`, { headers: { host: 'evil.example' } }, (response) =>
        resolve({ status: response.statusCode }),
      ).on('error', reject),
    );
  });
  expect(status).toBe(403);
});
