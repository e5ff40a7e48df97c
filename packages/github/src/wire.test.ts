import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalGithub, type LocalGithub } from '@tidegate/local-github';
import { githubApi, type GithubApi } from './api.ts';
import { writeCheckRun } from './check-run.ts';
import { upsertComment } from './comment.ts';
import { deployments } from './deployments.ts';
import { dispatch } from './dispatch.ts';

const repository = 'acme/model';
const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-github-'));
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-C', path.join(folder, 'model'), '-c', 'user.name=T', '-c', 'user.email=t@tidegate.invalid', ...args],
    {
      encoding: 'utf8',
    },
  ).trim();

let github: LocalGithub;
let api: GithubApi;
let pullRequest: number;
let sha: string;

beforeAll(async () => {
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', path.join(folder, 'model')]);
  const commit = (text: string) => {
    writeFileSync(path.join(folder, 'model', 'file'), text);
    git('add', '--all');
    git('commit', '--quiet', '--message', text);
    return git('rev-parse', 'HEAD');
  };
  const main = commit('one');
  git('switch', '--quiet', '--create', 'change');
  sha = commit('two');
  github = await startLocalGithub({
    directory: path.join(folder, 'github'),
    repositories: { [repository]: path.join(folder, 'model') },
  });
  await github.push(repository, { branch: 'main', sha: main });
  await github.push(repository, { branch: 'change', sha });
  ({ number: pullRequest } = await github.openPullRequest(repository, {
    head: 'change',
    base: 'main',
    title: 'Two',
  }));
  api = githubApi({ token: github.token, apiUrl: github.apiUrl, repository });
});

afterAll(async () => {
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

test('two jobs write their sections of one comment, and one of them writes its own anew', async () => {
  const write = async (section: string, markdown: string) =>
    await upsertComment(api, { pullRequest, tag: 'm', section, markdown });
  const { id } = await write('gate', 'not good enough');
  await write('cost', '$3');
  await write('gate', 'good enough');
  const comments = await api.list<{ id: number; body: string }>(
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    {
      issue_number: pullRequest,
    },
  );
  expect(comments.map(({ id: of, body }) => [of, body])).toEqual([
    [id, '<!-- tidegate:m -->\n<!-- section:gate -->\ngood enough\n<!-- section:cost -->\n$3'],
  ]);
});

test('the ledger remembers what was deployed, and which of it was a success', async () => {
  const ledger = deployments<{ model: string }>(api, { environment: 'production', ref: sha });
  const first = await ledger.start({ model: 'v1' });
  await ledger.progress(first, 'in_progress', 'canary');
  await ledger.progress(first, 'success', 'promoted');
  const second = await ledger.start({ model: 'v2' });
  await ledger.progress(
    second,
    'failure',
    'rolled back, with a reason that is told at such a length that GitHub would refuse it: '.repeat(3),
  );
  expect((await ledger.list()).map(({ id, payload, state }) => ({ id, payload, state }))).toEqual([
    { id: second, payload: { model: 'v2' }, state: 'failure' },
    { id: first, payload: { model: 'v1' }, state: 'success' },
  ]);
  expect(await ledger.latestSuccessful()).toMatchObject({ id: first, payload: { model: 'v1' } });
  expect(await ledger.latestSuccessful([first])).toBeUndefined();
});

test('a check run says what a reviewer sees on the commit', async () => {
  const { id } = await writeCheckRun(api, {
    name: 'gate',
    sha,
    conclusion: 'failure',
    title: 'worse',
    summary: 'by 0.05',
  });
  const check = await api.request<object>('GET /repos/{owner}/{repo}/check-runs/{check_run_id}', {
    check_run_id: id,
  });
  expect(check).toMatchObject({
    name: 'gate',
    head_sha: sha,
    status: 'completed',
    conclusion: 'failure',
    output: { title: 'worse', summary: 'by 0.05' },
  });
});

test('a dispatch that GitHub would refuse is refused with its limits, before it is sent', async () => {
  await dispatch(api, 'drifted', { model: 'm' });
  const payload = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`key${index}`, index]));
  await expect(dispatch(api, 'drifted', payload)).rejects.toThrow(
    'repository_dispatch takes at most 10 properties and 64 KiB; drifted has 11',
  );
});

test('an empty token is refused by name', async () => {
  const nobody = githubApi({ token: '', apiUrl: github.apiUrl, repository });
  await expect(nobody.request('GET /repos/{owner}/{repo}')).rejects.toThrow('github-token is empty');
});
