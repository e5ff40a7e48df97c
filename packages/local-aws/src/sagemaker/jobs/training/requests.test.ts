import {
  DeleteTrainingJobCommand,
  ListTrainingJobsCommand,
  type ListTrainingJobsCommandInput,
  type ListTrainingJobsCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { withBench, type Bench } from '../testing/bench.ts';

test("what cannot be run is refused when it is asked for, in AWS's words", async () => {
  await withBench({}, async (bench) => {
    const train = (name: string, changes: Parameters<Bench['train']>[2]) =>
      bench.train(name, { 'train.py': 'print(1)' }, changes);
    const channel = (S3Uri: string) => [
      { ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri } } },
    ];
    await expect(train('x', { RoleArn: 'arn:aws:iam::123456789012:role/nobody' })).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "Could not assume role arn:aws:iam::123456789012:role/nobody. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
    });
    await expect(train('x', { InputDataConfig: channel('s3://lab/nothing/') })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `No S3 objects found under S3 URL "s3://lab/nothing/" given in input data source. Please ensure that the bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role "${bench.role}" has "s3:ListBucket" permissions on bucket "lab".`,
    });
    await expect(
      train('x', {
        AlgorithmSpecification: {
          TrainingInputMode: 'File',
          TrainingImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1',
        },
      }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/^Cannot find repository: mine in registry ID: 123456789012 /),
    });
    await expect(
      train('x', {
        ResourceConfig: {
          InstanceType: 'ml.m5.large',
          InstanceCount: 1,
          VolumeSizeInGB: 1,
          KeepAlivePeriodInSeconds: 60,
        },
      }),
    ).rejects.toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    });
    await expect(train('-x', {})).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value '-x' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    });
    await expect(bench.untilTraining('nothing')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Requested resource not found.',
    });
    await train('taken', {});
    await expect(train('taken', {})).rejects.toMatchObject({ name: 'ResourceInUse' });
    await bench.untilTraining('taken');
  });
});

test('jobs are listed, deleted when they are over, and their names are free again', async () => {
  await withBench({}, async (bench) => {
    for (const name of ['a-1', 'a-2', 'b-1']) {
      await bench.train(name, { 'train.py': 'print(1)' });
      await bench.untilTraining(name);
    }
    const list = (input: ListTrainingJobsCommandInput) =>
      bench.sagemaker.send(new ListTrainingJobsCommand(input));
    const names = (answer: ListTrainingJobsCommandOutput) =>
      answer.TrainingJobSummaries?.map(({ TrainingJobName }) => TrainingJobName);
    const first = await list({ MaxResults: 2, SortBy: 'Name', SortOrder: 'Ascending' });
    expect(names(first)).toEqual(['a-1', 'a-2']);
    expect(
      names(
        await list({ MaxResults: 2, SortBy: 'Name', SortOrder: 'Ascending', NextToken: first.NextToken }),
      ),
    ).toEqual(['b-1']);
    expect(names(await list({ NameContains: 'a-', StatusEquals: 'Completed' }))).toEqual(['a-2', 'a-1']);
    await bench.sagemaker.send(new DeleteTrainingJobCommand({ TrainingJobName: 'a-1' }));
    await bench.train('a-1', { 'train.py': 'print(1)' });
    expect((await bench.untilTraining('a-1')).TrainingJobStatus).toBe('Completed');
  });
});
