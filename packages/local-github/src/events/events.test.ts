import { getOctokit } from '@actions/github';
import { expect, test } from '@jest/globals';
import { commit, conclusions, logOf, startTestGithub } from '../testing/github.ts';
import { matchesPatterns } from './patterns.ts';

const where = { owner: 'acme', repo: 'model' };
const workflow = (
  on: string,
  run = 'echo "event ${{ github.event_name }} ${{ github.ref }} ${{ github.head_ref }}"',
) => `on: ${on}\njobs: { a: { runs-on: x, steps: [{ run: ${JSON.stringify(run)} }] } }\n`;
const event = (text: string) => text.split('\n').filter((line) => line.startsWith('event '));

test('filters of branches, tags and paths decide what a push starts', async () => {
  await using github = await startTestGithub();
  const files = {
    '.github/workflows/main.yml': workflow('{ push: { branches: [main] } }'),
    '.github/workflows/release.yml': workflow("{ push: { branches: ['releases/**', '!releases/old'] } }"),
    '.github/workflows/code.yml': workflow("{ push: { paths: ['model/**', '!**.md'] } }"),
    '.github/workflows/docs.yml': workflow("{ push: { paths-ignore: ['model/**'] } }"),
    '.github/workflows/tags.yml': workflow("{ push: { tags: ['v*'] } }"),
    '.github/workflows/pulls.yml': workflow('pull_request'),
  };
  const started = async (change: { branch?: string; tag?: string; sha: string }) =>
    (await github.push('acme/model', change)).map(({ path }) => path.slice(18));
  expect(await started({ branch: 'main', sha: commit(github.model, files) })).toEqual([
    'docs.yml',
    'main.yml',
  ]);
  const code = commit(github.model, { 'model/train.py': 'x' });
  expect(await started({ branch: 'main', sha: code })).toEqual(['code.yml', 'main.yml']);
  expect(await started({ branch: 'main', sha: commit(github.model, { 'model/README.md': 'x' }) })).toEqual([
    'main.yml',
  ]);
  expect(await started({ branch: 'releases/1/x', sha: code })).toContain('release.yml');
  expect(await started({ branch: 'releases/old', sha: code })).not.toContain('release.yml');
  // GitHub does not look at paths when a tag is pushed.
  expect(await started({ tag: 'v1.0.0', sha: code })).toEqual(['code.yml', 'docs.yml', 'tags.yml']);
});

test('patterns are read as GitHub reads them', () => {
  const cases: [string, string[], boolean][] = [
    ['feature/a', ['feature/*'], true],
    ['feature/a/b', ['feature/*'], false],
    ['feature/a/b', ['feature/**'], true],
    ['v2.0', ['v[12].*'], true],
    ['v3.0', ['v[12].*'], false],
    ['docs/a.md', ['**/*.md'], true],
    ['a.md', ['**/*.md'], true],
    ['main', ['**', '!main'], false],
    ['mainly', ['main'], false],
    ['colour', ['colou?r'], true],
  ];
  expect(cases.filter(([name, patterns, expected]) => matchesPatterns(name, patterns) !== expected)).toEqual(
    [],
  );
});

test('a pull request runs on the merge of its branches, and again when its branch moves', async () => {
  await using github = await startTestGithub();
  await github.commitAndPush({
    '.github/workflows/gate.yml': workflow(
      'pull_request',
      'echo "event $GITHUB_REF $GITHUB_HEAD_REF ${{ github.event.action }} ${{ github.event.pull_request.title }}"',
    ),
  });
  const first = commit(github.model, { 'model.txt': '2' }, { branch: 'better' });
  const { number, runs } = await github.openPullRequest('acme/model', { head: 'better', title: 'Better' });
  expect(runs.map((run) => [run.event, run.ref, run.headSha, run.headBranch, event(logOf(run))])).toEqual([
    [
      'pull_request',
      `refs/pull/${number}/merge`,
      first,
      'better',
      [`event refs/pull/${number}/merge better opened Better`],
    ],
  ]);
  const second = commit(github.model, { 'model.txt': '3' }, { branch: 'better' });
  const again = await github.push('acme/model', { branch: 'better', sha: second });
  expect(again.map((run) => event(logOf(run)))).toEqual([
    [`event refs/pull/${number}/merge better synchronize Better`],
  ]);
});

test('a pull request that contradicts its base runs nothing, and says that it cannot be merged', async () => {
  await using github = await startTestGithub();
  const base = await github.commitAndPush({
    'model.txt': '1',
    '.github/workflows/gate.yml': workflow('pull_request'),
  });
  expect(base).toEqual([]);
  commit(github.model, { 'model.txt': 'theirs' }, { branch: 'other' });
  await github.commitAndPush({ 'model.txt': 'ours' });
  const { number, runs } = await github.openPullRequest('acme/model', {
    head: 'other',
    title: 'Contradicts',
  });
  const { data } = await getOctokit(github.token, { baseUrl: github.apiUrl }).rest.pulls.get({
    ...where,
    pull_number: number,
  });
  expect([runs, data.mergeable, data.mergeable_state]).toEqual([[], false, 'dirty']);
});

test('workflow_dispatch checks and types its inputs before there is a run', async () => {
  await using github = await startTestGithub();
  const on =
    '{ workflow_dispatch: { inputs: { count: { type: number, default: 2 }, dry: { type: boolean }, size: { type: choice, options: [small, large], required: true } } } }';
  await github.commitAndPush({
    '.github/workflows/run.yml': workflow(
      on,
      'echo "event ${{ inputs.count == 2 }} ${{ inputs.dry }} ${{ inputs.size }} ${{ github.event.inputs.count }}"',
    ),
  });
  const run = await github.runWorkflow('acme/model', 'run.yml', { inputs: { dry: true, size: 'small' } });
  expect(event(logOf(run))).toEqual(['event true true small 2']);
  await expect(
    github.runWorkflow('acme/model', 'run.yml', { inputs: { dry: 'maybe', size: 'huge', colour: 'red' } }),
  ).rejects.toThrow(
    `The workflow cannot be given these inputs: input 'dry' is "maybe", not true or false; input 'size' is 'huge', not one of small, large; input 'colour' is not declared.`,
  );
  await expect(github.runWorkflow('acme/model', 'other.yml')).rejects.toThrow(
    'acme/model has no workflow other.yml at refs/heads/main.',
  );
});

test('a commit that was never pushed can be run by itself, on the branch that stands on it', async () => {
  await using github = await startTestGithub();
  const on = '{ push: {}, workflow_dispatch: {} }';
  const sha = commit(github.model, { '.github/workflows/run.yml': workflow(on) }, { branch: 'work' });
  const run = await github.runWorkflow('acme/model', 'run.yml', { ref: sha });
  expect([run.sha, event(logOf(run)), github.runs().length]).toEqual([
    sha,
    ['event workflow_dispatch refs/heads/work '],
    1,
  ]);
});

test('repository_dispatch starts the workflows that name its type, also when a job sends it with its own token', async () => {
  await using github = await startTestGithub();
  await github.commitAndPush({
    '.github/workflows/retrain.yml': workflow(
      '{ repository_dispatch: { types: [drift] } }',
      'echo "event ${{ github.event.action }} ${{ github.event.client_payload.psi }}"',
    ),
    '.github/workflows/other.yml': workflow('{ repository_dispatch: { types: [other] } }'),
    '.github/workflows/send.yml': `on: workflow_dispatch\npermissions: { contents: write }\njobs: { a: { runs-on: x, steps: [{ shell: 'node {0}', run: "fetch(process.env.GITHUB_API_URL + '/repos/acme/model/dispatches', { method: 'POST', headers: { authorization: 'Bearer \${{ github.token }}' }, body: JSON.stringify({ event_type: 'drift', client_payload: { psi: 0.34 } }) }).then(({ status }) => console.log('event', status))" }] } }\n`,
  });
  const runs = await github.dispatch('acme/model', 'drift', { psi: 0.21 });
  expect(runs.map((run) => [run.path.slice(18), event(logOf(run))])).toEqual([
    ['retrain.yml', ['event drift 0.21']],
  ]);
  const sent = await github.runWorkflow('acme/model', 'send.yml');
  await github.idle();
  const last = github.runs().at(-1);
  expect([event(logOf(sent)), last?.event, last?.actor, last && event(logOf(last))]).toEqual([
    ['event 204'],
    'repository_dispatch',
    'github-actions[bot]',
    ['event drift 0.34'],
  ]);
});

test('schedules run when they are told that their time has come', async () => {
  await using github = await startTestGithub();
  await github.commitAndPush({
    '.github/workflows/nightly.yml': workflow(
      "{ schedule: [{ cron: '0 3 * * *' }] }",
      'echo "event ${{ github.event_name }} ${{ github.event.schedule }}"',
    ),
  });
  const runs = await github.schedule('acme/model');
  expect(runs.map((run) => [conclusions(run), event(logOf(run))])).toEqual([
    [['a: success'], ['event schedule 0 3 * * *']],
  ]);
  await expect(github.schedule('acme/model', 'other.yml')).rejects.toThrow(
    'no workflow other.yml with `on: schedule`',
  );
});

test('runs and jobs are listed by the API, with their logs, and are cancelled and run again by it', async () => {
  await using github = await startTestGithub();
  const [run] = await github.commitAndPush({ '.github/workflows/test.yml': workflow('push') });
  const { actions } = getOctokit(github.token, { baseUrl: github.apiUrl }).rest;
  const run_id = run?.id ?? 0;
  const { data } = await actions.listWorkflowRunsForRepo({ ...where, event: 'push', status: 'success' });
  expect(
    data.workflow_runs.map(({ id, conclusion, head_branch }) => ({ id, conclusion, head_branch })),
  ).toEqual([{ id: run_id, conclusion: 'success', head_branch: 'main' }]);
  const jobs = (await actions.listJobsForWorkflowRun({ ...where, run_id })).data.jobs;
  expect(jobs.map(({ name, conclusion, steps }) => [name, conclusion, steps?.length])).toEqual([
    ['a', 'success', 1],
  ]);
  const log = await actions.downloadJobLogsForWorkflowRun({ ...where, job_id: jobs[0]?.id ?? 0 });
  expect(String(log.data)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z event push refs\/heads\/main/m);
  await expect(actions.cancelWorkflowRun({ ...where, run_id })).rejects.toThrow(
    'Cannot cancel a workflow run that is completed.',
  );
  await actions.reRunWorkflow({ ...where, run_id });
  await github.idle();
  expect(github.runs().map(({ id, attempt, conclusion }) => ({ id, attempt, conclusion }))).toEqual([
    { id: run_id, attempt: 2, conclusion: 'success' },
  ]);
});
