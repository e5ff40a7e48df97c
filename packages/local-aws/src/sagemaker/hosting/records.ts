import type {
  ContainerDefinition,
  CreateEndpointConfigInput,
  CreateModelInput,
  DataCaptureConfig,
  DeploymentConfig,
  EndpointStatus,
  RoutingStrategy,
  VariantStatus,
} from '@aws-sdk/client-sagemaker';
import type { Instant, Table, World } from '../../kernel/world.ts';
import type { Step } from './plan.ts';

export type ModelRecord = {
  name: string;
  arn: string;
  createdAt: Instant;
  settings: Omit<CreateModelInput, 'Tags'>;
  /** What is served: a model package that was named is resolved. */
  container: ContainerDefinition;
};

export type EndpointConfigRecord = {
  name: string;
  arn: string;
  createdAt: Instant;
  settings: Omit<CreateEndpointConfigInput, 'Tags'>;
};

/**
 * The instances that serve one endpoint configuration, with a copy of everything they are made from: the configuration
 * and its models may be deleted while they still serve, and a roll-back must not miss them.
 */
export type FleetRecord = {
  id: string;
  configName: string;
  /** Of the endpoint's traffic, 0 to 1. */
  share: number;
  variants: VariantRecord[];
  capture?: DataCaptureConfig;
  /** Metrics of invocations are put together over so many seconds. */
  metricSeconds: number;
};

export type VariantRecord = {
  name: string;
  weight: number;
  desiredWeight: number;
  /** How many instances there should be now; `desiredCount` is what there shall be when the activity is over. */
  count: number;
  desiredCount: number;
  instanceType: string;
  modelName: string;
  container: ContainerDefinition;
  /** The image's digest when the fleet was made, and when that was. */
  resolvedImage?: string;
  resolvedAt: Instant;
  healthTimeoutSeconds: number;
  routing: RoutingStrategy;
};

export type PhaseRecord = { status: VariantStatus; message: string; since: Instant };

/** An update of the endpoint that is under way; also what a restarted server goes on with. */
export type DeploymentRecord = {
  kind: 'deploy';
  /** The fleet that serves now, and the one that shall: both are in the endpoint's `fleets`. */
  blue: string;
  green: string;
  startedAt: Instant;
  /** When MaximumExecutionTimeoutInSeconds are over. */
  deadline?: Instant;
  steps: Step[];
  /** Index of the step under way. */
  step: number;
  phase: PhaseRecord;
  bakeUntil?: Instant;
  alarms: string[];
  /** Why it goes back, once it does; '' where AWS would not say. */
  goesBack?: { reason: string; failed?: boolean };
  /** A fault was asked for: goes back at the first bake without a word. */
  silentRollback?: boolean;
  /** How many instances a roll-back of a rolling update starts at once; all where absent. */
  rollbackBatch?: number;
};

export type Activity =
  | { kind: 'create'; startedAt: Instant; failure?: string }
  | DeploymentRecord
  | { kind: 'scale'; startedAt: Instant }
  | { kind: 'delete' };

export type EndpointRecord = {
  name: string;
  arn: string;
  createdAt: Instant;
  modifiedAt: Instant;
  status: EndpointStatus;
  failureReason?: string;
  configName: string;
  /** What CreateEndpoint or the most recent UpdateEndpoint gave: RetainDeploymentConfig takes it again. */
  lastDeploymentConfig?: DeploymentConfig;
  fleets: FleetRecord[];
  activity?: Activity;
};

export const modelTable = (world: World): Table<ModelRecord> =>
  world.store.table<ModelRecord>('sagemaker.models');
export const endpointConfigTable = (world: World): Table<EndpointConfigRecord> =>
  world.store.table<EndpointConfigRecord>('sagemaker.endpoint-configs');
export const endpointTable = (world: World): Table<EndpointRecord> =>
  world.store.table<EndpointRecord>('sagemaker.endpoints');

export const hostingArn = (
  world: World,
  kind: 'model' | 'endpoint-config' | 'endpoint',
  name: string,
): string => `arn:aws:sagemaker:${world.region}:${world.account}:${kind}/${name.toLowerCase()}`;
