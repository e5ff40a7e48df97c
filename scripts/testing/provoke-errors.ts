import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRepositoryCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeConnectionCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';

/* Asks each client for what is not there or is there already, and prints what our code reads of the errors. */

const none = 'none-such';
const [alarms, logs, registries] = [new CloudWatchClient(), new CloudWatchLogsClient(), new ECRClient()];
const objects = new S3Client();
const provoke: (() => Promise<unknown>)[] = [
  () => alarms.send(new SetAlarmStateCommand({ AlarmName: none, StateValue: 'OK', StateReason: none })),
  () => logs.send(new GetLogEventsCommand({ logGroupName: none, logStreamName: none })),
  () => registries.send(new DescribeRepositoriesCommand({ repositoryNames: [none] })),
  async () => {
    for (let twice = 0; twice < 2; twice++)
      await registries.send(new CreateRepositoryCommand({ repositoryName: 'twice' }));
  },
  () => new EventBridgeClient().send(new DescribeConnectionCommand({ Name: none })),
  () => new IAMClient().send(new GetRoleCommand({ RoleName: none })),
  () => new KMSClient().send(new GetPublicKeyCommand({ KeyId: `alias/${none}` })),
  () => objects.send(new GetObjectCommand({ Bucket: none, Key: none })),
  async () => {
    await objects.send(new CreateBucketCommand({ Bucket: 'there' }));
    await objects.send(new GetObjectCommand({ Bucket: 'there', Key: none }));
  },
  () => objects.send(new HeadObjectCommand({ Bucket: none, Key: none })),
];
type Read = { name: string; message: string; Code?: string; $metadata: { httpStatusCode?: number } };
const said = await Promise.all(
  provoke.map((ask) =>
    ask().then(
      () => 'no error',
      ({ name, message, Code, $metadata }: Read) => ({
        code: Code ?? name,
        message,
        status: $metadata.httpStatusCode,
      }),
    ),
  ),
);
console.log(JSON.stringify(said));
