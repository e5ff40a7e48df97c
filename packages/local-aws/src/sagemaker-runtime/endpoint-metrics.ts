import { recordInto, seriesOf } from '../cloudwatch/metrics.ts';
import type { Series } from '../cloudwatch/series.ts';
import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import type { ModelServer } from '../sagemaker/hosting/model-server.ts';
import type { EndpointRecord } from '../sagemaker/hosting/records.ts';
import type { Target } from '../sagemaker/hosting/router.ts';

export type Outcome = {
  /** The container's status; 0 where it gave none. */
  status: number;
  modelMs: number;
  overheadMs: number;
};

/** Metric → unit. */
const units = {
  Invocations: 'None',
  InvocationsPerInstance: 'None',
  Invocation4XXErrors: 'None',
  Invocation5XXErrors: 'None',
  InvocationModelErrors: 'None',
  ModelLatency: 'Microseconds',
  OverheadLatency: 'Microseconds',
} as const;

type MetricName = keyof typeof units;
type Handles = Record<MetricName, Series>;

/**
 * What SageMaker publishes of each invocation, by (EndpointName, VariantName) and, while a deployment is under way, also by
 * EndpointConfigName: an alarm on that sees the new fleet alone. Errors are 1 or 0 for each request, so that their average
 * is a rate; anything but 2xx, a broken connection and a timeout included, is a model error.
 */
export function recordInvocation(
  world: World,
  endpoint: EndpointRecord,
  target: Target<ModelServer>,
  { status, modelMs, overheadMs }: Outcome,
): void {
  const values: Record<MetricName, number> = {
    Invocations: 1,
    InvocationsPerInstance: 1 / Math.max(1, target.servers.length),
    Invocation4XXErrors: status >= 400 && status < 500 ? 1 : 0,
    Invocation5XXErrors: status >= 500 || status === 0 ? 1 : 0,
    InvocationModelErrors: status >= 200 && status < 300 ? 0 : 1,
    ModelLatency: Math.round(modelMs * 1000),
    OverheadLatency: Math.max(0, Math.round(overheadMs * 1000)),
  };
  const slotMs = (endpoint.fleets.find(({ id }) => id === target.fleet)?.metricSeconds ?? 60) * 1000;
  const at = Math.floor(world.clock.now() / slotMs) * slotMs;
  const byVariant = handles(world, endpoint.name, target.variant);
  const byConfig =
    endpoint.activity?.kind === 'deploy'
      ? handles(world, endpoint.name, target.variant, target.configName)
      : undefined;
  for (const name of Object.keys(units) as MetricName[]) {
    recordInto(world, byVariant[name], at, values[name], units[name]);
    if (byConfig) recordInto(world, byConfig[name], at, values[name], units[name]);
  }
}

/** The series of one set of dimensions, looked up once: a busy endpoint records thousands of values a second. */
function handles(world: World, endpoint: string, variant: string, config?: string): Handles {
  const known = perWorld(world, 'runtime.metrics', () => new Map<string, Handles>());
  const key = `${endpoint} ${variant} ${config ?? ''}`;
  let found = known.get(key);
  if (found === undefined) {
    const dimensions = {
      EndpointName: endpoint,
      VariantName: variant,
      ...(config !== undefined && { EndpointConfigName: config }),
    };
    const names = Object.keys(units) as MetricName[];
    found = Object.fromEntries(
      names.map((name) => [name, seriesOf(world, { namespace: 'AWS/SageMaker', name, dimensions })]),
    ) as Handles;
    known.set(key, found);
  }
  return found;
}
