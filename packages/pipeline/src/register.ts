import {
  modelPackages,
  objects,
  tags,
  trainingJobs,
  UserError,
  type Aws,
  type ModelPackage,
} from '@tidegate/aws';
import type { GateReport } from './gate/gate-report.ts';
import { digestOf } from './naming.ts';
import { readEvidence } from './register/evidence.ts';
import { imageByDigest } from './register/image-digest.ts';
import type { RegisterResult, RegisterSettings } from './register/settings.ts';
import type { Surroundings } from './surroundings.ts';

export type { RegisterResult, RegisterSettings } from './register/settings.ts';

const VERSIONS_LOOKED_AT = 100;
// What the registry takes as a property's value, and as a client token.
const LONGEST_VALUE = 256;
const TOKEN_DIGITS = 36;

/**
 * Makes a version of the model in the registry: this image, by digest, with this archive, and where both come from.
 * The same content is the same version, however often it is registered and whatever commit it comes from.
 * @throws UserError for a model no gate has passed, and for what does not exist
 */
export async function register(
  settings: RegisterSettings,
  { aws, log }: Surroundings,
): Promise<RegisterResult> {
  const packages = modelPackages(aws);
  const model = await findModel(settings, aws);
  const evidence = await readEvidence(settings.reportPath, model, settings.allowUnevaluated);
  const image = await imageByDigest(aws, settings.image);
  const group = await packages.ensureGroup(settings.model, settings.description, {
    ...settings.tags,
    'managed-by': 'tidegate',
  });
  if (group === 'created') log.info(`Created the model package group ${settings.model}.`);

  const content = digestOf({
    image,
    model: [model.modelUri, model.etag],
    environment: settings.environment,
    baselines: [settings.baselineStatisticsUri, settings.baselineConstraintsUri],
  });
  const known = group === 'created' ? undefined : await findVersion(aws, settings.model, content);
  if (known) {
    log.notice(
      `Reused version ${known.version} of ${settings.model}: the same image and model were registered before.`,
    );
    return describe(aws, await approved(known, settings, { aws, log }), true);
  }
  const arn = await packages.create({
    group: settings.model,
    description: settings.description,
    image,
    modelDataUri: model.modelUri,
    environment: settings.environment,
    contentTypes: settings.contentTypes,
    responseTypes: settings.responseTypes,
    inferenceInstances: settings.inferenceInstances,
    transformInstances: [],
    approval: settings.approval,
    qualityStatisticsUri: evidence?.statisticsUri ?? null,
    baselineStatisticsUri: settings.baselineStatisticsUri ?? null,
    baselineConstraintsUri: settings.baselineConstraintsUri ?? null,
    commit: settings.provenance.commit,
    repository: settings.provenance.repository,
    properties: properties(settings, content, evidence, model),
    clientToken: content.slice(0, TOKEN_DIGITS),
  });
  const created = await packages.find(arn);
  if (!created) throw new Error(`${arn} was created and is not there`);
  log.info(`Registered version ${created.version} of ${settings.model}: ${arn}`);
  return describe(aws, created, false);
}

type RegisteredModel = { modelUri: string; etag: string; jobName: string; sourceDigest: string };

async function findModel(settings: RegisterSettings, aws: Aws): Promise<RegisteredModel> {
  const { trainingJobName } = settings;
  const job = trainingJobName === undefined ? undefined : await trainingJobs(aws).find(trainingJobName);
  if (trainingJobName !== undefined && !job)
    throw new UserError(`The training job ${trainingJobName} does not exist.`);
  const modelUri = settings.modelUri ?? job?.modelUri;
  if (modelUri === undefined)
    throw new UserError('Give the model to register: training-job-name or model-artifacts-uri.');
  const archive = await objects(aws).find(modelUri);
  if (!archive) throw new UserError(`The model archive ${modelUri} does not exist.`);
  const sourceDigest = job ? ((await tags(aws).of(job.arn))['tidegate:source'] ?? '') : '';
  return { modelUri, etag: archive.etag, jobName: job?.name ?? '', sourceDigest };
}

async function findVersion(aws: Aws, group: string, content: string): Promise<ModelPackage | undefined> {
  let looked = 0;
  for await (const version of modelPackages(aws).versions(group)) {
    if (version.properties['content-digest'] === content && version.status !== 'Failed') return version;
    looked += 1;
    if (looked === VERSIONS_LOOKED_AT) break;
  }
  return undefined;
}

/** Approves a version that waits if approval was asked for; what a person has rejected stays rejected. */
async function approved(
  version: ModelPackage,
  { approval }: RegisterSettings,
  { aws, log }: Pick<Surroundings, 'aws' | 'log'>,
): Promise<ModelPackage> {
  if (version.approval === 'Rejected') {
    log.warning(`Version ${version.version} was rejected by a person and stays so.`);
    return version;
  }
  if (approval !== 'Approved' || version.approval === 'Approved') return version;
  await modelPackages(aws).approve(version.arn, 'Approved', 'Registered again with approval by Tidegate.');
  return { ...version, approval: 'Approved' };
}

/** The lineage a person or a roll-back needs later; empty values are left out. */
function properties(
  settings: RegisterSettings,
  content: string,
  evidence: GateReport | undefined,
  model: RegisteredModel,
): Record<string, string> {
  const metrics = (evidence?.metrics ?? []).map(({ metric, candidate }) => [
    `metric-${metric}`,
    candidate.toPrecision(6),
  ]);
  const all: Record<string, string> = {
    ...settings.properties,
    ...Object.fromEntries(metrics),
    'content-digest': content,
    'training-job': model.jobName,
    'model-etag': model.etag,
    'source-digest': model.sourceDigest,
    'data-digest': evidence?.data.digest ?? '',
    'gate-verdict': evidence?.verdict ?? 'not-evaluated',
    'gate-baseline': evidence?.baseline?.id ?? '',
    'run-url': settings.provenance.runUrl,
  };
  const kept = Object.entries(all).filter(([, value]) => value !== '');
  return Object.fromEntries(kept.map(([key, value]) => [key, value.slice(0, LONGEST_VALUE)]));
}

function describe(aws: Aws, version: ModelPackage, reused: boolean): RegisterResult {
  return {
    packageArn: version.arn,
    group: version.group,
    version: version.version,
    approval: version.approval,
    image: version.image,
    modelUri: version.modelDataUri ?? '',
    reused,
    consoleUrl: `https://${aws.region}.console.aws.amazon.com/sagemaker/home?region=${aws.region}#/model-packages/${encodeURIComponent(version.arn)}`,
  };
}
