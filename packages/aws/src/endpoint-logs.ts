import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Aws } from './connect.ts';
import { isNotFound } from './errors.ts';

/** Enough to find the end of a burst of errors without reading a whole day of access logs. */
const mostPages = 20;

/**
 * The last lines that an endpoint's containers printed since an instant, oldest first. During a rollout these are of both fleets:
 * streams are named by instance, not by version.
 */
export async function endpointLogTail(
  aws: Aws,
  endpoint: string,
  { since, limit }: { since: number; limit: number },
): Promise<string[]> {
  const client = aws.client(CloudWatchLogsClient);
  let lines: { at: number; text: string }[] = [];
  let token: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    try {
      // A page may be empty and still have a successor.
      const { events, nextToken }: FilterLogEventsCommandOutput = await client.send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/sagemaker/Endpoints/${endpoint}`,
          startTime: since,
          ...(token === undefined ? {} : { nextToken: token }),
        }),
      );
      lines.push(
        ...(events ?? []).map(({ timestamp = 0, message = '' }) => ({ at: timestamp, text: message })),
      );
      lines = lines.sort((a, b) => a.at - b.at).slice(-limit);
      token = nextToken;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return [];
    }
    if (token === undefined) break;
  }
  return lines.map(({ text }) => text);
}
