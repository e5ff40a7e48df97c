import {
  driftReportHtml,
  driftSummary,
  performanceSummary,
  verdictOverWindows,
  type DriftReport,
  type PerformanceReport,
} from '@tidegate/stats';
import { printJson, writeOutput } from '../data/write-output.ts';
import { mark } from '../terminal/style.ts';

export type ComparedWindow = { name: string; report: DriftReport };

/** Writes and prints what was asked for; returns the exit code. */
export function tellDrift(
  windows: readonly ComparedWindow[],
  performance: PerformanceReport | undefined,
  asked: { baseline: string; quorum: { k: number; n: number } | undefined; json: boolean; output?: string },
): number {
  const newest = windows.at(-1)!;
  const verdicts = windows.map(({ report }) => report.verdict);
  const verdict = asked.quorum === undefined ? verdicts[0]! : verdictOverWindows(verdicts, asked.quorum);
  if (asked.output !== undefined) {
    const title = `${newest.name} beside ${asked.baseline}`;
    writeOutput(asked.output, driftReportHtml(newest.report, { title, performance }));
  }
  const truth = performance === undefined ? {} : { performance };
  if (asked.json) {
    printJson(asked.quorum === undefined ? { ...newest.report, ...truth } : { verdict, windows, ...truth });
  } else {
    for (const { name, verdict: of, reason } of newest.report.features)
      console.log(`${mark(outcome(of))} ${name.padEnd(28)} ${reason}`);
    console.log('');
    for (const { name, report } of windows)
      console.log(`${asked.quorum === undefined ? '' : `${name}: `}${driftSummary(report)}`);
    if (asked.quorum !== undefined)
      console.log(`drift ${verdict} over ${asked.quorum.k} of ${asked.quorum.n} windows`);
    if (performance !== undefined) console.log(performanceSummary(performance));
  }
  const isGood = (each: string | undefined) => each === undefined || ['none', 'warn', 'pass'].includes(each);
  return isGood(verdict) && isGood(performance?.verdict) ? 0 : 1;
}

function outcome(verdict: DriftReport['verdict']): 'good' | 'bad' | 'note' {
  return verdict === 'none' ? 'good' : verdict === 'fail' ? 'bad' : 'note';
}
