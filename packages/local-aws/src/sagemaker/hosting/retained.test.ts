import { UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { DeploymentConfig, UpdateEndpointInput } from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { settles } from './testing/deployments.ts';
import { startStage } from './testing/stage.ts';

/** An endpoint on its first configuration, and an update to a fresh one of one instance and weight 7. */
async function start() {
  const server = await startStage();
  await server.serve('flights', { count: 2 });
  let versions = 1;
  const update = async (settings: Partial<UpdateEndpointInput>) => {
    const name = `version-${++versions}`;
    await server.createModel(name);
    await server.createConfig(name, [{ InitialInstanceCount: 1, InitialVariantWeight: 7 }]);
    await server.sagemaker.send(
      new UpdateEndpointCommand({ EndpointName: 'flights', EndpointConfigName: name, ...settings }),
    );
    return settles(server, 'flights');
  };
  return { ...server, update };
}

test('an update keeps the live counts and weights if it is told to, except those it is told not to', async () => {
  await using server = await start();
  expect(
    await server.update({
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
    }),
  ).toMatchObject({
    EndpointConfigName: 'version-2',
    ProductionVariants: [{ DesiredInstanceCount: 2, CurrentInstanceCount: 2, CurrentWeight: 7 }],
  });
  expect(await server.update({})).toMatchObject({ ProductionVariants: [{ DesiredInstanceCount: 1 }] });
});

test('the last deployment configuration is used again if it is asked for, and not otherwise', async () => {
  await using server = await start();
  const config: DeploymentConfig = {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
      TerminationWaitInSeconds: 0,
    },
  };
  expect((await server.update({ DeploymentConfig: config })).LastDeploymentConfig).toEqual(config);
  expect((await server.update({ RetainDeploymentConfig: true })).LastDeploymentConfig).toEqual(config);
  expect((await server.update({})).LastDeploymentConfig).toBeUndefined();
});

test('an update for which there is no capacity goes back and says so', async () => {
  await using server = await start();
  server.aws.faults.add({ effect: 'capacity', operation: 'UpdateEndpoint', times: 1 });
  expect(await server.update({})).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'flights-1',
    FailureReason: expect.stringContaining('InsufficientInstanceCapacity'),
  });
});
