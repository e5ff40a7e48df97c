import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  AddTagsCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DeleteModelPackageCommand,
  DeleteModelPackageGroupCommand,
  DeleteTagsCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  ListTagsCommand,
  UpdateModelPackageCommand,
  type CreateModelPackageInput,
  type ListModelPackagesInput,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { pythonImage, until, withBench, type Bench } from '../jobs/testing/bench.ts';

const arn = (version: number) => `arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/${version}`;

async function withGroup(
  body: (
    bench: Bench,
    register: (more?: CreateModelPackageInput) => Promise<string | undefined>,
  ) => Promise<void>,
) {
  await withBench(
    { clock: { manual: true, start: new Date('2026-01-01T00:00:00Z') } },
    async (bench, aws) => {
      await bench.put('model.tar.gz', 'model');
      await bench.sagemaker.send(
        new CreateModelPackageGroupCommand({
          ModelPackageGroupName: 'flights',
          Tags: [{ Key: 'team', Value: 'delay' }],
        }),
      );
      await body(bench, async (more) => {
        await aws.clock.advance(1000);
        const { ModelPackageArn } = await bench.sagemaker.send(
          new CreateModelPackageCommand({
            ModelPackageGroupName: 'flights',
            InferenceSpecification: {
              Containers: [{ Image: pythonImage, ModelDataUrl: 's3://lab/model.tar.gz' }],
              SupportedContentTypes: ['application/json'],
            },
            ...more,
          }),
        );
        return ModelPackageArn;
      });
    },
  );
}

const list = async (bench: Bench, input: ListModelPackagesInput) => {
  const { ModelPackageSummaryList, NextToken } = await bench.sagemaker.send(
    new ListModelPackagesCommand({ ModelPackageGroupName: 'flights', ...input }),
  );
  return {
    versions: ModelPackageSummaryList?.map(({ ModelPackageVersion }) => ModelPackageVersion),
    NextToken,
  };
};

test('versions of a group count up, and a number is never given twice', async () => {
  await withGroup(async (bench, register) => {
    expect([await register(), await register()]).toEqual([arn(1), arn(2)]);
    await bench.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: arn(2) }));
    expect(await register()).toBe(arn(3));
    expect(await list(bench, {})).toEqual({ versions: [1, 3], NextToken: undefined });
    await expect(
      bench.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn(2) })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: `ModelPackage ${arn(2)} does not exist.`,
    });
    await expect(
      bench.sagemaker.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: 'flights' })),
    ).rejects.toMatchObject({ name: 'ConflictException' });
  });
});

test('a package keeps where it came from, how good it is and what it is compared with', async () => {
  await withGroup(async (bench, register) => {
    const lineage = {
      MetadataProperties: { CommitId: '3f2a9c1', Repository: 'acme/flights' },
      CustomerMetadataProperties: { 'tidegate:run': '17' },
      ModelMetrics: {
        ModelQuality: { Statistics: { ContentType: 'application/json', S3Uri: 's3://lab/quality.json' } },
      },
      DriftCheckBaselines: {
        ModelDataQuality: {
          Statistics: { ContentType: 'application/json', S3Uri: 's3://lab/statistics.json' },
        },
      },
    };
    await register(lineage);
    const described = await bench.sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: arn(1) }),
    );
    expect(described).toMatchObject({
      ...lineage,
      ModelPackageArn: arn(1),
      ModelPackageGroupName: 'flights',
      ModelPackageVersion: 1,
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'PendingManualApproval',
      CreationTime: new Date('2026-01-01T00:00:01Z'),
      InferenceSpecification: {
        Containers: [{ Image: pythonImage, ModelDataUrl: 's3://lab/model.tar.gz' }],
        SupportedContentTypes: ['application/json'],
      },
    });
  });
});

test('the newest approved version is found by its approval, page by page', async () => {
  await withGroup(async (bench, register) => {
    for (const approval of ['Approved', 'Rejected', 'Approved', undefined] as const) {
      await register(approval === undefined ? {} : { ModelApprovalStatus: approval });
    }
    const newest = {
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      ModelApprovalStatus: 'Approved',
      MaxResults: 1,
    } as const;
    const first = await list(bench, newest);
    expect(first.versions).toEqual([3]);
    expect(await list(bench, { ...newest, NextToken: first.NextToken })).toEqual({
      versions: [1],
      NextToken: undefined,
    });
    await bench.sagemaker.send(
      new UpdateModelPackageCommand({
        ModelPackageArn: arn(4),
        ModelApprovalStatus: 'Approved',
        ApprovalDescription: 'gate passed',
        CustomerMetadataProperties: { by: 'gate' },
      }),
    );
    expect((await list(bench, newest)).versions).toEqual([4]);
    expect(
      await bench.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn(4) })),
    ).toMatchObject({
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: 'gate passed',
      CustomerMetadataProperties: { by: 'gate' },
    });
  });
});

test('the same client token makes one version; what is not there is refused', async () => {
  await withGroup(async (_, register) => {
    expect([await register({ ClientToken: 'run-17' }), await register({ ClientToken: 'run-17' })]).toEqual([
      arn(1),
      arn(1),
    ]);
    await expect(register({ ModelPackageGroupName: 'nobody' })).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'ModelPackageGroup arn:aws:sagemaker:us-east-1:123456789012:model-package-group/nobody does not exist.',
    });
    const missing = { Containers: [{ Image: pythonImage, ModelDataUrl: 's3://lab/gone.tar.gz' }] };
    await expect(register({ InferenceSpecification: missing })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('s3://lab/gone.tar.gz'),
    });
  });
});

test('anything with an ARN takes tags', async () => {
  await withGroup(async (bench, register) => {
    const group = 'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/flights';
    await register();
    const tags = async (ResourceArn: string) =>
      (await bench.sagemaker.send(new ListTagsCommand({ ResourceArn }))).Tags;
    expect(await tags(group)).toEqual([{ Key: 'team', Value: 'delay' }]);
    await bench.sagemaker.send(
      new AddTagsCommand({
        ResourceArn: arn(1),
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await bench.sagemaker.send(new DeleteTagsCommand({ ResourceArn: arn(1), TagKeys: ['a'] }));
    expect(await tags(arn(1))).toEqual([{ Key: 'b', Value: '2' }]);
    await expect(tags(arn(9))).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

test('an approval is an event that starts a deployment', async () => {
  await withGroup(async (bench, register) => {
    await bench.events.send(
      new PutRuleCommand({
        Name: 'approved',
        EventPattern: JSON.stringify({
          source: ['aws.sagemaker'],
          'detail-type': ['SageMaker Model Package State Change'],
          detail: { ModelPackageGroupName: ['flights'], ModelApprovalStatus: ['Approved'] },
        }),
      }),
    );
    const Arn = 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/approved';
    await bench.events.send(new PutTargetsCommand({ Rule: 'approved', Targets: [{ Id: 'log', Arn }] }));
    await register();
    await bench.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn: arn(1), ModelApprovalStatus: 'Approved' }),
    );
    const events = await until(
      () => bench.groupLines('/aws/events/approved'),
      (lines) => lines.length > 0,
    );
    expect(events.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        resources: [arn(1)],
        detail: { ModelPackageArn: arn(1), ModelApprovalStatus: 'Approved', ModelPackageVersion: 1 },
      },
    ]);
  });
});
