import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListEndpointsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { connect, endpoints, invokeEndpoint, modelPackages, objects, until, type Aws } from '@tidegate/aws';
import { deployments, githubApi } from '@tidegate/github';
import { startLocalAws, type Fault, type LocalAws, type LocalAwsOptions } from '@tidegate/local-aws';
import { startLocalGithub } from '@tidegate/local-github';
import { programImage } from '../monitor/program-image.ts';
import type { DeployedVersion, Ledger } from '../deploy/ledger.ts';
import type { DeploySettings } from '../deploy/settings.ts';
import type { Log } from '../surroundings.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import { commitAll } from './repository.ts';

/**
 * A model server on Node alone, which is up in a moment. Its environment says how it behaves: `FAIL` is the share of requests
 * that get a 500, `CRASH` ends it at its start.
 */
const serverProgram = `
import { createServer } from 'node:http';
if (process.env.CRASH) { console.log('no model today'); process.exit(1); }
let asked = 0;
const share = Number(process.env.FAIL ?? '0');
createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part)).on('end', () => {
    if (request.url === '/ping') return response.end();
    asked += 1;
    const fails = Math.floor(asked * share) > Math.floor((asked - 1) * share);
    if (fails) console.log('KeyError: distance');
    response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' });
    if (fails) return response.end('{"error":"broken"}');
    const { instances = [{}] } = JSON.parse(Buffer.concat(parts).toString());
    response.end(JSON.stringify({ predictions: instances.map(() => Number(process.env.VERSION)) }));
  });
}).listen(Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080), '127.0.0.1');
`;

/** Runs when somebody says that production has drifted. */
const dispatchedWorkflow = `
on: { repository_dispatch: { types: [tidegate-drift] } }
jobs: { told: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }
`;

const minute = 60_000;
const repository = 'acme/model';

export type Stage = Awaited<ReturnType<typeof openStage>>;

type Server = Pick<LocalAws, 'endpoint' | 'environment' | 'close'>;

/** A local AWS with an image and a model in it, a local GitHub for the record, and settings that deploy it. */
export async function openStage(
  clockSpeed = 300,
  start: (options: LocalAwsOptions) => Promise<Server> = startLocalAws,
) {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-stage-'));
  const sha = commitAll(join(folder, 'model'), {
    'README.md': 'a model\n',
    '.github/workflows/drift.yml': dispatchedWorkflow,
  });
  const github = await startLocalGithub({
    directory: join(folder, 'github'),
    repositories: { [repository]: join(folder, 'model') },
  });
  const server = await start({
    clock: { speed: clockSpeed },
    directory: join(folder, 'aws'),
    githubApi: github.apiUrl,
  });
  const proxy = await startRecordingProxy(server.endpoint);
  Object.assign(process.env, server.environment, { AWS_ENDPOINT_URL: proxy.url });
  const aws = connect();
  await github.push(repository, { sha });
  await aws.client(IAMClient).send(
    new CreateRoleCommand({
      RoleName: 'sagemaker',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  );
  const lines: string[] = [];
  const said = recordingLog(lines);
  const pushImage = (more: string) =>
    programImage(
      {
        repository: 'model-server',
        base: 'node:24-slim',
        at: '/opt/program/serve.mjs',
        program: Buffer.from(serverProgram + more),
      },
      { aws, log: said, signal: new AbortController().signal },
    );
  const image = await pushImage('');
  await objects(aws).ensureBucket('models');
  const modelArtifacts = 's3://models/model.tar.gz';
  await objects(aws).upload(modelArtifacts, { bytes: emptyTarGz() });
  const api = githubApi({ token: github.token, apiUrl: github.apiUrl, repository });

  return {
    /** What a process needs in order to use these servers as an action does. */
    environment: {
      ...server.environment,
      AWS_ENDPOINT_URL: proxy.url,
      GITHUB_API_URL: github.apiUrl,
      GITHUB_REPOSITORY: repository,
      GITHUB_SHA: sha,
      'INPUT_GITHUB-TOKEN': github.token,
    },
    async addFault(fault: Fault) {
      await fetch(`${server.endpoint}/_tidegate/faults`, { method: 'POST', body: JSON.stringify(fault) });
    },
    github,
    repository,
    proxy,
    aws,
    image,
    /** The model server with more text at its end: another image. */
    pushImage,
    modelArtifacts,
    lines,
    log: said,
    ledger: (environment = 'production'): Ledger =>
      deployments<DeployedVersion>(api, { environment, ref: sha }),
    settings: (endpoint: string, change: Partial<DeploySettings> = {}): DeploySettings => ({
      target: 'sagemaker',
      model: endpoint,
      endpoint,
      modelPackageArn: undefined,
      approve: false,
      imageUri: image,
      modelArtifactsUri: modelArtifacts,
      environment: { VERSION: '1' },
      roleArn: 'arn:aws:iam::123456789012:role/sagemaker',
      variant: undefined,
      instanceType: 'ml.m5.large',
      instanceCount: 2,
      startupTimeout: 2 * minute,
      rollout: {
        strategy: 'canary',
        canaryPercent: 50,
        stepPercent: 25,
        bake: 2 * minute,
        finalBake: undefined,
        maxExecution: undefined,
      },
      rollbackOn: {
        errorRate: 0.01,
        p95Latency: undefined,
        p99Latency: undefined,
        period: minute,
        periods: 1,
      },
      rollbackAlarms: [],
      smoke: {
        body: Buffer.from('{"distance":100}'),
        contentType: 'application/json',
        maxLatency: undefined,
      },
      capture: undefined,
      retainLive: true,
      verification: { level: 'off', signingKey: undefined, repository: `https://github.com/${repository}` },
      expectedCurrent: undefined,
      tags: {},
      runId: '1',
      mode: 'apply',
      timeout: 60 * minute,
      ...change,
    }),
    /** A version in the registry, of this image and these artifacts. */
    register: (
      group: string,
      environment: Record<string, string>,
      approval: 'Approved' | 'PendingManualApproval',
    ) => register(aws, { group, environment, approval, image, modelArtifacts }),
    /** Asks the endpoint over and over until told to stop; says what came back. */
    traffic: (endpoint: string) => startTraffic(aws, endpoint),
    /** Ends every endpoint, whatever it is doing. */
    async clear() {
      lines.length = 0;
      const { Endpoints = [] } = await aws.client(SageMakerClient).send(new ListEndpointsCommand({}));
      for (const { EndpointName = '' } of Endpoints) await remove(aws, EndpointName);
    },
    async close() {
      await github.close();
      await proxy.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An endpoint that is being deployed to can be deleted only when that has ended. */
async function remove(aws: Aws, endpoint: string): Promise<void> {
  await until(aws, async () => {
    const live = await endpoints(aws).find(endpoint);
    if (live?.status === 'InService' || live?.status === 'Failed') await endpoints(aws).delete(endpoint);
    return live === undefined ? true : undefined;
  });
}

function recordingLog(lines: string[]): Log {
  const say = (text: string) => void lines.push(text);
  return {
    info: say,
    notice: say,
    warning: (text) => say(`warning: ${text}`),
    group: (title, body) => (say(title), body()),
    untrusted: (more) => void lines.push(...more),
  };
}

/** Two empty blocks are a whole archive. */
const emptyTarGz = () => gzipSync(Buffer.alloc(1024));

async function register(
  aws: Aws,
  version: {
    group: string;
    environment: Record<string, string>;
    approval: 'Approved' | 'PendingManualApproval';
    image: string;
    modelArtifacts: string;
  },
): Promise<string> {
  await modelPackages(aws).ensureGroup(version.group, 'test', {});
  return await modelPackages(aws).create({
    group: version.group,
    description: '',
    image: version.image,
    modelDataUri: version.modelArtifacts,
    environment: version.environment,
    contentTypes: ['application/json'],
    responseTypes: ['application/json'],
    inferenceInstances: [],
    transformInstances: [],
    approval: version.approval,
    qualityStatisticsUri: null,
    baselineStatisticsUri: null,
    baselineConstraintsUri: null,
    commit: '0'.repeat(40),
    repository,
    properties: {},
    clientToken: JSON.stringify(version.environment)
      .replace(/[^a-z0-9]/gi, '')
      .slice(0, 36)
      .padEnd(4, '0'),
  });
}

function startTraffic(aws: Aws, endpoint: string) {
  const stop = new AbortController();
  const seen = { answered: 0, failed: 0, lost: 0 };
  const request = { body: Buffer.from('{"distance":100}'), contentType: 'application/json' };
  const one = async () => {
    while (!stop.signal.aborted) {
      try {
        const { status } = await invokeEndpoint(aws, endpoint, request);
        if (status === 200) seen.answered += 1;
        else seen.failed += 1;
      } catch {
        seen.lost += 1;
      }
    }
  };
  const done = Promise.all([one(), one()]);
  return {
    async end() {
      stop.abort();
      await done;
      return seen;
    },
  };
}
