import { jobCostUsd, monthlyCostUsd } from '../cost.ts';
import type { Baseline } from './baseline.ts';
import type { EvaluationRun } from './evaluation-job.ts';
import type { Judgement, Relation } from './judge.ts';
import type { PreparedGate } from './prepare.ts';
import type { EvaluateSettings } from './settings.ts';
import type { Verdict } from './verdict.ts';

/** One gate's decision with all it rests on; written as JSON, where a number that is not defined is null. */
export type GateReport = {
  format: 'tidegate-gate/1';
  model: string;
  commit: string;
  repository: string;
  runUrl: string;
  verdict: Verdict;
  /** Worst first; the first is the reason. */
  findings: { verdict: string; what: string }[];
  relation: Relation;
  candidate: ReportedModel;
  /** Null where nothing is compared; `baselineNote` says why. */
  baseline: (ReportedModel & { id: string; title: string }) | null;
  baselineNote: string;
  data: { uri: string; objects: number; digest: string };
  rows: number;
  confidence: number;
  metrics: Judgement['metrics'];
  slices: Judgement['slices'];
  /** What training said of itself: shown, never judged by. */
  selfReported: Record<string, number>;
  training: { jobName: string; seconds: number | null; costUsd: number | null; reused: boolean } | null;
  monthly: { candidateUsd: number | null; liveUsd: number | null } | null;
  evaluationCostUsd: number | null;
  /** SageMaker's ModelQuality file of the candidate, for the registry; null where it could not be judged. */
  statisticsUri: string | null;
};

export type ReportedModel = {
  modelUri: string;
  etag: string;
  evaluation: Pick<
    EvaluationRun,
    'jobName' | 'predictionsUri' | 'reused' | 'failureReason' | 'logTail' | 'consoleUrl'
  > | null;
};

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
