import { expect, test } from '@jest/globals';
import { SageMakerRuntimeClient, InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { startLocalAws } from './index.ts';

test('an error is not sent again for a clock that was moved', async () => {
  await using aws = await startLocalAws({ clock: { manual: true } });
  await aws.clock.advance(30 * 86_400_000);
  const runtime = new SageMakerRuntimeClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const answer = runtime.send(new InvokeEndpointCommand({ EndpointName: 'nobody', Body: Buffer.from('{}') }));
  await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 1 } });
});
