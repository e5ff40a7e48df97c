import { ProductionVariantInstanceType } from '@aws-sdk/client-sagemaker';
import type { Constraints } from '../../kernel/constraints.ts';

const name = { min: 0, max: 63, pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}' };
const s3Uri = { max: 1024, pattern: '(https|s3)://([^/]+)/?(.*)' };
const seconds = (min: number, max: number) => ({ min, max });

/** Patterns, lengths, ranges and enums of hosting's requests, from the service model. */
export const hostingConstraints: Constraints = {
  'CreateModelInput.ModelName': name,
  'CreateModelInput.Containers': { max: 15 },
  'CreateModelInput.ExecutionRoleArn': {
    min: 20,
    max: 2048,
    pattern: 'arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
  },
  'ContainerDefinition.Image': { max: 255, pattern: '[\\S]+' },
  'ContainerDefinition.ModelDataUrl': s3Uri,
  'ContainerDefinition.Mode': { enum: ['SingleModel', 'MultiModel'] },
  'S3ModelDataSource.S3Uri': s3Uri,
  'S3ModelDataSource.S3DataType': { enum: ['S3Prefix', 'S3Object'] },
  'S3ModelDataSource.CompressionType': { enum: ['None', 'Gzip'] },
  'CreateEndpointConfigInput.EndpointConfigName': name,
  'CreateEndpointConfigInput.ProductionVariants': { min: 1, max: 10 },
  'ProductionVariant.VariantName': name,
  'ProductionVariant.ModelName': name,
  'ProductionVariant.InitialInstanceCount': { min: 1 },
  'ProductionVariant.InstanceType': { enum: Object.values(ProductionVariantInstanceType) },
  'ProductionVariant.InitialVariantWeight': { min: 0 },
  'ProductionVariant.VolumeSizeInGB': { min: 1, max: 512 },
  'ProductionVariant.ModelDataDownloadTimeoutInSeconds': seconds(60, 3600),
  'ProductionVariant.ContainerStartupHealthCheckTimeoutInSeconds': seconds(60, 3600),
  'ProductionVariantRoutingConfig.RoutingStrategy': { enum: ['LEAST_OUTSTANDING_REQUESTS', 'RANDOM'] },
  'DataCaptureConfig.InitialSamplingPercentage': { min: 0, max: 100 },
  'DataCaptureConfig.DestinationS3Uri': { max: 512, pattern: '(https|s3)://([^/]+)/?(.*)' },
  'DataCaptureConfig.CaptureOptions': { min: 1, max: 32 },
  'CaptureOption.CaptureMode': { enum: ['Input', 'Output', 'InputAndOutput'] },
  'CaptureContentTypeHeader.CsvContentTypes': { min: 1, max: 10 },
  'CaptureContentTypeHeader.JsonContentTypes': { min: 1, max: 10 },
  'MetricsConfig.MetricPublishFrequencyInSeconds': { min: 10, max: 300 },
  'CreateEndpointInput.EndpointName': name,
  'CreateEndpointInput.EndpointConfigName': name,
  'UpdateEndpointInput.EndpointName': name,
  'UpdateEndpointInput.EndpointConfigName': name,
  'VariantProperty.VariantPropertyType': {
    enum: ['DesiredInstanceCount', 'DesiredWeight', 'DataCaptureConfig'],
  },
  'UpdateEndpointWeightsAndCapacitiesInput.DesiredWeightsAndCapacities': { min: 1 },
  'DesiredWeightAndCapacity.DesiredWeight': { min: 0 },
  'DesiredWeightAndCapacity.DesiredInstanceCount': { min: 0 },
  'AutoRollbackConfig.Alarms': { min: 1, max: 10 },
  'Alarm.AlarmName': { min: 1, max: 255, pattern: '(?!\\s*$).+' },
  'TrafficRoutingConfig.Type': { enum: ['ALL_AT_ONCE', 'CANARY', 'LINEAR'] },
  'TrafficRoutingConfig.WaitIntervalInSeconds': seconds(0, 3600),
  'CapacitySize.Type': { enum: ['INSTANCE_COUNT', 'CAPACITY_PERCENT'] },
  'CapacitySize.Value': { min: 1 },
  'BlueGreenUpdatePolicy.TerminationWaitInSeconds': seconds(0, 3600),
  'BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds': seconds(600, 28_800),
  'RollingUpdatePolicy.WaitIntervalInSeconds': seconds(0, 3600),
  'RollingUpdatePolicy.MaximumExecutionTimeoutInSeconds': seconds(600, 28_800),
};
