import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateRepositoryCommand,
  ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { SageMakerClient, StopTrainingJobCommand, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, objects } from '@tidegate/aws';
import { startLocalGithub, type LocalGithub } from '@tidegate/local-github';
import { runBuiltAction } from '../support/run-action.ts';

/*
 * The actions as they are released against an AWS that is not ours: moto's server, which keeps state and runs nothing.
 * A job is Completed at once without having written anything, an endpoint is InService at once and answers `body`, so the test
 * puts into S3 what the programs would have. Beyond moto, and shown below to be so:
 *
 * - deploy-target onto an endpoint that is there, and rollback: moto has no UpdateEndpoint;
 * - a cancelled sagemaker-train: moto has no StopTrainingJob;
 * - build-inference-image, and setup-model-monitor, which pushes the analyser's image: moto's ECR takes no layers and has no registry;
 * - check-drift: it needs the baseline that setup-model-monitor makes.
 */

const root = path.resolve(import.meta.dirname, '../..');
const python = process.env['TIDEGATE_PYTHON'] ?? 'python3';
const role = 'arn:aws:iam::123456789012:role/sagemaker';
const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

function motoIsThere(): boolean {
  try {
    execFileSync(python, ['-c', 'import moto.server'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Where moto is not installed all of this is skipped by name; in CI it has to be there.
const againstMoto = process.env['CI'] !== undefined || motoIsThere() ? describe : describe.skip;

againstMoto('the released actions against moto', () => {
  let moto: ChildProcess;
  let github: LocalGithub;
  let folder: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'tidegate-moto-'));
    moto = spawn(python, [path.join(import.meta.dirname, 'server.py')], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [line] = (await once(createInterface({ input: moto.stdout! }), 'line')) as [string];
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    const repository = modelRepository(path.join(folder, 'workspace'));
    github = await startLocalGithub({
      directory: path.join(folder, 'github'),
      repositories: { 'acme/flights': repository.folder },
      actions: {},
    });
    await github.push('acme/flights', { branch: 'main', sha: repository.sha });
    environment = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'moto',
      AWS_SECRET_ACCESS_KEY: 'moto',
      GITHUB_API_URL: github.apiUrl,
      GITHUB_REPOSITORY: 'acme/flights',
      GITHUB_RUN_ID: '7',
      GITHUB_SHA: repository.sha,
      GITHUB_WORKSPACE: repository.folder,
      RUNNER_TEMP: folder,
    };
    Object.assign(process.env, environment);
    await prepareAccount();
  });
  afterAll(async () => {
    await github.close();
    moto.stdin!.end();
    await once(moto, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  /** What an action answers, less what differs from run to run and the links to AWS's console. */
  async function answerOf(action: string, inputs: Record<string, string>) {
    const { code, outputs } = await runBuiltAction(
      path.join(root, 'dist', `${action}.js`),
      { model: 'flights', 'github-token': github.token, ...inputs },
      environment,
    );
    const passing = new Set([
      'duration-seconds',
      'report-path',
      'smoke-latency-ms',
      'console-url',
      'logs-url',
    ]);
    const kept = Object.entries(outputs).filter(([name]) => !passing.has(name));
    return { code, outputs: Object.fromEntries(kept), report: outputs['report-path'] ?? '' };
  }

  test('a model is trained once, judged by its predictions, registered once, deployed once', async () => {
    const training = {
      'role-arn': role,
      image: 'scikit-learn:1.4',
      source: 'model',
      entry: 'train.py',
      'instance-type': 'ml.m5.xlarge',
      data: 'train=s3://flights/train/',
    };
    const trained = await answerOf('sagemaker-train', training);
    const job = trained.outputs['training-job-name']!;
    const artifacts = `s3://sagemaker-us-east-1-123456789012/flights/training/${job}/output`;
    expect(trained).toMatchObject({
      code: 0,
      outputs: {
        status: 'completed',
        'training-job-name': expect.stringMatching(/^flights-[0-9a-f]{12}$/),
        'training-job-arn': `arn:aws:sagemaker:us-east-1:123456789012:training-job/${job}`,
        'model-artifacts-uri': `${artifacts}/model.tar.gz`,
        'output-artifacts-uri': `${artifacts}/output.tar.gz`,
        reused: 'false',
        joined: 'false',
        'metrics-json': '{"train:progress":100}',
        'image-uri': '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3',
        'source-digest': expect.stringMatching(/^[0-9a-f]{64}$/),
        'data-digest': expect.stringMatching(/^[0-9a-f]{64}$/),
        'failure-reason': '',
      },
    });
    await objects(connect()).upload(`${artifacts}/model.tar.gz`, { bytes: Buffer.from('a model') });
    expect((await answerOf('sagemaker-train', training)).outputs).toEqual({
      ...trained.outputs,
      reused: 'true',
      'cost-estimate-usd': '0',
    });

    const evaluation = {
      'role-arn': role,
      'model-artifacts-uri': `${artifacts}/model.tar.gz`,
      image: 'scikit-learn:1.4',
      source: 'model',
      entry: 'evaluate.py',
      'instance-type': 'ml.m5.large',
      data: 's3://flights/train/',
      label: 'label',
      metrics: '{"roc-auc": {"at-least": 0.6}}',
      'min-samples': '4',
      'endpoint-name': 'flights',
    };
    const unjudged = await answerOf('evaluate-gate', evaluation);
    const [predictions = ''] = /s3:\S+predictions\.csv/.exec(unjudged.outputs['reason'] ?? '') ?? [];
    const reason = `the candidate’s predictions cannot be used: ${predictions} does not exist`;
    expect({ code: unjudged.code, outputs: unjudged.outputs }).toEqual({
      code: 1,
      outputs: {
        status: 'integrity-error',
        verdict: 'integrity-error',
        passed: 'false',
        reason,
        'failed-metrics': '',
        'metrics-json': '{}',
        'baseline-id': '',
        reused: 'false',
        'failure-reason': `flights: integrity-error: ${reason}`,
      },
    });
    await objects(connect()).upload(predictions, {
      bytes: Buffer.from('label,prediction\n1,0.9\n0,0.2\n1,0.7\n0,0.8\n'),
    });
    const judged = await answerOf('evaluate-gate', evaluation);
    expect(judged).toMatchObject({
      code: 0,
      outputs: {
        status: 'pass',
        verdict: 'pass',
        passed: 'true',
        'failed-metrics': '',
        'metrics-json': '{"roc-auc":0.75}',
        'baseline-id': '',
        'failure-reason': '',
      },
    });

    const registration = {
      'image-uri': `${registry}/flights:1`,
      'training-job-name': job,
      'evaluation-report': judged.report,
    };
    const registered = await answerOf('register-model', registration);
    const version = {
      'model-package-arn': 'arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/1',
      'model-package-group-name': 'flights',
      'model-package-version': '1',
      'approval-status': 'Approved',
      'image-uri': expect.stringMatching(`^${registry}/flights@sha256:[0-9a-f]{64}$`),
      'failure-reason': '',
    };
    expect(registered).toMatchObject({
      code: 0,
      outputs: { ...version, status: 'registered', reused: 'false' },
    });
    expect((await answerOf('register-model', registration)).outputs).toEqual({
      ...version,
      status: 'reused',
      reused: 'true',
    });

    const deployment = {
      'role-arn': role,
      'endpoint-name': 'flights',
      environment: 'production',
      'model-package-arn': registered.outputs['model-package-arn']!,
      'instance-type': 'ml.m5.large',
      'instance-count': '2',
      smoke: 'smoke.json',
    };
    const live = {
      'endpoint-name': 'flights',
      'endpoint-config-name': expect.stringMatching(/^flights-[0-9a-f]{12}$/),
      'model-package-arn': version['model-package-arn'],
      'image-uri': version['image-uri'],
      'model-artifacts-uri': `${artifacts}/model.tar.gz`,
      'failure-reason': '',
    };
    expect(await answerOf('deploy-target', deployment)).toMatchObject({
      code: 0,
      outputs: {
        ...live,
        status: 'promoted',
        'has-changes': 'true',
        'github-deployment-id': '1',
        reused: 'false',
      },
    });
    expect(await answerOf('deploy-target', deployment)).toMatchObject({
      code: 0,
      outputs: { ...live, status: 'no-op', 'has-changes': 'false', reused: 'true' },
    });
  });

  test('what has nothing to work on is refused with what would help', async () => {
    const { code, outputs } = await answerOf('rollback', {
      'role-arn': role,
      'endpoint-name': 'nowhere',
      environment: 'production',
      smoke: 'smoke.json',
    });
    expect({ code, outputs }).toEqual({
      code: 1,
      outputs: {
        status: 'failure',
        'failure-reason': 'The endpoint nowhere does not exist, so there is nothing to roll back.',
      },
    });
  });

  // Should one of these begin to work, moto has learnt it, and what needs it belongs above.
  test.each([
    [
      'UpdateEndpoint',
      () =>
        new SageMakerClient({ maxAttempts: 1 }).send(
          new UpdateEndpointCommand({ EndpointName: 'a', EndpointConfigName: 'b' }),
        ),
    ],
    [
      'StopTrainingJob',
      () =>
        new SageMakerClient({ maxAttempts: 1 }).send(new StopTrainingJobCommand({ TrainingJobName: 'a' })),
    ],
    [
      'InitiateLayerUpload',
      () =>
        new ECRClient({ maxAttempts: 1 }).send(new InitiateLayerUploadCommand({ repositoryName: 'flights' })),
    ],
  ])('moto answers %s with a page of HTML, not with AWS’s JSON', async (_, call) => {
    await expect(call()).rejects.toThrow(/Unexpected token '<'/);
  });
});

/** What a platform engineer and earlier steps would have made. */
async function prepareAccount(): Promise<void> {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: 'sagemaker.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  await new IAMClient({}).send(
    new CreateRoleCommand({
      RoleName: 'sagemaker',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const aws = connect();
  await objects(aws).ensureBucket('flights');
  await objects(aws).upload('s3://flights/train/01.csv', { bytes: Buffer.from('label,x\n1,2\n') });
  const ecr = new ECRClient({});
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'flights' }));
  const blob = (mediaType: string) => ({ mediaType, digest: `sha256:${'a'.repeat(64)}`, size: 2 });
  await ecr.send(
    new PutImageCommand({
      repositoryName: 'flights',
      imageTag: '1',
      imageManifest: JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: blob('application/vnd.oci.image.config.v1+json'),
        layers: [blob('application/vnd.oci.image.layer.v1.tar+gzip')],
      }),
    }),
  );
}

function modelRepository(folder: string): { folder: string; sha: string } {
  mkdirSync(path.join(folder, 'model'), { recursive: true });
  writeFileSync(path.join(folder, 'model', 'train.py'), 'print("training")\n');
  writeFileSync(path.join(folder, 'model', 'evaluate.py'), 'print("evaluating")\n');
  writeFileSync(path.join(folder, 'smoke.json'), '{"instances": []}\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@tidegate.invalid', 'commit', '--quiet', '--message=Train');
  return { folder, sha: git('rev-parse', 'HEAD') };
}
