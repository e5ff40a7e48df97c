import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Aws } from './connect.ts';
import { isNotFound } from './errors.ts';

export type LogFollower = {
  /** The lines since the last call, each stream's in order. A stream that is not there yet has none. */
  next(): Promise<string[]>;
};

/** Where SageMaker writes what jobs print; the streams of a job begin with `<job name>/`. */
export const jobLogGroups = {
  training: '/aws/sagemaker/TrainingJobs',
  processing: '/aws/sagemaker/ProcessingJobs',
  transform: '/aws/sagemaker/TransformJobs',
} as const;

export function logs(aws: Aws) {
  const client = () => aws.client(CloudWatchLogsClient);

  async function streamNames(group: string, prefix: string): Promise<string[]> {
    try {
      const page = await client().send(
        new DescribeLogStreamsCommand({ logGroupName: group, logStreamNamePrefix: prefix }),
      );
      return (page.logStreams ?? []).flatMap(({ logStreamName }) => logStreamName ?? []);
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }

  return {
    /** Reads on from where it was: forward tokens, so that no line is lost or told twice. */
    follow(group: string, prefix: string): LogFollower {
      const tokens = new Map<string, string | undefined>();
      return {
        async next() {
          const lines: string[] = [];
          for (const stream of await streamNames(group, prefix)) {
            for (;;) {
              const before = tokens.get(stream);
              const page = await client().send(
                new GetLogEventsCommand({
                  logGroupName: group,
                  logStreamName: stream,
                  startFromHead: true,
                  ...(before ? { nextToken: before } : {}),
                }),
              );
              lines.push(...(page.events ?? []).map(({ message }) => message ?? ''));
              tokens.set(stream, page.nextForwardToken);
              // The end of a stream is a token that repeats, not one that is missing.
              if (page.nextForwardToken === before || (page.events ?? []).length === 0) break;
            }
          }
          return lines;
        },
      };
    },

    /** The last lines a job printed, oldest first. */
    async tail(group: string, prefix: string, limit: number): Promise<string[]> {
      const lines: string[] = [];
      for (const stream of await streamNames(group, prefix)) {
        const page = await client().send(
          new GetLogEventsCommand({
            logGroupName: group,
            logStreamName: stream,
            startFromHead: false,
            limit,
          }),
        );
        lines.push(...(page.events ?? []).map(({ message }) => message ?? ''));
      }
      return lines.slice(-limit);
    },
  };
}
