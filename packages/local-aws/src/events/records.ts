import type { ConnectionHttpParameters, HttpParameters, InputTransformer } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../kernel/errors.ts';
import type { Instant, Table, World } from '../kernel/world.ts';

export type Tag = { Key: string; Value: string };

export type RuleRecord = {
  name: string;
  arn: string;
  description?: string;
  /** JSON text. */
  pattern?: string;
  schedule?: string;
  enabled: boolean;
  roleArn?: string;
  tags: Tag[];
  /** Rates count from here. */
  since: Instant;
  /** By id, in order. */
  targets: Record<string, TargetRecord>;
};

export type TargetRecord = {
  Id: string;
  Arn: string;
  RoleArn?: string;
  Input?: string;
  InputPath?: string;
  InputTransformer?: InputTransformer;
  HttpParameters?: HttpParameters;
  RetryPolicy?: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number };
};

export type ConnectionRecord = {
  name: string;
  arn: string;
  description?: string;
  created: Instant;
  modified: Instant;
  /** What goes with every request. */
  header: { name: string; value: string };
  type: 'API_KEY' | 'BASIC';
  /** Shown to whoever asks; never the secret. */
  user: string;
  http?: ConnectionHttpParameters;
};

export type ApiDestinationRecord = {
  name: string;
  arn: string;
  description?: string;
  connectionArn: string;
  endpoint: string;
  method: string;
  ratePerSecond: number;
  created: Instant;
  modified: Instant;
};

/** A request that is to be made, until it was answered well or given up. */
export type DeliveryRecord = {
  id: string;
  rule: string;
  destinationArn: string;
  body: string;
  http?: HttpParameters;
  firstAttempt: Instant;
  nextAttempt: Instant;
  attempts: number;
  maxAttempts: number;
  maxAgeSeconds: number;
};

export const rules = (world: World): Table<RuleRecord> => world.store.table('events-rules');
export const connections = (world: World): Table<ConnectionRecord> => world.store.table('events-connections');
export const apiDestinations = (world: World): Table<ApiDestinationRecord> =>
  world.store.table('events-api-destinations');
export const deliveries = (world: World): Table<DeliveryRecord> => world.store.table('events-deliveries');

export const notFound = (text: string) => new AwsError('ResourceNotFoundException', text);

/** There is one bus, `default`, by its name or its ARN. */
export function requireBus(world: World, name: string | undefined): void {
  if (name === undefined || name === 'default' || name === busArn(world)) return;
  throw notFound(`Event bus ${name} does not exist.`);
}

export const busArn = (world: World) => `arn:aws:events:${world.region}:${world.account}:event-bus/default`;

export function requireRule(world: World, name: string | undefined): RuleRecord {
  const rule = rules(world).get(name ?? '');
  if (rule) return rule;
  throw notFound(`Rule ${name} does not exist on EventBus default.`);
}
