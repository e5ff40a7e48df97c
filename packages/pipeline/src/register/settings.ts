import type { Provenance } from '../surroundings.ts';

export type Approval = 'Approved' | 'PendingManualApproval';

export type RegisterSettings = {
  /** The model's name is its package group's. */
  model: string;
  description: string;
  /** The image that serves it; a tag is replaced by the digest it has now. */
  image: string;
  /** The trained model: its archive, or the job that made it, or both. */
  modelUri: string | undefined;
  trainingJobName: string | undefined;
  /** The gate's report, on this machine. */
  reportPath: string | undefined;
  /** Registers what no gate has passed. */
  allowUnevaluated: boolean;
  approval: Approval;
  environment: Record<string, string>;
  contentTypes: string[];
  responseTypes: string[];
  /** Empty: any. */
  inferenceInstances: string[];
  /** What production is compared with, where it was made already. */
  baselineStatisticsUri: string | undefined;
  baselineConstraintsUri: string | undefined;
  /** The user's own, beside ours. */
  properties: Record<string, string>;
  tags: Record<string, string>;
  provenance: Provenance;
};

export type RegisterResult = {
  packageArn: string;
  group: string;
  version: number;
  approval: string;
  /** By digest. */
  image: string;
  modelUri: string;
  /** The same content had been registered before. */
  reused: boolean;
  consoleUrl: string;
};
