import { objects, trainingImage, trainingJobs, UserError, type TrainingJob } from '@tidegate/aws';
import { METRIC_NAMES } from '@tidegate/stats';
import { artifactsUri } from '../artifacts.ts';
import { resolveData, storeDataManifest, type DataManifest } from '../job-data.ts';
import { readTree } from '../source-tree/read-tree.ts';
import { startedBy } from '../started-by.ts';
import { provenanceTags, type Surroundings } from '../surroundings.ts';
import { storeEvaluationCode, type EvaluationSpec } from './evaluation-job.ts';
import type { EvaluateSettings } from './settings.ts';

export type Candidate = {
  modelUri: string;
  etag: string;
  /** Null where only an archive was given. */
  job: (TrainingJob & { startedHere: boolean }) | null;
};

export type PreparedGate = { spec: EvaluationSpec; data: DataManifest; candidate: Candidate };

/** @throws UserError for what no evaluation could make good: unknown metrics, missing data, sources or model */
export async function prepareGate(
  settings: EvaluateSettings,
  surroundings: Surroundings,
): Promise<PreparedGate> {
  const { aws } = surroundings;
  refuseUnknownMetrics(settings);
  const image = trainingImage(settings.image, aws.region, settings.instanceType);
  const candidate = await findCandidate(settings, surroundings);
  const tree = await readTree(settings.source.folder, settings.source.exclude);
  if (!tree.files.some(({ path }) => path === settings.source.entry)) {
    throw new UserError(`The entry ${settings.source.entry} is not in ${settings.source.folder}.`);
  }
  const data = await resolveData(aws, settings.data);
  if (!data) throw new UserError(`${settings.data} holds nothing to evaluate on.`);
  const artifacts = await artifactsUri(aws, settings.model, settings.bucket);
  const code = await storeEvaluationCode({ aws }, tree, artifacts);
  return {
    candidate,
    data,
    spec: {
      model: settings.model,
      roleArn: settings.roleArn,
      image,
      instanceType: settings.instanceType,
      volumeGb: settings.volumeGb,
      maxRuntimeSeconds: Math.ceil(settings.maxRuntime / 1000),
      entry: settings.source.entry,
      label: settings.label,
      environment: settings.environment,
      network: settings.network,
      tags: { ...settings.tags, ...provenanceTags(settings.provenance), 'tidegate:model': settings.model },
      codeUri: code.uri,
      codeDigest: code.digest,
      data: await storeDataManifest(aws, data, artifacts),
      dataDigest: data.digest,
      artifactsUri: artifacts,
    },
  };
}

function refuseUnknownMetrics({ thresholds, slices }: EvaluateSettings): void {
  const known: readonly string[] = METRIC_NAMES;
  const asked = [...Object.keys(thresholds), ...Object.keys(slices?.thresholds ?? {})];
  const unknown = asked.filter((metric) => !known.includes(metric));
  if (unknown.length > 0) {
    throw new UserError(`There is no metric ${unknown.join(', ')}; there are: ${known.join(', ')}.`);
  }
  if (Object.keys(thresholds).length === 0) {
    throw new UserError(
      'A gate without a metric would let everything pass: name at least one under evaluate.metrics.',
    );
  }
}

async function findCandidate(
  { candidate, provenance }: EvaluateSettings,
  { aws, log }: Surroundings,
): Promise<Candidate> {
  const { trainingJobName } = candidate;
  const job = trainingJobName === undefined ? undefined : await trainingJobs(aws).find(trainingJobName);
  if (trainingJobName !== undefined && !job)
    throw new UserError(`The training job ${trainingJobName} does not exist.`);
  if (job && job.state !== 'completed') {
    throw new UserError(
      `The training job ${job.name} is ${job.state}: only a completed one has a model to evaluate.`,
    );
  }
  const modelUri = candidate.modelUri ?? job?.modelUri;
  if (modelUri === undefined)
    throw new UserError('Give the model to evaluate: training-job-name or model-artifacts-uri.');
  const archive = await objects(aws).find(modelUri);
  if (!archive) throw new UserError(`The model archive ${modelUri} does not exist.`);
  if (!job) return { modelUri, etag: archive.etag, job: null };
  const startedHere = await startedBy(job.arn, provenance.runId, { aws, log });
  return { modelUri, etag: archive.etag, job: { ...job, startedHere } };
}
