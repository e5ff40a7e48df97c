import type { DescribeModelPackageOutput, ModelPackageSummary } from '@aws-sdk/client-sagemaker';
import type { AwsEvent } from '../../kernel/world.ts';
import type { ModelPackageRecord } from './records.ts';

/** What a package is called and where it stands, in every answer about it. */
function identity(record: ModelPackageRecord) {
  const { version, approval, settings } = record;
  return {
    ...(version === undefined
      ? { ModelPackageName: record.name }
      : { ModelPackageGroupName: record.name, ModelPackageVersion: version }),
    ModelPackageArn: record.arn,
    CreationTime: new Date(record.createdAt),
    ModelPackageStatus: 'Completed' as const,
    ...(approval === undefined ? {} : { ModelApprovalStatus: approval }),
    ...(settings.ModelPackageDescription === undefined
      ? {}
      : { ModelPackageDescription: settings.ModelPackageDescription }),
    ...(settings.ModelLifeCycle === undefined ? {} : { ModelLifeCycle: settings.ModelLifeCycle }),
    ...(settings.ModelPackageRegistrationType === undefined
      ? {}
      : { ModelPackageRegistrationType: settings.ModelPackageRegistrationType }),
  };
}

export const summary = (record: ModelPackageRecord): ModelPackageSummary => identity(record);

export function described(record: ModelPackageRecord): DescribeModelPackageOutput {
  const { ClientToken: _, ...settings } = record.settings;
  return {
    ...settings,
    ...identity(record),
    // AWS names a versioned package by its group here.
    ModelPackageName: record.name,
    ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
    CertifyForMarketplace: settings.CertifyForMarketplace ?? false,
    ...(record.modifiedAt === undefined ? {} : { LastModifiedTime: new Date(record.modifiedAt) }),
    ...(record.approvalDescription === undefined ? {} : { ApprovalDescription: record.approvalDescription }),
  };
}

/** What starts deployments: sent when a package is made, and at each change of its approval. */
export function packageEvent(record: ModelPackageRecord): AwsEvent {
  const { CreationTime, LastModifiedTime, ...detail } = described(record);
  return {
    source: 'aws.sagemaker',
    'detail-type': 'SageMaker Model Package State Change',
    resources: [record.arn],
    detail: {
      ...detail,
      CreationTime: CreationTime?.toISOString(),
      ...(LastModifiedTime === undefined ? {} : { LastModifiedTime: LastModifiedTime.toISOString() }),
    },
  };
}
