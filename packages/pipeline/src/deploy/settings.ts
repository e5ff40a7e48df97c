export const targets = ['sagemaker', 'lambda', 'ecs', 'eks', 'batch'] as const;
export type Target = (typeof targets)[number];

const strategies = ['all-at-once', 'canary', 'linear', 'rolling'] as const;
export type Strategy = (typeof strategies)[number];

/** How the traffic goes from the live model to the candidate. */
export type RolloutSettings = {
  strategy: Strategy;
  /** Of the fleet, first; at most 50. */
  canaryPercent: number;
  /** Of the fleet at each step: 10–50 for linear, 5–50 for rolling. */
  stepPercent: number;
  /** How long alarms are watched after each shift, milliseconds. */
  bake: number;
  /** How long the old fleet is kept after all of the traffic has moved, milliseconds; by default just long enough for an alarm. */
  finalBake: number | undefined;
  /** After which AWS itself gives up and rolls back, milliseconds. */
  maxExecution: number | undefined;
};

/** What counts as failing in production; each becomes an alarm on the new fleet alone. */
export type RollbackOn = {
  /** Failed requests ÷ requests, 0–1. */
  errorRate: number | undefined;
  /** Milliseconds. */
  p95Latency: number | undefined;
  /** Milliseconds. */
  p99Latency: number | undefined;
  /** Milliseconds of one datapoint; a multiple of a minute. */
  period: number;
  /** Consecutive datapoints that must fail. */
  periods: number;
};

export type Smoke = { body: Uint8Array; contentType: string; maxLatency: number | undefined };

export type Capture = { percent: number; destination: string };

/** What must be known of an image before it is deployed. */
export type Verification = {
  /** `present`: an SBOM and a statement of provenance that fit; `signed`: and signed by the key. */
  level: 'off' | 'present' | 'signed';
  /** A KMS key's id, ARN or alias; there where `signed` is asked for. */
  signingKey: string | undefined;
  /** The address of the repository that images are built of. */
  repository: string;
};

export type DeploySettings = {
  target: Target;
  /** Names models and endpoint configs: `<model>-<12 hex of the content>`. */
  model: string;
  endpoint: string;
  modelPackageArn: string | undefined;
  /** Approves the package if a person has not: for pipelines whose gate is the approval. */
  approve: boolean;
  /** By digest. Instead of the package's own image where both are given. */
  imageUri: string | undefined;
  modelArtifactsUri: string | undefined;
  environment: Record<string, string>;
  /** The role that the model runs as. */
  roleArn: string;
  /** Must stay what it is on a live endpoint; the live one's is taken where none is given. */
  variant: string | undefined;
  instanceType: string;
  instanceCount: number;
  startupTimeout: number;
  rollout: RolloutSettings;
  rollbackOn: RollbackOn;
  /** The user's own alarms, beside ours. */
  rollbackAlarms: string[];
  smoke: Smoke | undefined;
  /** Carried over from the live endpoint where it is not given. */
  capture: Capture | undefined;
  /** Whether instance counts and weights stay as they are live, unless the settings themselves have changed. */
  retainLive: boolean;
  verification: Verification;
  /** The endpoint config that must be live before anything is changed. */
  expectedCurrent: string | undefined;
  tags: Record<string, string>;
  /** The workflow run, whichever attempt; empty outside one. */
  runId: string;
  mode: 'apply' | 'plan';
  /** How long to watch, milliseconds of AWS's time. */
  timeout: number;
};
