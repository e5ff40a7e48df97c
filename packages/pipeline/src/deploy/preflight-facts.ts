import type { Alarm, Endpoint, EndpointConfig, ModelPackage, Rollout } from '@tidegate/aws';
import type { Attestation } from './attestation.ts';
import type { DeploySettings } from './settings.ts';

/** What would go wrong, by the input that could change it. */
export type Problem = readonly [input: string, sentence: string];

/** Everything that preflight judges, read from AWS beforehand: it asks nobody itself. */
export type Facts = {
  /** The endpoint config that would be deployed. */
  candidate: string;
  live: Endpoint | undefined;
  liveConfig: EndpointConfig | undefined;
  /** Those of the user's alarms that exist. */
  alarms: readonly Alarm[];
  /** The names of the alarms that we make ourselves. */
  ourAlarms: readonly string[];
  /** The rollout in AWS's terms, with the alarms that would bring it back. */
  armed: Rollout;
  /** Things that a roll-back would need and that no longer exist, as sentences. */
  gone: readonly string[];
  role: 'exists' | 'missing' | 'unknown';
  /** Of the model package; undefined where none is deployed. */
  approval: ModelPackage['approval'] | undefined;
  /** What is attached to the image, where it was asked for. */
  attestation: Attestation;
  /** Whether the model package is unversioned, as those of the Marketplace are. */
  marketplace: boolean;
};

export type Asked = Pick<
  DeploySettings,
  | 'endpoint'
  | 'instanceType'
  | 'instanceCount'
  | 'variant'
  | 'roleArn'
  | 'rollout'
  | 'rollbackOn'
  | 'rollbackAlarms'
  | 'expectedCurrent'
  | 'approve'
  | 'retainLive'
  | 'imageUri'
>;
