import type { JobNetwork } from '@tidegate/aws';
import type { Provenance } from '../surroundings.ts';
import type { BaselineChoice } from './baseline.ts';
import type { SliceThresholds, Thresholds } from './thresholds.ts';
import type { GateReport } from './gate-report.ts';
import type { Verdict } from './verdict.ts';

export type EvaluateSettings = {
  model: string;
  roleArn: string;
  /** The trained model: its archive, or the job that made it, or both. */
  candidate: { modelUri: string | undefined; trainingJobName: string | undefined };
  baseline: BaselineChoice;
  /** Where the live model is looked for. */
  endpoint: string;
  image: string;
  source: { folder: string; entry: string; exclude: string[] };
  instanceType: string;
  volumeGb: number;
  /** Milliseconds, of each evaluation. */
  maxRuntime: number;
  environment: Record<string, string>;
  /** An S3 URI; the last parts of the key may be a pattern. */
  data: string;
  /** The column of predictions.csv that holds the truth. */
  label: string;
  thresholds: Thresholds;
  slices: SliceThresholds | undefined;
  minSamples: number;
  confidence: number;
  acceptIdentical: boolean;
  /** What would be deployed, for its cost. */
  deployment: { instanceType: string; instanceCount: number } | undefined;
  bucket: string | undefined;
  network: JobNetwork;
  tags: Record<string, string>;
  provenance: Provenance;
};

export type EvaluateResult = {
  verdict: Verdict;
  /** The verdict's reason in a sentence. */
  headline: string;
  failedMetrics: string[];
  metrics: Record<string, number>;
  baselineId: string;
  report: GateReport;
  markdown: string;
  costUsd: number | null;
  consoleUrl: string;
  reused: boolean;
};
