import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { endpointConfigs, endpoints, models } from '@tidegate/aws';
import { deploy } from './deploy/deploy.ts';
import type { Ledger } from './deploy/ledger.ts';
import { rollback, type RollbackSettings } from './rollback.ts';
import { openStage, type Stage } from './testing/deployment-stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
afterEach(() => stage.clear());

const around = (ledger: Ledger = stage.ledger()) => ({
  aws: stage.aws,
  log: stage.log,
  signal: new AbortController().signal,
  ledger,
});

const allAtOnce = () => ({ ...stage.settings('').rollout, strategy: 'all-at-once' as const });

/** Three versions, one after another; gives their endpoint configs. */
async function threeVersions(endpoint: string): Promise<string[]> {
  const configs: string[] = [];
  for (const VERSION of ['1', '2', '3']) {
    const settings = stage.settings(endpoint, { environment: { VERSION }, rollout: allAtOnce() });
    const { outcome } = await deploy(settings, around());
    expect(outcome?.verdict).toBe('promoted');
    configs.push(outcome!.version.endpointConfig);
  }
  return configs;
}

const settings = (endpoint: string, change: Partial<RollbackSettings> = {}): RollbackSettings => {
  const { rollbackOn, smoke, verification } = stage.settings(endpoint);
  return {
    endpoint,
    to: 'previous',
    rollout: allAtOnce(),
    rollbackOn,
    rollbackAlarms: [],
    smoke,
    verification,
    expectedCurrent: undefined,
    tags: {},
    runId: '',
    mode: 'apply',
    timeout: 3_600_000,
    ...change,
  };
};

const live = async (endpoint: string) => (await endpoints(stage.aws).find(endpoint))?.configName;

test('rolling back twice goes back twice, and then says what the record holds', async () => {
  const [first, second, third] = await threeVersions('twice');
  const once = await rollback(settings('twice'), around());
  expect(once.outcome).toMatchObject({
    verdict: 'promoted',
    version: { endpointConfig: second, previousEndpointConfig: third, retires: third },
  });
  const again = await rollback(settings('twice'), around());
  expect(again.outcome).toMatchObject({ verdict: 'promoted', version: { endpointConfig: first } });
  expect(await live('twice')).toBe(first);
  await expect(rollback(settings('twice'), around())).rejects.toThrow(
    new RegExp(`^twice has nothing to roll back to: ${first} is live, .* recorded are \\d+ ${first}`),
  );
});

test('a version whose config and model were deleted is made again from its record', async () => {
  const [, second] = await threeVersions('remade');
  const config = await endpointConfigs(stage.aws).find(second!);
  await endpointConfigs(stage.aws).delete(second!);
  await models(stage.aws).delete(config!.variants[0]!.modelName);
  const { outcome } = await rollback(settings('remade'), around());
  expect(outcome).toMatchObject({ verdict: 'promoted', version: { endpointConfig: second } });
  expect(await models(stage.aws).find(config!.variants[0]!.modelName)).toMatchObject({
    image: stage.image,
    modelDataUri: stage.modelArtifacts,
    environment: { VERSION: '2' },
  });
});

test('a version is chosen by its deployment or its config; one that nobody knows is refused', async () => {
  const [first, second] = await threeVersions('chosen');
  const entry = (await stage.ledger().list()).find(({ payload }) => payload.endpointConfig === first);
  const byId = await rollback(settings('chosen', { to: String(entry?.id) }), around());
  expect(byId.outcome).toMatchObject({ verdict: 'promoted', version: { endpointConfig: first } });
  // As from another repository, whose record does not know it: AWS does.
  const unknown = around(stage.ledger('elsewhere'));
  const byName = await rollback(settings('chosen', { to: second! }), unknown);
  expect(byName.outcome).toMatchObject({
    verdict: 'promoted',
    version: { endpointConfig: second, image: stage.image },
  });
  await expect(rollback(settings('chosen', { to: 'nobody' }), around())).rejects.toThrow(
    'There is no deployment of chosen with the id or endpoint config nobody on record',
  );
});

test('a roll-back to a version that is broken too is itself taken back', async () => {
  const endpoint = 'worse';
  const broken = stage.settings(endpoint, {
    environment: { VERSION: '1', FAIL: '0.5' },
    rollbackOn: { ...stage.settings('').rollbackOn, errorRate: undefined },
    rollout: { ...allAtOnce(), finalBake: 0 },
  });
  await deploy(broken, around());
  await deploy(stage.settings(endpoint, { rollout: allAtOnce() }), around());
  const before = await live(endpoint);
  const traffic = stage.traffic(endpoint);
  const patient = { rollout: { ...allAtOnce(), bake: 600_000 } };
  const { outcome } = await rollback(settings(endpoint, patient), around());
  await traffic.end();
  expect(outcome).toMatchObject({ verdict: 'rolled-back', rollbackAlarm: 'worse-5xx' });
  expect(await live(endpoint)).toBe(before);
});

test('an endpoint that is not there has nothing to roll back', async () => {
  await expect(rollback(settings('ghost'), around())).rejects.toThrow(
    'The endpoint ghost does not exist, so there is nothing to roll back.',
  );
});
