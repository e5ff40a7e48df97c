import { eventRules, type Aws } from '@tidegate/aws';

/** Where a `repository_dispatch` goes when production has drifted. */
export type DriftNotice = {
  /** `owner/name` */
  repository: string;
  /** GitHub's API: `https://api.github.com`. */
  apiUrl: string;
  /** May write contents of the repository; kept by EventBridge as a secret. */
  token: string;
  eventType: string;
  /** The role by which EventBridge calls the destination (events:InvokeApiDestination). */
  roleArn: string;
};

/** Has EventBridge tell GitHub when an alarm goes off: nobody has to ask in the meantime. Idempotent. */
export async function notifyOnDrift(aws: Aws, alarmName: string, notice: DriftNotice): Promise<void> {
  await eventRules(aws).toApiDestination({
    name: alarmName,
    description: `Tells ${notice.repository} that ${alarmName} has gone off.`,
    pattern: {
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      detail: { alarmName: [alarmName], state: { value: ['ALARM'] } },
    },
    destination: {
      // EventBridge calls https alone; an address without it stands in for GitHub's own.
      url: `${notice.apiUrl.startsWith('https://') ? notice.apiUrl : 'https://api.github.com'}/repos/${notice.repository}/dispatches`,
      headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
      authorization: `Bearer ${notice.token}`,
    },
    input: {
      paths: { alarm: '$.detail.alarmName', reason: '$.detail.state.reason', time: '$.time' },
      template: `{"event_type": ${JSON.stringify(notice.eventType)}, "client_payload": {"alarm": <alarm>, "reason": <reason>, "time": <time>}}`,
    },
    roleArn: notice.roleArn,
  });
}
