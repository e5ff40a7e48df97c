import {
  modelPackages,
  openNetwork,
  tags,
  UserError,
  type Aws,
  type DataCapture,
  type Endpoint,
  type EndpointConfig,
  type EndpointConfigSpec,
  type Model,
  type ModelPackage,
  type ModelSpec,
} from '@tidegate/aws';
import { contentName } from '../naming.ts';
import { configName } from './config-name.ts';
import type { DeployedVersion } from './ledger.ts';
import { seconds } from './rollout.ts';
import type { Capture, DeploySettings } from './settings.ts';

/** Exactly what would be deployed: named by its content, so the same version always has the same names. */
export type Candidate = {
  /** `exists` where the endpoint config names a model that is there. */
  model: ModelSpec | 'exists';
  configSpec: EndpointConfigSpec;
  version: DeployedVersion;
  /** The package still waits for its approval. */
  approval: ModelPackage['approval'] | undefined;
};

/** What the candidate takes over from the endpoint as it is. */
export type Live = {
  endpoint: Endpoint | undefined;
  config: EndpointConfig | undefined;
  model: Model | undefined;
};

export const packageTag = 'tidegate:model-package';

/** @throws UserError where the package does not exist, or where there is nothing to deploy */
export async function resolveCandidate(settings: DeploySettings, live: Live, aws: Aws): Promise<Candidate> {
  const found = await packageOf(settings, aws);
  const image = settings.imageUri ?? found?.image;
  if (image === undefined)
    throw new UserError(
      'There is nothing to deploy: give model-package-arn, or image-uri with model-artifacts-uri.',
    );
  const source = {
    image,
    modelArtifacts: settings.modelArtifactsUri ?? found?.modelDataUri ?? null,
    environment: { ...found?.environment, ...settings.environment },
  };
  const untouched =
    found !== undefined &&
    source.image === found.image &&
    source.modelArtifacts === found.modelDataUri &&
    Object.keys(settings.environment).length === 0;
  const modelSpec: ModelSpec = {
    name: contentName(settings.model, {
      ...source,
      roleArn: settings.roleArn,
      package: untouched ? found.arn : null,
    }),
    roleArn: settings.roleArn,
    // A registered version as it stands is deployed by its ARN, so that AWS itself holds the approval and the lineage.
    from: untouched
      ? { packageArn: found.arn }
      : { image: source.image, modelDataUri: source.modelArtifacts, environment: source.environment },
    network: openNetwork,
    tags: settings.tags,
  };
  const configSpec = await configFor(settings, modelSpec.name, found?.arn ?? null, live, aws);
  const variant = configSpec.variants[0];
  return {
    model: modelSpec,
    configSpec,
    approval: found?.approval,
    version: {
      target: 'sagemaker',
      endpoint: settings.endpoint,
      endpointConfig: configSpec.name,
      previousEndpointConfig: live.endpoint?.configName ?? null,
      model: modelSpec.name,
      modelPackageArn: found?.arn ?? null,
      ...source,
      roleArn: settings.roleArn,
      variant: variant?.name ?? '',
      instanceType: settings.instanceType,
      instanceCount: settings.instanceCount,
      retires: null,
      runId: settings.runId,
    },
  };
}

async function packageOf(
  { modelPackageArn, modelArtifactsUri, imageUri }: DeploySettings,
  aws: Aws,
): Promise<ModelPackage | undefined> {
  if (modelPackageArn === undefined) {
    if (imageUri !== undefined && modelArtifactsUri === undefined)
      throw new UserError(
        'image-uri alone does not say which model: give model-package-arn or model-artifacts-uri too.',
      );
    return undefined;
  }
  const found = await modelPackages(aws).find(modelPackageArn);
  if (found === undefined)
    throw new UserError(`The model package ${modelPackageArn} does not exist (register-model makes it).`);
  if (found.status !== 'Completed')
    throw new UserError(`The model package ${modelPackageArn} is ${found.status}, not Completed.`);
  return found;
}

async function configFor(
  settings: DeploySettings,
  modelName: string,
  packageArn: string | null,
  live: Live,
  aws: Aws,
): Promise<EndpointConfigSpec> {
  const capture =
    settings.capture === undefined ? (live.config?.capture ?? null) : captureOf(settings.capture);
  const content = {
    variants: [
      {
        name: settings.variant ?? live.endpoint?.variants[0]?.name ?? 'primary',
        modelName,
        instanceType: settings.instanceType,
        instanceCount: settings.instanceCount,
        weight: 1,
        startupTimeoutSeconds: seconds(settings.startupTimeout),
        downloadTimeoutSeconds: null,
      },
    ],
    capture,
    kmsKeyId: live.config?.kmsKeyId ?? null,
  };
  const carriedOver = live.config === undefined ? {} : await tags(aws).of(live.config.arn);
  const { [packageTag]: _previous, ...others } = carriedOver;
  return {
    ...content,
    name: configName(settings.model, content, packageArn),
    tags: {
      ...Object.fromEntries(Object.entries(others).filter(([key]) => !key.startsWith('aws:'))),
      ...settings.tags,
      ...(packageArn === null ? {} : { [packageTag]: packageArn }),
    },
  };
}

export function captureOf({ percent, destination }: Capture): DataCapture {
  return {
    enabled: percent > 0,
    percent,
    destinationUri: destination,
    modes: ['Input', 'Output'],
    // What is not listed is captured as base64, which no analysis can read.
    jsonContentTypes: ['application/json'],
    csvContentTypes: ['text/csv'],
    kmsKeyId: null,
  };
}
