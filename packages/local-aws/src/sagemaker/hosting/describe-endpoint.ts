import type {
  DescribeEndpointOutput,
  PendingProductionVariantSummary,
  ProductionVariantSummary,
} from '@aws-sdk/client-sagemaker';
import type { World } from '../../kernel/world.ts';
import { servingCount } from './live.ts';
import type { EndpointRecord, FleetRecord, PhaseRecord, VariantRecord } from './records.ts';

/** The endpoint as DescribeEndpoint shows it: what serves, and beside it what is on its way. */
export function describedEndpoint(world: World, endpoint: EndpointRecord): DescribeEndpointOutput {
  const { activity } = endpoint;
  const deployment = activity?.kind === 'deploy' ? activity : undefined;
  const current = servingFleet(endpoint);
  const pending = deployment && endpoint.fleets.find(({ id }) => id === deployment.green);
  const phase = activity && 'phase' in activity ? activity.phase : undefined;
  const capture = current?.capture;
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: endpoint.configName,
    EndpointStatus: endpoint.status,
    CreationTime: new Date(endpoint.createdAt),
    LastModifiedTime: new Date(endpoint.modifiedAt),
    ...(endpoint.failureReason !== undefined && { FailureReason: endpoint.failureReason }),
    ...(current &&
      endpoint.status !== 'Creating' &&
      endpoint.status !== 'Failed' && {
        ProductionVariants: current.variants.map((variant) =>
          variantSummary(world, endpoint, current, variant, pending ? undefined : phase),
        ),
      }),
    ...(capture && {
      DataCaptureConfig: {
        EnableCapture: capture.EnableCapture ?? true,
        CaptureStatus: (capture.EnableCapture ?? true) ? 'Started' : 'Stopped',
        CurrentSamplingPercentage: capture.InitialSamplingPercentage,
        DestinationS3Uri: capture.DestinationS3Uri,
        KmsKeyId: capture.KmsKeyId ?? '',
      },
    }),
    ...(endpoint.lastDeploymentConfig && { LastDeploymentConfig: endpoint.lastDeploymentConfig }),
    ...(deployment &&
      pending && {
        PendingDeploymentSummary: {
          EndpointConfigName: pending.configName,
          StartTime: new Date(deployment.startedAt),
          ProductionVariants: pending.variants.map((variant) =>
            pendingSummary(world, endpoint, pending, variant, phase),
          ),
        },
      }),
  };
}

/** The fleet whose configuration the endpoint names. */
const servingFleet = (endpoint: EndpointRecord): FleetRecord | undefined => {
  const { activity } = endpoint;
  return activity?.kind === 'deploy'
    ? endpoint.fleets.find(({ id }) => id === activity.blue)
    : endpoint.fleets[0];
};

function variantSummary(
  world: World,
  endpoint: EndpointRecord,
  fleet: FleetRecord,
  variant: VariantRecord,
  phase: PhaseRecord | undefined,
): ProductionVariantSummary {
  return {
    VariantName: variant.name,
    DeployedImages: [
      {
        SpecifiedImage: variant.container.Image,
        ResolvedImage: variant.resolvedImage ?? variant.container.Image,
        ResolutionTime: new Date(variant.resolvedAt),
      },
    ],
    CurrentWeight: variant.weight,
    DesiredWeight: variant.desiredWeight,
    CurrentInstanceCount: servingCount(world, endpoint.name, fleet.id, variant.name),
    DesiredInstanceCount: variant.desiredCount,
    RoutingConfig: { RoutingStrategy: variant.routing },
    ...(phase && {
      VariantStatus: [
        { Status: phase.status, StatusMessage: phase.message, StartTime: new Date(phase.since) },
      ],
    }),
  };
}

const pendingSummary = (
  world: World,
  endpoint: EndpointRecord,
  fleet: FleetRecord,
  variant: VariantRecord,
  phase: PhaseRecord | undefined,
): PendingProductionVariantSummary => ({
  ...variantSummary(world, endpoint, fleet, variant, phase),
  InstanceType: variant.instanceType as NonNullable<PendingProductionVariantSummary['InstanceType']>,
});
