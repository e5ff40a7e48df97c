import type { JobNetwork } from '@tidegate/aws';
import type { Provenance } from '../surroundings.ts';

export type TrainSettings = {
  model: string;
  roleArn: string;
  /** A family and version (`scikit-learn:1.4`) or a full URI. */
  image: string;
  /** A folder on this machine, and the script within it; undefined for images that bring their own program. */
  source: { folder: string; entry: string; exclude: string[] } | undefined;
  instanceType: string;
  /** Tried in turn when there is no capacity for the first. */
  instanceFallbacks: string[];
  /** How long to go on asking when none has capacity, milliseconds. */
  capacityWait: number;
  instanceCount: number;
  volumeGb: number;
  hyperparameters: Record<string, string>;
  environment: Record<string, string>;
  /** Channel → S3 URI; the last parts of a key may be a pattern. */
  data: Record<string, string>;
  /** Metric → regular expression with one group, found in the job's log. */
  metrics: Record<string, string>;
  /** Milliseconds. */
  maxRuntime: number;
  /** Spare capacity; `maxWait` in milliseconds counts the waiting and the run together. */
  spot: { maxWait: number } | undefined;
  checkpointUri: string | undefined;
  bucket: string | undefined;
  network: JobNetwork;
  tags: Record<string, string>;
  provenance: Provenance;
};

export type TrainResult = {
  state:
    'completed' | 'failed' | 'stopped' | 'max-runtime-exceeded' | 'max-wait-time-exceeded' | 'interrupted';
  /** AWS's reason and what would help; empty when completed. */
  failureReason: string;
  /** The last lines the job printed; only read when it failed. */
  logTail: string[];
  jobName: string;
  jobArn: string;
  modelUri: string;
  /** What training wrote beside the model (`output.tar.gz`). */
  outputUri: string;
  /** The same work had been done before; nothing was started. */
  reused: boolean;
  /** The same work was under way; it was watched, not started again. */
  joined: boolean;
  image: string;
  instanceType: string;
  metrics: Record<string, number>;
  trainingSeconds: number | null;
  billableSeconds: number | null;
  /** 0 … 100, of the training time; null where it is not known. */
  spotSavingsPercent: number | null;
  costUsd: number | null;
  sourceUri: string | undefined;
  sourceDigest: string | undefined;
  dataDigest: string;
  dataObjects: { channel: string; uri: string; etag: string; sizeBytes: number }[];
  consoleUrl: string;
  logsUrl: string;
};
