import { jobCostUsd, monthlyCostUsd } from '../cost.ts';
import type { Baseline } from './baseline.ts';
import type { EvaluationRun } from './evaluation-job.ts';
import type { Judgement, Relation } from './judge.ts';
import type { PreparedGate } from './prepare.ts';
import type { EvaluateSettings } from './settings.ts';
import type { GateReport, ReportedModel } from './gate-report.ts';

/** Everything the decision rests on, in one plain object. */
export function reportOf(
  settings: EvaluateSettings,
  { candidate, data }: PreparedGate,
  judgement: Judgement,
  found: {
    relation: Relation;
    baseline: Baseline | undefined;
    note: string;
    runs: { candidate: EvaluationRun; baseline: EvaluationRun | undefined };
    statisticsUri: string | null;
  },
): GateReport {
  const { relation, baseline, note, runs, statisticsUri } = found;
  const { commit, repository, runUrl } = settings.provenance;
  const { job } = candidate;
  const costs = [runs.candidate, runs.baseline].flatMap((run) => (run ? run.costUsd : []));
  return {
    format: 'tidegate-gate/1',
    model: settings.model,
    commit,
    repository,
    runUrl,
    verdict: judgement.verdict,
    findings: judgement.findings,
    relation,
    candidate: reported(candidate, runs.candidate),
    baseline: baseline
      ? { id: baseline.id, title: baseline.title, ...reported(baseline, runs.baseline) }
      : null,
    baselineNote: note,
    data: { uri: data.uri, objects: data.objects.length, digest: data.digest },
    rows: judgement.rows,
    confidence: settings.confidence,
    metrics: judgement.metrics,
    slices: judgement.slices,
    selfReported: Object.fromEntries((job?.metrics ?? []).map(({ name, value }) => [name, value])),
    training: job
      ? {
          jobName: job.name,
          seconds: job.trainingSeconds,
          costUsd: job.billableSeconds === null ? null : jobCostUsd({ ...job, seconds: job.billableSeconds }),
          reused: !job.startedHere,
        }
      : null,
    monthly: settings.deployment
      ? {
          candidateUsd: monthlyCostUsd(settings.deployment),
          liveUsd: baseline?.fleet ? monthlyCostUsd(baseline.fleet) : null,
        }
      : null,
    evaluationCostUsd: costs.reduce<number | null>(
      (sum, cost) => (sum === null || cost === null ? null : sum + cost),
      0,
    ),
    statisticsUri,
  };
}

function reported(model: { modelUri: string; etag: string }, run: EvaluationRun | undefined): ReportedModel {
  if (!run) return { modelUri: model.modelUri, etag: model.etag, evaluation: null };
  const { jobName, predictionsUri, reused, failureReason, logTail, consoleUrl } = run;
  return {
    modelUri: model.modelUri,
    etag: model.etag,
    evaluation: { jobName, predictionsUri, reused, failureReason, logTail, consoleUrl },
  };
}
