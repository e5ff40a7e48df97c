import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';

/** What SageMaker answers for a container that did not answer with 2xx. */
export function modelError(world: World, endpoint: string, status: number, message: string): AwsError {
  const group = `/aws/sagemaker/Endpoints/${endpoint}`;
  const side = status >= 400 && status < 500 ? 'client' : 'server';
  const logs = `https://${world.region}.console.aws.amazon.com/cloudwatch/home?region=${world.region}#logEventViewer:group=${group}`;
  return new AwsError(
    'ModelError',
    `Received ${side} error (${status}) from primary with message "${message}". See ${logs} in account ${world.account} for more information.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: message,
      LogStreamArn: `arn:aws:logs:${world.region}:${world.account}:log-group:${group}`,
    },
  );
}

export const timedOutError = (world: World, endpoint: string): AwsError =>
  modelError(
    world,
    endpoint,
    0,
    'Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.',
  );
