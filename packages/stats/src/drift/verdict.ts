import { normalTail } from '../math/normal.ts';
import type { DriftVerdict, FeatureDrift } from './drift-report.ts';
import type { DriftSettings } from './settings.ts';

type Judged = { verdict: DriftVerdict; reason: string };

/** Decides about one feature that has been measured. Whatever is not a number decides nothing. */
export function judge(
  feature: FeatureDrift,
  rows: { baseline: number; current: number },
  settings: DriftSettings,
): Judged {
  const missing = judgeUnusable(feature, rows, settings);
  if (missing?.verdict === 'fail') return missing;
  const shift = judgeShift(feature, settings);
  return missing && (shift.verdict === 'none' || shift.verdict === 'inconclusive') ? missing : shift;
}

function judgeShift(feature: FeatureDrift, settings: DriftSettings): Judged {
  const { samples, value, measure, warn, fail, adjustedPValue } = feature;
  const needed = settings.minSamples ?? 1000;
  const least = Math.min(samples.baseline, samples.current);
  if (least < needed) {
    const side = samples.current <= samples.baseline ? 'current' : 'baseline';
    return { verdict: 'inconclusive', reason: `${least} ${side} values, ${needed} are needed` };
  }
  if (Number.isNaN(value) || Number.isNaN(adjustedPValue)) {
    return { verdict: 'inconclusive', reason: `${measure} could not be measured` };
  }
  const shown = `${measure} ${value.toPrecision(3)}`;
  if (value < warn) return { verdict: 'none', reason: `${shown} is below ${warn}` };
  const rate = settings.falseDiscoveryRate ?? 0.05;
  if (adjustedPValue > rate) {
    return {
      verdict: 'inconclusive',
      reason: `${shown} reaches ${warn}, but with so few values chance may explain it (p ${adjustedPValue.toPrecision(2)})`,
    };
  }
  return value >= fail
    ? { verdict: 'fail', reason: `${shown} reaches ${fail}` }
    : { verdict: 'warn', reason: `${shown} reaches ${warn}` };
}

/** A rise in the share of missing or wrong values, by a one-sided test of two proportions at 1 %. */
function judgeUnusable(
  { unusable }: FeatureDrift,
  rows: { baseline: number; current: number },
  settings: DriftSettings,
): Judged | undefined {
  const rise = unusable.current - unusable.baseline;
  const warn = settings.missingWarn ?? 0.05;
  const fail = settings.missingFail ?? 0.1;
  if (Math.min(rows.baseline, rows.current) < (settings.minSamples ?? 1000) || !(rise >= warn))
    return undefined;
  const { baseline: n, current: m } = rows;
  const pooled = (unusable.baseline * n + unusable.current * m) / (n + m);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  if (normalTail(rise / error) > 0.01) return undefined;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    verdict: rise >= fail ? 'fail' : 'warn',
    reason: `${percent(unusable.current)} of the values are missing or unusable, ${percent(unusable.baseline)} in the baseline`,
  };
}
