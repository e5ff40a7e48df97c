import { inferredType, presentIn } from '../profile/profile.ts';
import type { ColumnProfile, InferredType, Profile } from '../profile/profile.ts';

/** constraints.json of SageMaker Model Monitor. */
export type Constraints = {
  version: number;
  features: FeatureConstraints[];
  monitoring_config: MonitoringConfig;
};

export type FeatureConstraints = {
  name: string;
  inferred_type: InferredType;
  /** The least share of rows that hold a value. */
  completeness: number;
  num_constraints?: { is_non_negative: boolean };
  string_constraints?: { domains: string[] };
  monitoringConfigOverrides?: Partial<MonitoringConfig>;
};

export type MonitoringConfig = {
  evaluate_constraints: 'Enabled' | 'Disabled';
  emit_metrics: 'Enabled' | 'Disabled';
  /** The largest share of values of another type. */
  datatype_check_threshold: number;
  /** The largest share of values outside of the domain. */
  domain_content_threshold: number;
  distribution_constraints: {
    perform_comparison: 'Enabled' | 'Disabled';
    comparison_threshold: number;
    comparison_method: 'Simple' | 'Robust';
    categorical_comparison_threshold?: number;
    categorical_drift_method?: 'LInfinity' | 'ChiSquared';
  };
};

/** Domains are suggested for columns of at most this many distinct texts. */
const DOMAIN_LIMIT = 100;

/** What a baseline suggests should hold, with Model Monitor's default thresholds. */
export function suggestConstraints(profile: Profile): Constraints {
  return {
    version: 0,
    features: profile.columns.map((column) => featureConstraints(column)),
    monitoring_config: {
      evaluate_constraints: 'Enabled',
      emit_metrics: 'Enabled',
      datatype_check_threshold: 0.1,
      domain_content_threshold: 0.1,
      distribution_constraints: {
        perform_comparison: 'Enabled',
        comparison_threshold: 0.1,
        comparison_method: 'Robust',
        categorical_comparison_threshold: 0.1,
        categorical_drift_method: 'LInfinity',
      },
    },
  };
}

function featureConstraints(column: ColumnProfile): FeatureConstraints {
  const type = inferredType(column);
  const constraints: FeatureConstraints = {
    name: column.name,
    inferred_type: type,
    completeness: column.rows === 0 ? 1 : presentIn(column) / column.rows,
  };
  if (type === 'Integral' || type === 'Fractional') {
    constraints.num_constraints = { is_non_negative: column.numbers.moments.min >= 0 };
  }
  if (type === 'String' && !column.texts.many && column.texts.counts.size <= DOMAIN_LIMIT) {
    constraints.string_constraints = { domains: [...column.texts.counts.keys()].sort() };
  }
  return constraints;
}
