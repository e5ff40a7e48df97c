/** Where a deployment stands, in GitHub's words. */
export type LedgerState = 'in_progress' | 'success' | 'failure' | 'inactive';

/** Exactly what was deployed: enough to deploy it again, to the byte, without asking anybody. */
export type DeployedVersion = {
  target: 'sagemaker';
  endpoint: string;
  /** A config is immutable and names everything below; it is made again from this record where it is gone. */
  endpointConfig: string;
  previousEndpointConfig: string | null;
  model: string;
  modelPackageArn: string | null;
  /** By digest. */
  image: string | null;
  modelArtifacts: string | null;
  environment: Record<string, string>;
  roleArn: string;
  variant: string;
  instanceType: string;
  instanceCount: number;
  /** An endpoint config not to come back to: what this deployment took back, or replaced by a copy of itself. */
  retires: string | null;
  /** The workflow run that did it, whichever attempt. */
  runId: string;
};

export type LedgerEntry = {
  id: number;
  createdAt: string;
  payload: DeployedVersion;
  state: string | undefined;
};

/** The record of what was deployed to one environment (GitHub Deployments keep it). */
export type Ledger = {
  /** Records an intent before anything is changed. */
  start(payload: DeployedVersion): Promise<number>;
  progress(id: number, state: LedgerState, description: string): Promise<void>;
  /** Newest first. */
  list(): Promise<LedgerEntry[]>;
  /** The newest that ever reached success. */
  latestSuccessful(excluding?: readonly number[]): Promise<LedgerEntry | undefined>;
};
