import { categoryBins, countsByName, numericPair } from '../drift/bins.ts';
import { kolmogorovSmirnov } from '../drift/measures.ts';
import { isNumeric, presentIn } from '../profile/profile.ts';
import type { ColumnProfile, InferredType, Profile } from '../profile/profile.ts';
import { UserError } from '../user-error.ts';
import type { Constraints, FeatureConstraints, MonitoringConfig } from './constraints.ts';

/** constraint_violations.json of SageMaker Model Monitor. */
export type Violations = { violations: Violation[] };

export type Violation = {
  feature_name: string;
  constraint_check_type:
    | 'data_type_check'
    | 'completeness_check'
    | 'baseline_drift_check'
    | 'missing_column_check'
    | 'extra_column_check'
    | 'categorical_values_check';
  description: string;
};

type Found = Omit<Violation, 'feature_name'>;

/**
 * What of the constraints the current data do not keep.
 * @param baseline the distributions to compare with; without it nothing is compared
 * @throws UserError for data without rows and for a method of comparison that is not built
 */
export function checkConstraints(
  constraints: Constraints,
  current: Profile,
  baseline: Profile | undefined,
): Violations {
  if (current.rows === 0) throw new UserError('there are no rows to check');
  const violations: Violation[] = [];
  for (const feature of constraints.features) {
    const config = { ...constraints.monitoring_config, ...feature.monitoringConfigOverrides };
    if (config.evaluate_constraints === 'Disabled') continue;
    const column = current.columns.find(({ name }) => name === feature.name);
    const before = baseline?.columns.find(({ name }) => name === feature.name);
    const found = column ? checkFeature(feature, config, column, before) : [missing(feature.name)];
    violations.push(...found.map((each) => ({ feature_name: feature.name, ...each })));
  }
  const known = new Set(constraints.features.map(({ name }) => name));
  for (const { name } of current.columns) {
    if (known.has(name)) continue;
    violations.push({
      feature_name: name,
      constraint_check_type: 'extra_column_check',
      description: `There is an extra column in the current data: ${name}.`,
    });
  }
  return { violations };
}

function missing(name: string): Found {
  return {
    constraint_check_type: 'missing_column_check',
    description: `The current data have no column ${name}.`,
  };
}

function checkFeature(
  feature: FeatureConstraints,
  config: MonitoringConfig,
  column: ColumnProfile,
  before: ColumnProfile | undefined,
): Found[] {
  const found = [
    checkCompleteness(feature, column),
    checkType(feature.inferred_type, config, column),
    checkSign(feature, column),
    checkDomain(feature, config, column),
  ];
  if (before && config.distribution_constraints.perform_comparison === 'Enabled') {
    found.push(checkDistribution(config, before, column));
  }
  return found.filter((each) => each !== undefined);
}

function checkCompleteness({ completeness }: FeatureConstraints, column: ColumnProfile): Found | undefined {
  const share = presentIn(column) / column.rows;
  if (share >= completeness) return undefined;
  return {
    constraint_check_type: 'completeness_check',
    description: `Expected completeness: ${percent(completeness)}. Observed: ${percent(share)}.`,
  };
}

function checkType(
  expected: InferredType,
  config: MonitoringConfig,
  column: ColumnProfile,
): Found | undefined {
  const { integral, fractional } = column.types;
  const present = presentIn(column);
  if (present === 0 || expected === 'String' || expected === 'Unknown') return undefined;
  const share = (expected === 'Integral' ? integral : integral + fractional) / present;
  if (1 - share <= config.datatype_check_threshold) return undefined;
  return {
    constraint_check_type: 'data_type_check',
    description: `Expected type: ${expected}, in at least ${percent(1 - config.datatype_check_threshold)}. Observed: only ${percent(share)} of the values are ${expected}.`,
  };
}

function checkSign(
  { num_constraints: numeric }: FeatureConstraints,
  column: ColumnProfile,
): Found | undefined {
  const { min } = column.numbers.moments;
  if (!numeric?.is_non_negative || min >= 0) return undefined;
  return {
    constraint_check_type: 'data_type_check',
    description: `Expected no negative number. Observed: ${min}.`,
  };
}

function checkDomain(
  { string_constraints: strings }: FeatureConstraints,
  config: MonitoringConfig,
  column: ColumnProfile,
): Found | undefined {
  if (!strings || strings.domains.length === 0) return undefined;
  const domain = new Set(strings.domains);
  let outside = 0;
  let total = 0;
  for (const [name, count] of countsByName(column)) {
    total += count;
    if (!domain.has(name)) outside += count;
  }
  // Names beyond the limit are forgotten; a domain is far smaller than the limit, so they are outside of it.
  if (column.texts.many) outside += column.texts.total - total;
  const share = outside / Math.max(1, presentIn(column));
  if (share <= config.domain_content_threshold) return undefined;
  return {
    constraint_check_type: 'categorical_values_check',
    description: `At most ${percent(config.domain_content_threshold)} of the values may lie outside of the baseline's domain. Observed: ${percent(share)}.`,
  };
}

/** Largest difference of the distribution functions, or for texts of the shares. */
function checkDistribution(
  config: MonitoringConfig,
  before: ColumnProfile,
  now: ColumnProfile,
): Found | undefined {
  const { comparison_method: method, ...limits } = config.distribution_constraints;
  const numeric = isNumeric(before);
  const n = numeric ? before.numbers.moments.count : presentIn(before);
  const m = numeric ? now.numbers.moments.count : presentIn(now);
  if (n === 0 || m === 0) return undefined;
  if (!numeric && (limits.categorical_drift_method ?? 'LInfinity') !== 'LInfinity') {
    throw new UserError(
      `categorical_drift_method ${limits.categorical_drift_method} is not built; LInfinity is`,
    );
  }
  const simple = numeric
    ? kolmogorovSmirnov(numericPair(before, now)).value
    : largestShift(before, now, n, m);
  // Deequ's robust distance takes off what samples of this size differ by without any drift.
  const distance = method === 'Robust' ? Math.max(0, simple - 1.8 * Math.sqrt((n + m) / (n * m))) : simple;
  const limit = numeric
    ? limits.comparison_threshold
    : (limits.categorical_comparison_threshold ?? limits.comparison_threshold);
  if (distance <= limit) return undefined;
  return {
    constraint_check_type: 'baseline_drift_check',
    description: `Baseline drift distance: ${distance} exceeds threshold: ${limit}`,
  };
}

function largestShift(before: ColumnProfile, now: ColumnProfile, n: number, m: number): number {
  const { baseline, current } = categoryBins(before, now);
  return Math.max(...baseline.map((count, i) => Math.abs(count / n - current[i]! / m)));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
