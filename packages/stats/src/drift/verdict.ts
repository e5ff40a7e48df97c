import { normalTail } from '../math/normal.ts';
import type { DriftVerdict, FeatureDrift } from './drift-report.ts';
import { riseLimits } from './settings.ts';
import type { DriftSettings } from './settings.ts';

type Judged = { verdict: DriftVerdict; reason: string };

/** Decides about one feature that has been measured, by what is worst about it. Whatever is not a number decides nothing. */
export function judge(
  feature: FeatureDrift,
  rows: { baseline: number; current: number },
  settings: DriftSettings,
): Judged {
  const found = [
    judgeUnusable(feature, rows, settings),
    judgeShift(feature, settings),
    judgeRange(feature, settings),
  ].filter((each) => each !== undefined);
  return found.reduce((worst, each) => (RANK[each.verdict] > RANK[worst.verdict] ? each : worst));
}

const RANK: Record<DriftVerdict, number> = { fail: 3, warn: 2, inconclusive: 1, none: 0 };

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

/** A rise in the share of missing or wrong values. */
function judgeUnusable(
  { unusable }: FeatureDrift,
  rows: { baseline: number; current: number },
  { missingWarn, missingFail, minSamples }: DriftSettings,
): Judged | undefined {
  const verdict = judgeRise(unusable, rows, { warn: missingWarn, fail: missingFail, minSamples });
  return (
    verdict && {
      verdict,
      reason: `${percent(unusable.current)} of the values are missing or unusable, ${percent(unusable.baseline)} in the baseline`,
    }
  );
}

function judgeRange(
  { range, samples }: FeatureDrift,
  { rangeWarn, rangeFail, minSamples }: DriftSettings,
): Judged | undefined {
  if (!range) return undefined;
  const shares = { baseline: 0, current: range.outside };
  const verdict = judgeRise(shares, samples, { warn: rangeWarn, fail: rangeFail, minSamples });
  const { least, most, outside } = range;
  return (
    verdict && {
      verdict,
      reason: `${percent(outside)} of the values lie outside of the baseline's ${short(least)} … ${short(most)}`,
    }
  );
}

/** Whether a share has risen by what matters, and by a one-sided test of two proportions at 1 % not by chance. */
function judgeRise(
  shares: { baseline: number; current: number },
  of: { baseline: number; current: number },
  limits: { warn: number | undefined; fail: number | undefined; minSamples: number | undefined },
): 'warn' | 'fail' | undefined {
  const { warn, fail } = riseLimits(limits);
  const { minSamples = 1000 } = limits;
  const rise = shares.current - shares.baseline;
  const { baseline: n, current: m } = of;
  if (Math.min(n, m) < minSamples || !(rise >= warn)) return undefined;
  const pooled = (shares.baseline * n + shares.current * m) / (n + m);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  if (normalTail(rise / error) > 0.01) return undefined;
  return rise >= fail ? 'fail' : 'warn';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
