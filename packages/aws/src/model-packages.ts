import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeModelPackageCommand,
  DescribeModelPackageGroupCommand,
  ListModelPackagesCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
  type DescribeModelPackageOutput,
  type ModelApprovalStatus,
  type TransformInstanceType,
  type ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import { given, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';

export type ModelPackageSpec = {
  group: string;
  description: string;
  image: string;
  modelDataUri: string;
  environment: Record<string, string>;
  contentTypes: string[];
  responseTypes: string[];
  /** Empty: any. */
  inferenceInstances: string[];
  transformInstances: string[];
  approval: ModelApprovalStatus;
  /** Files of the registry's own shapes; null where there is none. */
  qualityStatisticsUri: string | null;
  baselineStatisticsUri: string | null;
  baselineConstraintsUri: string | null;
  commit: string;
  repository: string;
  /** Up to 50, values up to 256 characters. */
  properties: Record<string, string>;
  /** At most 36 characters: the same token is the same registration. */
  clientToken: string;
};

export type ModelPackage = {
  arn: string;
  group: string;
  version: number;
  status: 'Pending' | 'InProgress' | 'Completed' | 'Failed' | 'Deleting';
  approval: ModelApprovalStatus;
  image: string;
  modelDataUri: string | null;
  environment: Record<string, string>;
  qualityStatisticsUri: string | null;
  baselineStatisticsUri: string | null;
  baselineConstraintsUri: string | null;
  commit: string;
  repository: string;
  properties: Record<string, string>;
  createdAt: number;
};

export function modelPackages(aws: Aws) {
  const client = () => aws.client(SageMakerClient);

  async function find(arn: string): Promise<ModelPackage | undefined> {
    try {
      return fromAws(await client().send(new DescribeModelPackageCommand({ ModelPackageName: arn })));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  return {
    find,

    async ensureGroup(
      name: string,
      description: string,
      tags: Record<string, string>,
    ): Promise<'created' | 'already-there'> {
      try {
        await client().send(new DescribeModelPackageGroupCommand({ ModelPackageGroupName: name }));
        return 'already-there';
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      try {
        await client().send(
          new CreateModelPackageGroupCommand({
            ModelPackageGroupName: name,
            ModelPackageGroupDescription: description,
            Tags: tagList(tags),
          }),
        );
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    /** The versions of a group, newest first; none where the group is not there. Stop reading to stop asking. */
    async *versions(group: string): AsyncGenerator<ModelPackage> {
      let token: string | undefined;
      do {
        let page;
        try {
          page = await client().send(
            new ListModelPackagesCommand({
              ModelPackageGroupName: group,
              SortBy: 'CreationTime',
              SortOrder: 'Descending',
              NextToken: token,
            }),
          );
        } catch (error) {
          if (isNotFound(error)) return;
          throw error;
        }
        for (const { ModelPackageArn } of page.ModelPackageSummaryList ?? []) {
          const found = await find(given(ModelPackageArn, 'ModelPackageArn'));
          if (found) yield found;
        }
        token = page.NextToken;
      } while (token !== undefined);
    },

    /** @returns the exact ARN of the new version, or of the one this token has already made */
    async create(spec: ModelPackageSpec): Promise<string> {
      const answer = await client().send(new CreateModelPackageCommand(request(spec)));
      return given(answer.ModelPackageArn, 'ModelPackageArn');
    },

    async approve(arn: string, approval: ModelApprovalStatus, description: string): Promise<void> {
      await client().send(
        new UpdateModelPackageCommand({
          ModelPackageArn: arn,
          ModelApprovalStatus: approval,
          ApprovalDescription: description,
        }),
      );
    },
  };
}

function request(spec: ModelPackageSpec) {
  const json = (S3Uri: string) => ({ ContentType: 'application/json', S3Uri });
  const baselines = {
    ...(spec.baselineStatisticsUri ? { Statistics: json(spec.baselineStatisticsUri) } : {}),
    ...(spec.baselineConstraintsUri ? { Constraints: json(spec.baselineConstraintsUri) } : {}),
  };
  return {
    ModelPackageGroupName: spec.group,
    ModelPackageDescription: spec.description,
    InferenceSpecification: {
      Containers: [{ Image: spec.image, ModelDataUrl: spec.modelDataUri, Environment: spec.environment }],
      SupportedContentTypes: spec.contentTypes,
      SupportedResponseMIMETypes: spec.responseTypes,
      ...(spec.inferenceInstances.length > 0
        ? {
            SupportedRealtimeInferenceInstanceTypes:
              spec.inferenceInstances as ProductionVariantInstanceType[],
          }
        : {}),
      ...(spec.transformInstances.length > 0
        ? { SupportedTransformInstanceTypes: spec.transformInstances as TransformInstanceType[] }
        : {}),
    },
    ModelApprovalStatus: spec.approval,
    ...(spec.qualityStatisticsUri
      ? { ModelMetrics: { ModelQuality: { Statistics: json(spec.qualityStatisticsUri) } } }
      : {}),
    ...(Object.keys(baselines).length > 0 ? { DriftCheckBaselines: { ModelDataQuality: baselines } } : {}),
    MetadataProperties: { CommitId: spec.commit, Repository: spec.repository },
    CustomerMetadataProperties: spec.properties,
    ClientToken: spec.clientToken,
  };
}

function fromAws(found: DescribeModelPackageOutput): ModelPackage {
  const container = found.InferenceSpecification?.Containers?.[0];
  const baselines = found.DriftCheckBaselines?.ModelDataQuality;
  return {
    arn: given(found.ModelPackageArn, 'ModelPackageArn'),
    group: found.ModelPackageGroupName ?? '',
    version: found.ModelPackageVersion ?? 0,
    status: given(found.ModelPackageStatus, 'ModelPackageStatus'),
    approval: found.ModelApprovalStatus ?? 'PendingManualApproval',
    image: container?.Image ?? '',
    modelDataUri: container?.ModelDataUrl ?? container?.ModelDataSource?.S3DataSource?.S3Uri ?? null,
    environment: container?.Environment ?? {},
    qualityStatisticsUri: found.ModelMetrics?.ModelQuality?.Statistics?.S3Uri ?? null,
    baselineStatisticsUri: baselines?.Statistics?.S3Uri ?? null,
    baselineConstraintsUri: baselines?.Constraints?.S3Uri ?? null,
    commit: found.MetadataProperties?.CommitId ?? '',
    repository: found.MetadataProperties?.Repository ?? '',
    properties: found.CustomerMetadataProperties ?? {},
    createdAt: given(found.CreationTime, 'CreationTime').getTime(),
  };
}
