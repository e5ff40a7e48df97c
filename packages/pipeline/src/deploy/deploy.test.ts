import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { endpointConfigs, endpoints, until } from '@tidegate/aws';
import { deploy } from './deploy.ts';
import type { DeploySettings } from './settings.ts';
import { openStage, type Stage } from '../testing/deployment-stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
// The account's quota of instances is as real as the rest.
afterEach(() => stage.clear());

const around = (signal = new AbortController().signal, ledger = stage.ledger()) => ({
  aws: stage.aws,
  log: stage.log,
  signal,
  ledger,
});

/** Deploys versions one after another, so that the last can be taken back to the one before. */
async function serve(endpoint: string, change: Partial<DeploySettings> = {}) {
  const { outcome } = await deploy(stage.settings(endpoint, change), around());
  expect(outcome?.verdict).toBe('promoted');
  return outcome!.version.endpointConfig;
}

/** Bakes that are long enough for what happens in them, however busy the machine is. */
const patient = (): Partial<DeploySettings> => ({
  rollout: { ...stage.settings('').rollout, bake: 600_000, finalBake: 600_000 },
});

const version = (name: string) => ({ environment: { VERSION: name } });
const broken = { environment: { VERSION: 'broken', FAIL: '0.5' } };

async function entries(endpoint: string) {
  const all = await stage.ledger().list();
  return all
    .filter(({ payload }) => payload.endpoint === endpoint)
    .map(({ payload, state }) => [payload.endpointConfig, state]);
}

test('a first deployment is promoted once it has answered, and recorded', async () => {
  const { outcome } = await deploy(stage.settings('first'), around());
  expect(outcome).toMatchObject({
    verdict: 'promoted',
    smoke: { status: 200, problem: undefined },
    version: { endpoint: 'first', image: stage.image, previousEndpointConfig: null },
  });
  expect(await entries('first')).toEqual([[outcome?.version.endpointConfig, 'success']]);
});

test('a canary is promoted, with no request lost, and the re-run of it changes nothing', async () => {
  const before = await serve('canary');
  const traffic = stage.traffic('canary');
  const { outcome } = await deploy(stage.settings('canary', version('2')), around());
  const { failed, lost } = await traffic.end();
  expect({ failed, lost }).toEqual({ failed: 0, lost: 0 });
  expect(outcome).toMatchObject({ verdict: 'promoted', version: { previousEndpointConfig: before } });
  expect((await endpoints(stage.aws).find('canary'))?.lastRollout?.shift).toEqual({
    type: 'canary',
    size: { percent: 50 },
    waitSeconds: 120,
  });
  // The config that a roll-back would need is still there.
  expect(await endpointConfigs(stage.aws).find(before)).toBeDefined();

  const recorded = await entries('canary');
  stage.proxy.forget();
  const again = await deploy(stage.settings('canary', version('2')), around());
  expect(again.outcome).toMatchObject({ verdict: 'no-op', deploymentId: outcome?.deploymentId });
  expect(stage.proxy.mutations()).toEqual([]);
  expect(await entries('canary')).toEqual(recorded);
});

test('a version that fails real requests is rolled back by its alarm, which is named with its figures', async () => {
  const before = await serve('failing');
  const traffic = stage.traffic('failing');
  const { outcome, markdown } = await deploy(
    stage.settings('failing', { ...broken, ...patient() }),
    around(),
  );
  expect(outcome).toMatchObject({ verdict: 'rolled-back', rollbackAlarm: 'failing-5xx', smoke: undefined });
  expect(outcome?.reason).toMatch(/^taken back by alarm failing-5xx: \d+ errors? in \d+ requests?$/);
  expect(outcome?.evidence?.errors).toBeGreaterThan(0);
  expect(outcome?.evidence?.logTail).toContain('KeyError: distance');
  expect(markdown).toContain('KeyError: distance');
  expect((await endpoints(stage.aws).find('failing'))?.configName).toBe(before);
  expect(await entries('failing')).toEqual([
    [outcome?.version.endpointConfig, 'failure'],
    [before, 'success'],
  ]);

  // The alarm may still be in ALARM: trying again waits for it instead of being rolled back before it began.
  const again = await deploy(stage.settings('failing', { ...broken, ...patient() }), around());
  expect(again.outcome).toMatchObject({ verdict: 'rolled-back' });
  expect(again.outcome?.reason).not.toContain('no alarm went off');
  await traffic.end();
});

test('a silent roll-back is a roll-back, though AWS says nothing and the endpoint is in service', async () => {
  await serve('silent');
  await stage.addFault({
    service: 'sagemaker',
    operation: 'UpdateEndpoint',
    effect: 'silent-rollback',
    times: 1,
  });
  const { outcome } = await deploy(stage.settings('silent', version('2')), around());
  expect(outcome).toMatchObject({ verdict: 'rolled-back', rollbackAlarm: undefined });
  expect(outcome?.reason).toMatch(/^AWS gave no reason, and no alarm went off/);
});

test('somebody else’s deployment on top of ours is superseded, though the endpoint is in service', async () => {
  const before = await serve('contested');
  const ledger = stage.ledger();
  const endpoint = async () => await endpoints(stage.aws).find('contested');
  let interfered = false;
  const slow = {
    ...ledger,
    // They deploy in the moment in which ours has ended and before we look again.
    async progress(...told: Parameters<typeof ledger.progress>) {
      await ledger.progress(...told);
      if (interfered || !/TerminationWait/.test(told[2])) return;
      interfered = true;
      await until(stage.aws, async () => ((await endpoint())?.status === 'InService' ? true : undefined));
      const rollout = (await endpoint())?.lastRollout;
      await endpoints(stage.aws).update('contested', {
        configName: before,
        rollout: rollout!,
        retain: true,
        exceptRetained: [],
      });
    },
  };
  const { outcome } = await deploy(
    stage.settings('contested', { ...version('2'), ...patient() }),
    around(undefined, slow),
  );
  expect(outcome).toMatchObject({ verdict: 'superseded' });
  expect(outcome?.reason).toContain(before);
  expect((await entries('contested'))[0]).toEqual([outcome?.version.endpointConfig, 'inactive']);
});

test('a deployment whose answer was lost is known as our own', async () => {
  await serve('lossy');
  stage.proxy.loseAnswer('UpdateEndpoint');
  const { outcome } = await deploy(stage.settings('lossy', { ...version('2'), ...patient() }), around());
  expect(outcome?.verdict).toBe('promoted');
});

test('a cancelled run hands over within five seconds, and a re-run joins what AWS went on with', async () => {
  await serve('cancelled');
  const cancel = new AbortController();
  const running = deploy(
    stage.settings('cancelled', { ...version('2'), ...patient() }),
    around(cancel.signal),
  );
  await until(stage.aws, async () => {
    const live = await endpoints(stage.aws).find('cancelled');
    return live?.pending?.variants.some(({ progress }) => progress.some(({ status }) => status === 'Baking'));
  });
  const asked = performance.now();
  cancel.abort(new Error('SIGINT'));
  await expect(running).rejects.toThrow(
    /Stopped watching cancelled: .* AWS goes on by itself towards cancelled-/,
  );
  expect(performance.now() - asked).toBeLessThan(5000);
  expect((await entries('cancelled'))[0]?.[1]).toBe('in_progress');

  stage.proxy.forget();
  const { outcome } = await deploy(stage.settings('cancelled', version('2')), around());
  expect(outcome?.verdict).toBe('promoted');
  expect(stage.proxy.mutations()).toEqual([]);
  expect((await entries('cancelled')).map(([, state]) => state)).toEqual(['success', 'success']);
});

test('a version that is live but does not answer the smoke request is taken back', async () => {
  const before = await serve('mute');
  const rollout = { ...stage.settings('').rollout, strategy: 'all-at-once' as const };
  const { outcome } = await deploy(stage.settings('mute', { environment: { FAIL: '1' }, rollout }), around());
  expect(outcome).toMatchObject({ verdict: 'rolled-back', smoke: { status: 500 } });
  expect(outcome?.reason).toMatch(/^the smoke request answered 500: .*; taken back to mute-/);
  expect((await endpoints(stage.aws).find('mute'))?.configName).toBe(before);
});

test('a container that never starts is rolled back with its last words', async () => {
  await serve('crashing');
  const rollout = { ...stage.settings('').rollout, maxExecution: 600_000 };
  const { outcome } = await deploy(
    stage.settings('crashing', { environment: { CRASH: '1' }, rollout }),
    around(),
  );
  expect(outcome?.verdict).toBe('rolled-back');
  expect(outcome?.evidence?.logTail).toContain('no model today');
});

test('a first version that does not answer has failed, for there is nothing to come back to', async () => {
  const { outcome } = await deploy(stage.settings('stillborn', { environment: { FAIL: '1' } }), around());
  expect(outcome).toMatchObject({ verdict: 'failed', smoke: { status: 500 } });
  expect((await entries('stillborn'))[0]?.[1]).toBe('failure');
});

test('a watch that runs out of time leaves the deployment to AWS, and a re-run watches on', async () => {
  await serve('slow');
  const { outcome } = await deploy(
    stage.settings('slow', { ...version('2'), ...patient(), timeout: 1000 }),
    around(),
  );
  expect(outcome?.verdict).toBe('timed-out');
  expect((await entries('slow'))[0]?.[1]).toBe('in_progress');
  const again = await deploy(stage.settings('slow', version('2')), around());
  expect(again.outcome).toMatchObject({ verdict: 'promoted', deploymentId: outcome?.deploymentId });
});

test('a live version whose image is gone is not left: there would be no way back', async () => {
  await serve('orphaned');
  const { ECRClient, BatchDeleteImageCommand } = await import('@aws-sdk/client-ecr');
  const [, repositoryName, imageDigest] = /amazonaws.com\/([^@]+)@(.+)$/.exec(stage.image) ?? [];
  const other = await stage.pushImage('// another image\n');
  await stage.aws
    .client(ECRClient)
    .send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest }] }));
  await expect(deploy(stage.settings('orphaned', { imageUri: other }), around())).rejects.toThrow(
    /the image .*model-server@sha256:\w+ is no longer in its repository, so a roll-back of orphaned could not succeed/,
  );
  await stage.pushImage('');
});

test('a plan says what would change and what stands in the way, and changes nothing', async () => {
  await serve('planned');
  stage.proxy.forget();
  const { outcome, changes, markdown } = await deploy(
    stage.settings('planned', { ...version('2'), mode: 'plan', expectedCurrent: 'other' }),
    around(),
  );
  expect({ outcome, mutations: stage.proxy.mutations() }).toEqual({ outcome: undefined, mutations: [] });
  expect(changes.map(({ what }) => what)).toEqual(['endpoint config']);
  expect(markdown).toContain('`expected-current`: is other, but planned-');
});

test('a registered version is deployed by its ARN, approved first where that was asked for', async () => {
  const arn = await stage.register('flights', { VERSION: '1' }, 'PendingManualApproval');
  const settings = stage.settings('registered', {
    modelPackageArn: arn,
    imageUri: undefined,
    modelArtifactsUri: undefined,
    environment: {},
  });
  await expect(deploy(settings, around())).rejects.toThrow(
    'model-package-arn  is PendingManualApproval: approve it in the registry',
  );
  const { outcome } = await deploy({ ...settings, approve: true }, around());
  expect(outcome).toMatchObject({
    verdict: 'promoted',
    version: { modelPackageArn: arn, image: stage.image, modelArtifacts: stage.modelArtifacts },
  });
});

test('capture and the autoscaled count are carried over', async () => {
  const capture = { percent: 40, destination: 's3://models/capture' };
  await serve('kept', { capture });
  const { SageMakerClient, UpdateEndpointWeightsAndCapacitiesCommand } =
    await import('@aws-sdk/client-sagemaker');
  await stage.aws.client(SageMakerClient).send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: 'kept',
      DesiredWeightsAndCapacities: [{ VariantName: 'primary', DesiredInstanceCount: 3 }],
    }),
  );
  await until(stage.aws, async () => {
    const live = await endpoints(stage.aws).find('kept');
    return live?.status === 'InService' && live.variants[0]?.instanceCount === 3 ? live : undefined;
  });
  await serve('kept', version('2'));
  expect(await endpoints(stage.aws).find('kept')).toMatchObject({
    capture: { enabled: true, percent: 40 },
    variants: [{ desiredInstanceCount: 3 }],
  });
});

test('targets that are not built are refused by name', async () => {
  await expect(deploy(stage.settings('x', { target: 'lambda' }), around())).rejects.toThrow(
    'target: lambda is not built yet; sagemaker is.',
  );
});
