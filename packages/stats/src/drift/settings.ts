import { UserError } from '../user-error.ts';

export const MEASURES = [
  'psi',
  'ks',
  'jensen-shannon',
  'wasserstein',
  'chi-squared',
  'total-variation',
] as const;
export type Measure = (typeof MEASURES)[number];

export type Thresholds = { measure: Measure; warn: number; fail: number };

export type DriftSettings = {
  /** psi when absent. Texts have no order: for them ks and wasserstein mean total-variation. */
  measure?: Measure | undefined;
  /** A feature at or above is a warning, a failure; the measure's customary values when absent. */
  warn?: number | undefined;
  fail?: number | undefined;
  /** Fewer values than this on either side decide nothing; 1000 when absent. */
  minSamples?: number | undefined;
  /** Only features whose difference is significant at this false discovery rate are alarms; 0.05 when absent. */
  falseDiscoveryRate?: number | undefined;
  /** By how much the share of unusable values (missing, infinite or of the wrong type) may rise; 0.05 and 0.1 when absent. */
  missingWarn?: number | undefined;
  missingFail?: number | undefined;
  /** From which share of values outside of the baseline's range on; 0.05 and 0.1 when absent. */
  rangeWarn?: number | undefined;
  rangeFail?: number | undefined;
  /** Only these features; all of the baseline's when absent. */
  features?: readonly string[] | undefined;
  perFeature?: Readonly<Record<string, Partial<Thresholds> & { ignore?: boolean }>> | undefined;
};

// psi: Siddiqi's rule of thumb as most tools set it. wasserstein: in the baseline's standard deviations.
const CUSTOMARY: Record<Measure, { warn: number; fail: number }> = {
  psi: { warn: 0.1, fail: 0.2 },
  ks: { warn: 0.1, fail: 0.2 },
  'jensen-shannon': { warn: 0.1, fail: 0.2 },
  wasserstein: { warn: 0.1, fail: 0.25 },
  'chi-squared': { warn: 0.1, fail: 0.2 },
  'total-variation': { warn: 0.1, fail: 0.2 },
};

/** How far a share may rise before it is a warning, a failure. */
export function riseLimits(given: { warn?: number | undefined; fail?: number | undefined }): {
  warn: number;
  fail: number;
} {
  const warn = given.warn ?? Math.min(0.05, given.fail ?? Infinity);
  return { warn, fail: given.fail ?? Math.max(0.1, warn) };
}

/** What thresholdsFor does not look at. @throws UserError naming all that cannot be meant: NaN would let everything pass */
export function checkSettings(settings: DriftSettings): void {
  const { minSamples = 1000, falseDiscoveryRate = 0.05 } = settings;
  const missing = riseLimits({ warn: settings.missingWarn, fail: settings.missingFail });
  const range = riseLimits({ warn: settings.rangeWarn, fail: settings.rangeFail });
  const isOrdered = ({ warn, fail }: { warn: number; fail: number }): boolean => warn >= 0 && warn <= fail;
  const wrong = [
    Number.isFinite(minSamples) && minSamples >= 0 ? '' : `minSamples ${minSamples}`,
    falseDiscoveryRate > 0 && falseDiscoveryRate <= 1 ? '' : `falseDiscoveryRate ${falseDiscoveryRate}`,
    isOrdered(missing) ? '' : `missingWarn ${missing.warn} with missingFail ${missing.fail}`,
    isOrdered(range) ? '' : `rangeWarn ${range.warn} with rangeFail ${range.fail}`,
  ].filter((each) => each !== '');
  if (wrong.length === 0) return;
  throw new UserError(
    `${wrong.join(', ')} cannot be meant; a count, a rate up to 1 and 0 ≤ warn ≤ fail are needed`,
  );
}

/** @throws UserError for an unknown measure or thresholds that are not 0 ≤ warn ≤ fail */
export function thresholdsFor(name: string, settings: DriftSettings): Thresholds {
  const own = settings.perFeature?.[name];
  const measure = own?.measure ?? settings.measure ?? 'psi';
  if (!MEASURES.includes(measure)) {
    throw new UserError(
      `there is no drift measure "${measure as string}"; there are: ${MEASURES.join(', ')}`,
    );
  }
  // Thresholds belong to a measure: those given for all features do not fit one that is measured otherwise.
  const general = own?.measure && own.measure !== (settings.measure ?? 'psi') ? {} : settings;
  const warn =
    own?.warn ?? general.warn ?? Math.min(CUSTOMARY[measure].warn, own?.fail ?? general.fail ?? Infinity);
  const fail = own?.fail ?? general.fail ?? Math.max(CUSTOMARY[measure].fail, warn);
  if (!(warn >= 0 && warn <= fail && fail < Infinity)) {
    throw new UserError(
      `drift thresholds of "${name}" are warn ${warn} and fail ${fail}; 0 ≤ warn ≤ fail is needed`,
    );
  }
  return { measure, warn, fail };
}
