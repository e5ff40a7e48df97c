import { kind, NotUnderstood } from '@tidegate/github';

/* The gate's own kinds of input. They load nothing, so that a wrong threshold is refused before anything else happens. */

type Threshold = { atLeast?: number; atMost?: number; notBelowLiveBy?: number; notAboveLiveBy?: number };
type Slices = { by: string[]; minSamples: number; thresholds: Record<string, Threshold> };

const MEMBERS = {
  'at-least': 'atLeast',
  'at-most': 'atMost',
  'not-below-live-by': 'notBelowLiveBy',
  'not-above-live-by': 'notAboveLiveBy',
} as const;

/** `{"roc-auc": {"at-least": 0.66, "not-below-live-by": 0.005}}` */
export const thresholds = kind('thresholds as JSON ({"roc-auc": {"at-least": 0.66}})', (text) => {
  const parsed = Object.fromEntries(
    Object.entries(objectOf(text)).map(([metric, value]) => [metric, thresholdOf(metric, value)]),
  );
  if (Object.keys(parsed).length === 0) throw new NotUnderstood('names no metric, so everything would pass');
  return parsed;
});

/** `{"by": ["origin"], "min-samples": 500, "roc-auc": {"at-least": 0.58}}` */
export const slices = kind(
  'slices as JSON ({"by": ["origin"], "roc-auc": {"at-least": 0.58}})',
  (text): Slices => {
    const { by, 'min-samples': minSamples = 100, ...metrics } = objectOf(text);
    const columns = typeof by === 'string' ? [by] : by;
    if (
      !Array.isArray(columns) ||
      columns.length === 0 ||
      columns.some((column) => typeof column !== 'string')
    ) {
      throw new NotUnderstood('needs "by": the columns whose every value is a slice');
    }
    if (!Number.isSafeInteger(minSamples) || (minSamples as number) < 1) {
      throw new NotUnderstood('has a min-samples that is not a whole number of 1 or more');
    }
    return {
      by: columns as string[],
      minSamples: minSamples as number,
      thresholds: Object.fromEntries(
        Object.entries(metrics).map(([metric, value]) => [metric, thresholdOf(metric, value)]),
      ),
    };
  },
);

const PACKAGE = /^arn:aws[\w-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/[\w-]+\/\d+$/;

export const baseline = kind('live, main, release, none or a model package ARN', (text) => {
  if (text === 'live' || text === 'main' || text === 'release' || text === 'none') return text;
  if (PACKAGE.test(text)) return { packageArn: text };
  throw new NotUnderstood();
});

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new NotUnderstood(`is not JSON: ${(error as Error).message}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new NotUnderstood();
  return value as Record<string, unknown>;
}

function thresholdOf(metric: string, value: unknown): Threshold {
  const threshold: Threshold = {};
  for (const [name, limit] of Object.entries(value ?? {})) {
    const member = Object.hasOwn(MEMBERS, name) ? MEMBERS[name as keyof typeof MEMBERS] : undefined;
    if (member === undefined) {
      throw new NotUnderstood(`has ${metric}.${name}; there are ${Object.keys(MEMBERS).join(', ')}`);
    }
    if (typeof limit !== 'number' || !Number.isFinite(limit))
      throw new NotUnderstood(`has ${metric}.${name}, which is not a number`);
    if (name.startsWith('not-') && limit < 0) throw new NotUnderstood(`has ${metric}.${name} below 0`);
    threshold[member] = limit;
  }
  if (Object.keys(threshold).length === 0) throw new NotUnderstood(`asks nothing of ${metric}`);
  return threshold;
}
