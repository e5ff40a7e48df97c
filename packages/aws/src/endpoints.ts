import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  type DescribeEndpointOutput,
  type EndpointStatus,
  type VariantPropertyType,
} from '@aws-sdk/client-sagemaker';
import { given, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { fromDeploymentConfig, toDeploymentConfig, type Rollout } from './rollout.ts';
import { isAlreadyThere, isBusy, isNotFound } from './errors.ts';

export type EndpointUpdate = {
  configName: string;
  /** The guardrail AWS itself applies: armed in the very call that shifts traffic. */
  rollout: Rollout;
  /** Keep the live instance counts, weights and capture; what is named here is taken from the new config instead. */
  retain: boolean;
  exceptRetained: VariantPropertyType[];
};

export type EndpointVariant = {
  name: string;
  weight: number;
  desiredWeight: number;
  instanceCount: number;
  desiredInstanceCount: number;
  /** What AWS says it is doing, newest first: `{ status: 'Baking', message: 'Baking for 600 seconds …' }`. */
  progress: { status: string; message: string }[];
  images: { specified: string; resolved: string }[];
};

export type Endpoint = {
  name: string;
  arn: string;
  status: EndpointStatus;
  /** The config that serves (or, while it is updated, that served before). `InService` alone proves nothing. */
  configName: string;
  variants: EndpointVariant[];
  /** The deployment under way. */
  pending: { configName: string; startedAt: number | null; variants: EndpointVariant[] } | null;
  failureReason: string;
  lastRollout: Rollout | null;
  capture: { enabled: boolean; percent: number; destinationUri: string } | null;
  createdAt: number;
  modifiedAt: number;
};

export function endpoints(aws: Aws) {
  const client = () => aws.client(SageMakerClient);
  return {
    async find(name: string): Promise<Endpoint | undefined> {
      try {
        return fromAws(await client().send(new DescribeEndpointCommand({ EndpointName: name })));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async create(
      name: string,
      configName: string,
      tags: Record<string, string>,
    ): Promise<'created' | 'already-there'> {
      try {
        await client().send(
          new CreateEndpointCommand({
            EndpointName: name,
            EndpointConfigName: configName,
            Tags: tagList(tags),
          }),
        );
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    /** `busy` when another deployment is under way. */
    async update(name: string, update: EndpointUpdate): Promise<'updating' | 'busy'> {
      try {
        await client().send(
          new UpdateEndpointCommand({
            EndpointName: name,
            EndpointConfigName: update.configName,
            RetainAllVariantProperties: update.retain,
            ...(update.retain && update.exceptRetained.length > 0
              ? {
                  ExcludeRetainedVariantProperties: update.exceptRetained.map((VariantPropertyType) => ({
                    VariantPropertyType,
                  })),
                }
              : {}),
            DeploymentConfig: toDeploymentConfig(update.rollout),
          }),
        );
        return 'updating';
      } catch (error) {
        if (isBusy(error)) return 'busy';
        throw error;
      }
    },

    async delete(name: string): Promise<void> {
      try {
        await client().send(new DeleteEndpointCommand({ EndpointName: name }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

function fromAws(endpoint: DescribeEndpointOutput): Endpoint {
  const pending = endpoint.PendingDeploymentSummary;
  const capture = endpoint.DataCaptureConfig;
  return {
    name: given(endpoint.EndpointName, 'EndpointName'),
    arn: given(endpoint.EndpointArn, 'EndpointArn'),
    status: given(endpoint.EndpointStatus, 'EndpointStatus'),
    configName: endpoint.EndpointConfigName ?? '',
    variants: (endpoint.ProductionVariants ?? []).map(variantFromAws),
    pending: pending
      ? {
          configName: pending.EndpointConfigName ?? '',
          startedAt: pending.StartTime?.getTime() ?? null,
          variants: (pending.ProductionVariants ?? []).map(variantFromAws),
        }
      : null,
    failureReason: endpoint.FailureReason ?? '',
    lastRollout: endpoint.LastDeploymentConfig ? fromDeploymentConfig(endpoint.LastDeploymentConfig) : null,
    capture: capture
      ? {
          enabled: capture.EnableCapture ?? false,
          percent: capture.CurrentSamplingPercentage ?? 0,
          destinationUri: capture.DestinationS3Uri ?? '',
        }
      : null,
    createdAt: given(endpoint.CreationTime, 'CreationTime').getTime(),
    modifiedAt: given(endpoint.LastModifiedTime, 'LastModifiedTime').getTime(),
  };
}

type SdkVariant = {
  VariantName?: string | undefined;
  CurrentWeight?: number | undefined;
  DesiredWeight?: number | undefined;
  CurrentInstanceCount?: number | undefined;
  DesiredInstanceCount?: number | undefined;
  VariantStatus?: { Status?: string | undefined; StatusMessage?: string | undefined }[] | undefined;
  DeployedImages?: { SpecifiedImage?: string | undefined; ResolvedImage?: string | undefined }[] | undefined;
};

function variantFromAws(variant: SdkVariant): EndpointVariant {
  return {
    name: given(variant.VariantName, 'VariantName'),
    weight: variant.CurrentWeight ?? 0,
    desiredWeight: variant.DesiredWeight ?? 0,
    instanceCount: variant.CurrentInstanceCount ?? 0,
    desiredInstanceCount: variant.DesiredInstanceCount ?? 0,
    progress: (variant.VariantStatus ?? []).map(({ Status, StatusMessage }) => ({
      status: Status ?? '',
      message: StatusMessage ?? '',
    })),
    images: (variant.DeployedImages ?? []).map(({ SpecifiedImage, ResolvedImage }) => ({
      specified: SpecifiedImage ?? '',
      resolved: ResolvedImage ?? '',
    })),
  };
}
