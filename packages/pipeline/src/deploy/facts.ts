import {
  alarms,
  endpointConfigs,
  endpoints,
  identity,
  modelPackages,
  models,
  type Aws,
  type Endpoint,
  type Model,
} from '@tidegate/aws';
import { alarmNames } from './armed-alarms.ts';
import { missingArtifacts } from './artifacts-exist.ts';
import { attestationOf } from './attestation.ts';
import type { Candidate, Live } from './candidate.ts';
import type { Facts } from './preflight-facts.ts';
import { rolloutOf } from './rollout.ts';
import type { DeploySettings } from './settings.ts';

export async function readLive(aws: Aws, endpoint: string): Promise<Live> {
  const found = await endpoints(aws).find(endpoint);
  const config = found === undefined ? undefined : await endpointConfigs(aws).find(found.configName);
  const modelName = config?.variants[0]?.modelName;
  const model = modelName === undefined ? undefined : await models(aws).find(modelName);
  return { endpoint: found, config, model: model && (await withPackage(model, aws)) };
}

/** A model that is made from a package says only so; what it runs is in the package. */
async function withPackage(model: Model, aws: Aws): Promise<Model> {
  if (model.packageArn === null || model.image !== '') return model;
  const found = await modelPackages(aws).find(model.packageArn);
  return found === undefined ? model : { ...model, image: found.image, modelDataUri: found.modelDataUri };
}

/** Everything that preflight judges, asked of AWS at once. */
export async function gatherFacts(
  settings: Pick<
    DeploySettings,
    'endpoint' | 'rollout' | 'rollbackOn' | 'rollbackAlarms' | 'roleArn' | 'verification'
  >,
  { configSpec, version, approval }: Candidate,
  live: Live,
  { aws, signal }: { aws: Aws; signal: AbortSignal },
): Promise<Facts> {
  const ourAlarms = alarmNames(settings.endpoint, settings.rollbackOn);
  const [theirs, gone, role, attestation] = await Promise.all([
    settings.rollbackAlarms.length === 0 ? [] : alarms(aws).find(settings.rollbackAlarms),
    live.endpoint === undefined ? [] : missingForReturn(live.endpoint, live, aws),
    identity(aws).roleExists(settings.roleArn),
    attestationOf(settings.verification, version, { aws, signal }),
  ]);
  return {
    candidate: configSpec.name,
    live: live.endpoint,
    liveConfig: live.config,
    alarms: theirs,
    ourAlarms,
    armed: rolloutOf(settings.rollout, settings.rollbackOn, [...ourAlarms, ...settings.rollbackAlarms]),
    gone,
    role,
    approval,
    attestation,
    marketplace: /model-package\/[^/]+$/.test(version.modelPackageArn ?? ''),
  };
}

/** What a roll-back would start again, and does not exist any more. What we may not look at counts as there. */
async function missingForReturn(endpoint: Endpoint, { config, model }: Live, aws: Aws): Promise<string[]> {
  if (config === undefined) return [`its live endpoint config ${endpoint.configName} has been deleted`];
  if (model === undefined) return [`its live model ${config.variants[0]?.modelName} has been deleted`];
  const image = endpoint.variants[0]?.images[0]?.resolved || model.image;
  return await missingArtifacts({ image, modelArtifacts: model.modelDataUri }, aws);
}
