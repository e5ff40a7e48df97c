import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  ListEndpointConfigsCommand,
  SageMakerClient,
  type CaptureMode,
  type DescribeEndpointConfigOutput,
  type ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import { given, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';

export type Variant = {
  name: string;
  modelName: string;
  /** Null for a serverless variant. */
  instanceType: string | null;
  instanceCount: number;
  weight: number;
  startupTimeoutSeconds: number | null;
  downloadTimeoutSeconds: number | null;
};

export type DataCapture = {
  enabled: boolean;
  /** 0 … 100 */
  percent: number;
  destinationUri: string;
  modes: ('Input' | 'Output' | 'InputAndOutput')[];
  jsonContentTypes: string[];
  csvContentTypes: string[];
  kmsKeyId: string | null;
};

export type EndpointConfigSpec = {
  name: string;
  variants: Variant[];
  capture: DataCapture | null;
  kmsKeyId: string | null;
  tags: Record<string, string>;
};

export type EndpointConfig = Omit<EndpointConfigSpec, 'tags'> & { arn: string; createdAt: number };

export function endpointConfigs(aws: Aws) {
  const client = () => aws.client(SageMakerClient);
  return {
    /** Idempotent by name. */
    async create(spec: EndpointConfigSpec): Promise<'created' | 'already-there'> {
      try {
        await client().send(new CreateEndpointConfigCommand(request(spec)));
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    async find(name: string): Promise<EndpointConfig | undefined> {
      try {
        return fromAws(await client().send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    /** Newest first. */
    async named(nameContains: string): Promise<{ name: string; createdAt: number }[]> {
      const page = await client().send(
        new ListEndpointConfigsCommand({
          NameContains: nameContains,
          SortBy: 'CreationTime',
          SortOrder: 'Descending',
          MaxResults: 100,
        }),
      );
      return (page.EndpointConfigs ?? []).map((config) => ({
        name: given(config.EndpointConfigName, 'EndpointConfigName'),
        createdAt: given(config.CreationTime, 'CreationTime').getTime(),
      }));
    },

    async delete(name: string): Promise<void> {
      try {
        await client().send(new DeleteEndpointConfigCommand({ EndpointConfigName: name }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

function request(spec: EndpointConfigSpec) {
  return {
    EndpointConfigName: spec.name,
    ProductionVariants: spec.variants.map((variant) => ({
      VariantName: variant.name,
      ModelName: variant.modelName,
      InitialInstanceCount: variant.instanceCount,
      InitialVariantWeight: variant.weight,
      ...(variant.instanceType
        ? { InstanceType: variant.instanceType as ProductionVariantInstanceType }
        : {}),
      ...(variant.startupTimeoutSeconds === null
        ? {}
        : { ContainerStartupHealthCheckTimeoutInSeconds: variant.startupTimeoutSeconds }),
      ...(variant.downloadTimeoutSeconds === null
        ? {}
        : { ModelDataDownloadTimeoutInSeconds: variant.downloadTimeoutSeconds }),
    })),
    ...(spec.capture ? { DataCaptureConfig: captureRequest(spec.capture) } : {}),
    ...(spec.kmsKeyId ? { KmsKeyId: spec.kmsKeyId } : {}),
    Tags: tagList(spec.tags),
  };
}

function captureRequest(capture: DataCapture) {
  return {
    EnableCapture: capture.enabled,
    InitialSamplingPercentage: capture.percent,
    DestinationS3Uri: capture.destinationUri,
    CaptureOptions: capture.modes.map((CaptureMode) => ({ CaptureMode: CaptureMode satisfies CaptureMode })),
    CaptureContentTypeHeader: {
      ...(capture.jsonContentTypes.length > 0 ? { JsonContentTypes: capture.jsonContentTypes } : {}),
      ...(capture.csvContentTypes.length > 0 ? { CsvContentTypes: capture.csvContentTypes } : {}),
    },
    ...(capture.kmsKeyId ? { KmsKeyId: capture.kmsKeyId } : {}),
  };
}

function fromAws(config: DescribeEndpointConfigOutput): EndpointConfig {
  const capture = config.DataCaptureConfig;
  return {
    name: given(config.EndpointConfigName, 'EndpointConfigName'),
    arn: given(config.EndpointConfigArn, 'EndpointConfigArn'),
    createdAt: given(config.CreationTime, 'CreationTime').getTime(),
    kmsKeyId: config.KmsKeyId ?? null,
    variants: (config.ProductionVariants ?? []).map((variant) => ({
      name: given(variant.VariantName, 'VariantName'),
      modelName: variant.ModelName ?? '',
      instanceType: variant.InstanceType ?? null,
      instanceCount: variant.InitialInstanceCount ?? 0,
      weight: variant.InitialVariantWeight ?? 1,
      startupTimeoutSeconds: variant.ContainerStartupHealthCheckTimeoutInSeconds ?? null,
      downloadTimeoutSeconds: variant.ModelDataDownloadTimeoutInSeconds ?? null,
    })),
    // Some AWS servers answer {} where there is none.
    capture: capture?.DestinationS3Uri
      ? {
          enabled: capture.EnableCapture ?? false,
          percent: capture.InitialSamplingPercentage ?? 0,
          destinationUri: capture.DestinationS3Uri,
          modes: (capture.CaptureOptions ?? []).flatMap(({ CaptureMode }) => CaptureMode ?? []),
          jsonContentTypes: capture.CaptureContentTypeHeader?.JsonContentTypes ?? [],
          csvContentTypes: capture.CaptureContentTypeHeader?.CsvContentTypes ?? [],
          kmsKeyId: capture.KmsKeyId ?? null,
        }
      : null,
  };
}
