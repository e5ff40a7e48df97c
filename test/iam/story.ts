import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { connect, invokeEndpoint, objects, type Aws } from '@tidegate/aws';
import { startLocalAws } from '@tidegate/local-aws';
import { startLocalGithub, type WorkflowRun } from '@tidegate/local-github';
import { anotherCoast, modelRepository } from './model-repository.ts';
import { given, names, policyText, roles, signingAlias } from './policies.ts';
import { startRecorder, type RecordedCall } from './recorder.ts';

export type Story = {
  calls: readonly RecordedCall[];
  /** The verdicts of each workflow run, in order. */
  chapters: Record<string, string>[];
  /** As a person with all rights. */
  aws: Aws;
  close(): Promise<void>;
};

const verdicts = ['drift', 'gate', 'verdict'];

const root = path.resolve(import.meta.dirname, '../..');
const repository = `${names.OWNER}/${names.REPOSITORY}`;
const dataUri = (key: string) => `s3://${names.DATA_BUCKET}/${key}`;

/**
 * The life of a model, by the real workflows and the built actions: it is shipped, a pull request is judged, a second version is
 * shipped, rolled back, and brought back when the first drifts. Roles are assumed by OIDC under the very trust policies of the guide.
 */
export async function playStory(): Promise<Story> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-iam-'));
  const model = path.join(folder, 'model');
  const git = openRepository(model);
  const first = git.commit(modelRepository());
  const local = await startLocalAws({ directory: path.join(folder, 'aws'), clock: { speed: 60 } });
  const recorder = await startRecorder(local.endpoint);
  const github = await startLocalGithub({
    directory: path.join(folder, 'github'),
    repositories: { [repository]: model },
    actions: { 'tidegate/tidegate': root },
    environment: { AWS_ENDPOINT_URL: recorder.url },
  });
  Object.assign(process.env, local.environment);
  const aws = connect();
  await prepareAccount(aws, new URL(github.serverUrl).host);
  const put = (key: string, text: string) => objects(aws).upload(dataUri(key), { bytes: Buffer.from(text) });
  await put('train/1.csv', table(0));
  await put('holdout.csv', table(0));

  const chapters: Story['chapters'] = [];
  const played = async (runs: Promise<WorkflowRun | readonly WorkflowRun[]>) => {
    for (const run of [await runs].flat()) {
      const said = Object.values(run.outputs).flatMap((of) => Object.entries(of));
      // Why something failed belongs to the story, and says it where the test compares it.
      const failures = run.jobs.flatMap(({ annotations }) =>
        annotations.filter(({ level }) => level === 'failure'),
      );
      chapters.push({
        ...Object.fromEntries(said.filter(([name, value]) => verdicts.includes(name) && value !== '')),
        ...(failures.length === 0 ? {} : { failure: failures.map(({ message }) => message).join('\n') }),
      });
    }
  };
  await played(github.push(repository, { branch: 'main', sha: first }));
  // Everything is new in the pull request: code, and data of another distribution in another file.
  await put('train/1.csv', table(40));
  await put('train/2.csv', table(40));
  const second = git.commit(anotherCoast(), 'coast');
  await github.push(repository, { branch: 'coast', sha: second });
  await played(
    github.openPullRequest(repository, { head: 'coast', title: 'Another coast' }).then(({ runs }) => runs),
  );
  await played(github.push(repository, { branch: 'main', sha: second }));
  for (let i = 0; i < 200; i += 1)
    await invokeEndpoint(aws, names.MODEL, {
      body: Buffer.from(JSON.stringify({ instances: [{ height: 1 + (i % 20) }] })),
      contentType: 'application/json',
    });
  await played(github.schedule(repository, 'drift.yml'));
  await played(github.runWorkflow(repository, 'roll-back.yml'));
  return {
    calls: recorder.calls,
    chapters,
    aws,
    async close() {
      await github.close();
      await recorder.close();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Exactly what the guide makes, and nothing else: an action that would make a bucket or a repository is found out. */
async function prepareAccount(aws: Aws, issuer: string): Promise<void> {
  const iam = aws.client(IAMClient);
  given.SIGNING_KEY = await makeSigningKey(aws);
  await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: `http://${issuer}`, ClientIDList: ['sts.amazonaws.com'] }),
  );
  // This GitHub names the workflow's ref as the caller wrote it, and GitHub itself in full.
  const here = { 'token.actions.githubusercontent.com': issuer, '@refs/tags/v1': '@v1' };
  for (const role of roles) {
    const RoleName = `${names.MODEL}-${role}`;
    const trust = Object.entries(here).reduce(
      (text, [there, value]) => text.replaceAll(there, value),
      policyText(role, 'trust'),
    );
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    await iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'tidegate',
        PolicyDocument: policyText(role, 'policy'),
      }),
    );
  }
  for (const bucket of [names.DATA_BUCKET, names.ARTIFACT_BUCKET]) await objects(aws).ensureBucket(bucket);
  for (const repositoryName of [names.MODEL, 'tidegate-analyser'])
    await aws
      .client(ECRClient)
      .send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
}

/** As the guide makes it. Returns its id. */
async function makeSigningKey(aws: Aws): Promise<string> {
  const kms = aws.client(KMSClient);
  const made = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  const id = made.KeyMetadata?.KeyId ?? '';
  await kms.send(new CreateAliasCommand({ AliasName: signingAlias, TargetKeyId: id }));
  return id;
}

/** Waves and whether the tide was high, `above` the usual. */
function table(above: number): string {
  const rows = Array.from({ length: 400 }, (_, i) => {
    const height = 1 + (i % 20);
    return `${height + above},${height + (i % 7) > 12 ? 1 : 0}`;
  });
  return `height,high\n${rows.join('\n')}\n`;
}

function openRepository(folder: string) {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) =>
    execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
  mkdirSync(folder, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  return {
    commit(files: Record<string, string>, branch?: string): string {
      if (branch !== undefined) git('switch', '--quiet', '--create', branch);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), text);
      }
      git('add', '--all');
      git('commit', '--quiet', '--message', 'a model');
      return git('rev-parse', 'HEAD');
    },
  };
}
