import { randomUUID } from 'node:crypto';
import type { World } from '../../kernel/world.ts';
import { foundModel } from './models.ts';
import type { EndpointConfigRecord, FleetRecord, VariantRecord } from './records.ts';
import { resolvedImage } from './resolved-image.ts';

/** What of the live fleet an update carries over to the new one. */
export type Retained = { counts: boolean; weights: boolean; capture: boolean };

/** SageMaker's own default for a container that does not say how long it takes to start. */
const defaultHealthTimeoutSeconds = 8 * 60;
const defaultMetricSeconds = 60;

/**
 * A fleet for an endpoint configuration, with copies of the models it names.
 * @throws AwsError `ValidationException` where a model is gone
 */
export function fleetFor(
  world: World,
  config: EndpointConfigRecord,
  live?: { fleet: FleetRecord; retained: Retained },
): FleetRecord {
  const { settings } = config;
  const variants: VariantRecord[] = [];
  for (const variant of settings.ProductionVariants ?? []) {
    const model = foundModel(world, variant.ModelName);
    const before = live?.fleet.variants.find(({ name }) => name === variant.VariantName);
    const count =
      (live?.retained.counts ? before?.desiredCount : undefined) ?? variant.InitialInstanceCount ?? 1;
    const weight =
      (live?.retained.weights ? before?.desiredWeight : undefined) ?? variant.InitialVariantWeight ?? 1;
    const image = resolvedImage(world, model.container.Image);
    variants.push({
      name: variant.VariantName ?? '',
      weight,
      desiredWeight: weight,
      count,
      desiredCount: count,
      instanceType: variant.InstanceType ?? '',
      modelName: model.name,
      container: model.container,
      ...(image !== undefined && { resolvedImage: image }),
      resolvedAt: world.clock.now(),
      healthTimeoutSeconds:
        variant.ContainerStartupHealthCheckTimeoutInSeconds ?? defaultHealthTimeoutSeconds,
      routing: variant.RoutingConfig?.RoutingStrategy ?? 'RANDOM',
    });
  }
  const capture = live?.retained.capture ? live.fleet.capture : settings.DataCaptureConfig;
  return {
    id: randomUUID(),
    configName: config.name,
    share: 0,
    variants,
    ...(capture && { capture }),
    metricSeconds: settings.MetricsConfig?.MetricPublishFrequencyInSeconds ?? defaultMetricSeconds,
  };
}
