import { DeleteEndpointCommand } from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { startStage } from './testing/stage.ts';

test('an endpoint is created, answers from its model, is described and deleted', async () => {
  await using server = await startStage();
  const { sagemaker, serve, describe, invoke, image } = server;
  await serve('flights', { count: 2 });
  expect(await describe('flights')).toMatchObject({
    EndpointName: 'flights',
    EndpointArn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights',
    EndpointConfigName: 'flights-1',
    EndpointStatus: 'InService',
    CreationTime: new Date('2026-11-23T10:00:00Z'),
    ProductionVariants: [
      {
        VariantName: 'main',
        CurrentWeight: 1,
        DesiredWeight: 1,
        CurrentInstanceCount: 2,
        DesiredInstanceCount: 2,
        DeployedImages: [
          {
            SpecifiedImage: image,
            ResolvedImage: expect.stringMatching(/model-server@sha256:[0-9a-f]{64}$/),
          },
        ],
      },
    ],
  });
  expect(await invoke('flights', { Body: 'from DEN' })).toEqual({
    model: 'flights-1',
    pid: expect.any(Number),
    got: 'from DEN',
    variant: 'main',
  });
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'flights' }));
  await expect(server.until('flights', () => false)).rejects.toThrow(
    'Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights".',
  );
});
