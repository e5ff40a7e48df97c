import { joinS3Uri, objects } from '@tidegate/aws';
import { modelQualityStatistics } from '@tidegate/stats';
import { findBaseline, type Baseline, type BaselineQuestion, type FoundBaseline } from './gate/baseline.ts';
import { deferredLog } from './gate/deferred-log.ts';
import { runEvaluation, type EvaluationRun } from './gate/evaluation-job.ts';
import type { Relation } from './gate/judge.ts';
import { SHOWN_RESAMPLES } from './gate/judge-metric.ts';
import { judgeRuns } from './gate/judge-runs.ts';
import { gateMarkdown, headline } from './gate/markdown.ts';
import type { Predictions } from './gate/predictions.ts';
import { prepareGate, type Candidate, type PreparedGate } from './gate/prepare.ts';
import { reportOf } from './gate/report.ts';
import type { EvaluateResult, EvaluateSettings } from './gate/settings.ts';
import { verdictOf, worstFirst, type Finding } from './gate/verdict.ts';
import type { Surroundings } from './surroundings.ts';

export type { EvaluateResult, EvaluateSettings } from './gate/settings.ts';

type GateSurroundings = Surroundings & {
  /** Called with each job's name before it is asked for. */
  onStart?: (jobName: string) => void;
  commitsOf: BaselineQuestion['commitsOf'];
};

/**
 * Judges a trained model: candidate and baseline predict the same rows, each in a job of its own, and everything that decides is
 * computed here from labels and predictions. A model that is not good enough, and an evaluation that cannot be trusted, are
 * results; see `gate/verdict.ts` for what leads to which.
 * On abort the jobs started here are stopped before the signal's reason is thrown.
 * @throws UserError for inputs that cannot work, before anything is started
 */
export async function evaluate(
  settings: EvaluateSettings,
  surroundings: GateSurroundings,
): Promise<EvaluateResult> {
  const { aws, log } = surroundings;
  const prepared = await prepareGate(settings, surroundings);
  const found = await findBaseline(aws, {
    choice: settings.baseline,
    model: settings.model,
    endpoint: settings.endpoint,
    commitsOf: surroundings.commitsOf,
  });
  const baseline = found.kind === 'found' ? found.baseline : undefined;
  const relation = relationOf(prepared.candidate, baseline);
  const note = noteOn(found, relation);
  log.info(baseline ? `Baseline: ${baseline.title}, ${baseline.id}` : `Baseline: ${note}`);

  const runs = await runBoth(prepared, relation === 'another-model' ? baseline : undefined, surroundings);
  const { judgement, candidate } = await judgeRuns(aws, runs, relation, settings);
  const findings = worstFirst([
    ...judgement.findings,
    ...findingsAbout(found, prepared.candidate, relation, settings),
  ]);
  const statisticsUri = candidate ? await storeStatistics(candidate, runs.candidate, surroundings) : null;
  const report = reportOf(
    settings,
    prepared,
    { ...judgement, findings, verdict: verdictOf(findings) },
    {
      relation,
      baseline,
      note,
      runs,
      statisticsUri,
    },
  );
  return {
    verdict: report.verdict,
    headline: headline(report),
    failedMetrics: report.metrics.filter(({ verdict }) => verdict !== 'pass').map(({ metric }) => metric),
    metrics: Object.fromEntries(report.metrics.map(({ metric, candidate: value }) => [metric, value])),
    baselineId: baseline?.id ?? '',
    report,
    markdown: gateMarkdown(report),
    costUsd: report.evaluationCostUsd,
    consoleUrl: runs.candidate.consoleUrl,
    reused: runs.candidate.reused && (runs.baseline?.reused ?? true),
  };
}

function relationOf(candidate: Candidate, baseline: Baseline | undefined): Relation {
  if (!baseline) return 'no-baseline';
  return baseline.modelUri === candidate.modelUri ? 'same-model' : 'another-model';
}

function noteOn(found: FoundBaseline, relation: Relation): string {
  if (found.kind !== 'found') return `${found.why}: fixed thresholds only`;
  return relation === 'same-model' ? 'it is the live model itself, unchanged: fixed thresholds only' : '';
}

function findingsAbout(
  found: FoundBaseline,
  candidate: Candidate,
  relation: Relation,
  { acceptIdentical }: EvaluateSettings,
): Finding[] {
  if (found.kind === 'broken')
    return [{ verdict: 'integrity-error', what: `the baseline cannot be used: ${found.why}` }];
  if (found.kind === 'absent') return found.expected ? [] : [{ verdict: 'inconclusive', what: found.why }];
  const identical = relation === 'another-model' && found.baseline.etag === candidate.etag;
  if (!identical || acceptIdentical) return [];
  const what = `the candidate’s archive is the baseline’s, byte for byte, though another job made it: there is nothing to compare`;
  return [{ verdict: 'integrity-error', what }];
}

/** Both at once; the baseline's log is shown after the candidate's. Both have ended, or been stopped, when this returns or throws. */
async function runBoth(
  { spec, candidate }: PreparedGate,
  baseline: Baseline | undefined,
  surroundings: GateSurroundings,
): Promise<{ candidate: EvaluationRun; baseline: EvaluationRun | undefined }> {
  const later = deferredLog(surroundings.log);
  const [mine, theirs] = await Promise.allSettled([
    runEvaluation(spec, { uri: candidate.modelUri, etag: candidate.etag }, surroundings),
    baseline &&
      runEvaluation(
        spec,
        { uri: baseline.modelUri, etag: baseline.etag },
        { ...surroundings, log: later.log },
      ),
  ]);
  if (baseline) await surroundings.log.group(`Baseline: ${baseline.title}`, later.release);
  if (mine.status === 'rejected') throw mine.reason;
  if (theirs.status === 'rejected') throw theirs.reason;
  return { candidate: mine.value, baseline: theirs.value };
}

async function storeStatistics(
  predictions: Predictions,
  run: EvaluationRun,
  { aws, log }: Surroundings,
): Promise<string | null> {
  try {
    const { labels, scores } = predictions;
    const statistics = modelQualityStatistics({ labels, scores }, { resamples: SHOWN_RESAMPLES });
    const uri = joinS3Uri(run.outputUri, 'evaluation.json');
    await objects(aws).upload(uri, { bytes: Buffer.from(JSON.stringify(statistics)) }, 'application/json');
    return uri;
  } catch (error) {
    if ((error as Error).name !== 'UserError') throw error;
    log.info(`No quality statistics for the registry: ${(error as Error).message}`);
    return null;
  }
}
