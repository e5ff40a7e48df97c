import { centreOf } from '../profile/numbers.ts';
import { isNumeric, presentIn, type ColumnProfile, type Profile } from '../profile/profile.ts';
import { isPrediction } from '../read/capture-payload.ts';
import { UserError } from '../user-error.ts';
import { categoryBins, decileBins, numericPair } from './bins.ts';
import type { DriftVerdict, FeatureDrift, DriftReport } from './drift-report.ts';
import { drawnHistograms } from './evidence.ts';
import { adjustForDiscovery } from './false-discovery.ts';
import {
  chiSquared,
  jensenShannonDistance,
  kolmogorovSmirnov,
  populationStabilityIndex,
  totalVariation,
  wasserstein,
  type BinnedPair,
} from './measures.ts';
import { outsideOf } from './range.ts';
import { checkSettings, thresholdsFor, type DriftSettings, type Thresholds } from './settings.ts';
import { judge } from './verdict.ts';

/**
 * Compares current data with a baseline, feature by feature. A feature is an alarm when its effect reaches a threshold and the
 * difference is significant over all features; too few samples or nothing to measure is inconclusive, never a pass.
 * The report's verdict is the worst of its features' (fail, warn, inconclusive, none).
 * @throws UserError for settings that cannot be meant, and for a baseline without any feature
 */
export function drift(baseline: Profile, current: Profile, settings: DriftSettings = {}): DriftReport {
  checkSettings(settings);
  const known = byName(baseline);
  const currentColumns = byName(current);
  const features: FeatureDrift[] = [];
  for (const name of settings.features ?? known.keys()) {
    if (settings.perFeature?.[name]?.ignore) continue;
    const before = known.get(name);
    if (!before) throw new UserError(`the baseline has no feature "${name}"`);
    const now = currentColumns.get(name);
    features.push(measureFeature(before, now, current.rows, thresholdsFor(name, settings)));
  }
  if (features.length === 0) throw new UserError('the baseline has no feature to compare');
  const rows = { baseline: baseline.rows, current: current.rows };
  const adjusted = adjustForDiscovery(features.map((feature) => feature.pValue));
  features.forEach((feature, i) => {
    feature.adjustedPValue = adjusted[i]!;
    Object.assign(feature, judge(feature, rows, settings));
  });
  features.sort((a, b) => effectOf(b) - effectOf(a));
  return {
    verdict: worst(features.map((feature) => feature.verdict)),
    rows,
    extra: current.columns.map((column) => column.name).filter((name) => !known.has(name)),
    features,
  };
}

function byName({ columns }: Profile): Map<string, ColumnProfile> {
  return new Map(columns.map((column) => [column.name, column]));
}

function effectOf({ verdict, value, fail }: FeatureDrift): number {
  const rank = { fail: 3, warn: 2, inconclusive: 1, none: 0 }[verdict];
  return rank * 1e6 + Math.min(1e5, Number.isNaN(value) ? 0 : value / (fail || 1));
}

export function worst(verdicts: readonly DriftVerdict[]): DriftVerdict {
  const order = ['fail', 'warn', 'inconclusive'] as const;
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'none';
}

function measureFeature(
  before: ColumnProfile,
  now: ColumnProfile | undefined,
  currentRows: number,
  thresholds: Thresholds,
): FeatureDrift {
  const numeric = isNumeric(before);
  const usable = (column: ColumnProfile): number =>
    numeric ? column.numbers.moments.count : presentIn(column);
  const feature: FeatureDrift = {
    name: before.name,
    role: isPrediction(before.name) ? 'prediction' : 'feature',
    kind: numeric ? 'numeric' : 'categorical',
    ...thresholds,
    value: Number.NaN,
    bound: 0,
    pValue: Number.NaN,
    adjustedPValue: Number.NaN,
    verdict: 'inconclusive',
    reason: 'the current data have no such column',
    samples: { baseline: usable(before), current: now ? usable(now) : 0 },
    unusable: {
      baseline: 1 - usable(before) / before.rows,
      current: now ? 1 - usable(now) / currentRows : 1,
    },
    appeared: [],
    vanished: [],
    baseline: { counts: [] },
    current: { counts: [] },
  };
  if (!now || feature.samples.baseline === 0 || feature.samples.current === 0) return feature;
  return numeric ? measureNumbers(feature, before, now) : measureCategories(feature, before, now);
}

function measureNumbers(feature: FeatureDrift, before: ColumnProfile, now: ColumnProfile): FeatureDrift {
  const pair = numericPair(before, now);
  Object.assign(feature, drawnHistograms(pair));
  feature.range = outsideOf(before, now);
  if (feature.measure === 'ks') return Object.assign(feature, kolmogorovSmirnov(pair));
  if (feature.measure === 'wasserstein') {
    const { value, bound } = wasserstein(pair);
    // A constant baseline has no deviation to measure in: any move at all is then infinitely many, none is zero.
    const unit = centreOf(before.numbers).deviation;
    feature.value = value === 0 ? 0 : value / unit;
    feature.bound = bound === 0 ? 0 : bound / unit;
    feature.pValue = kolmogorovSmirnov(pair).pValue;
    return feature;
  }
  return measureBins(feature, decileBins(pair));
}

const NAMED = 20;

function measureCategories(feature: FeatureDrift, before: ColumnProfile, now: ColumnProfile): FeatureDrift {
  const bins = categoryBins(before, now);
  feature.baseline = { labels: bins.labels, counts: [...bins.baseline] };
  feature.current = { labels: bins.labels, counts: [...bins.current] };
  feature.appeared = bins.appeared.slice(0, NAMED);
  feature.vanished = bins.vanished.slice(0, NAMED);
  if (feature.measure === 'ks' || feature.measure === 'wasserstein') feature.measure = 'total-variation';
  return measureBins(feature, bins);
}

function measureBins(feature: FeatureDrift, bins: BinnedPair): FeatureDrift {
  const test = chiSquared(bins);
  feature.pValue = test.pValue;
  if (feature.measure === 'psi') feature.value = populationStabilityIndex(bins);
  else if (feature.measure === 'jensen-shannon') feature.value = jensenShannonDistance(bins);
  else if (feature.measure === 'total-variation') feature.value = totalVariation(bins);
  else feature.value = test.effect;
  return feature;
}
