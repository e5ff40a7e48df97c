import type { EvaluationRun } from './evaluation-job.ts';
import type { Judgement, Relation } from './judge.ts';
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
