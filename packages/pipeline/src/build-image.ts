import { parseEcrHost, registries, UserError } from '@tidegate/aws';
import { findPrevious, formatReference, imageBytes, parseReference } from '@tidegate/image';
import type { Reference } from '@tidegate/image';
import { appendParts, readParts } from './build-image/append.ts';
import { chooseEngine } from './build-image/choose-engine.ts';
import { connectRegistries } from './build-image/connect-registries.ts';
import type { Connections } from './build-image/connect-registries.ts';
import type { BuildImageResult, BuildImageSettings } from './build-image/settings.ts';
import { buildWith } from './build-image/with-builder.ts';
import { exampleBase } from './manifest/servers.ts';
import type { Surroundings } from './surroundings.ts';

export type { BuildImageResult, BuildImageSettings } from './build-image/settings.ts';

/**
 * Builds an inference image in the registry: the code, its packages and a model server as layers on a base that is not
 * pulled. The same inputs give the same digest, and a second build of them sends nothing.
 * @throws UserError for what the caller can put right; nothing is tagged then
 */
export async function buildImage(
  settings: BuildImageSettings,
  surroundings: Surroundings,
): Promise<BuildImageResult> {
  const plan = await chooseEngine(settings);
  const parts = plan.kind === 'builder' ? undefined : readParts(plan, settings);
  const base = parts && parseReference(parts.base);
  if (base) refuseArchived(base);
  const connections = await connectRegistries({ base, repository: settings.repository }, surroundings);
  const { destination } = connections;
  try {
    await requireRepository(settings, destination, surroundings);
    const taken = await findTaken(settings, connections);
    if (taken) return describe(taken, destination, surroundings);
    if (parts)
      return describe(
        await appendParts(parts, settings, connections, surroundings),
        destination,
        surroundings,
      );
    if (plan.kind !== 'builder') throw new Error('a plan without parts is a builder');
    const built = await buildWith(plan, settings, connections, surroundings);
    return describe({ ...built, ...nothingKnown }, destination, surroundings);
  } finally {
    connections.close();
  }
}

/** Of an image that we did not put together. */
const nothingKnown = { baseDigest: '', sbom: undefined, attestationUri: '' };

type Facts = Omit<BuildImageResult, 'imageUri' | 'consoleUrl'>;

function describe(facts: Facts, destination: Reference, { aws, log }: Surroundings): BuildImageResult {
  const imageUri = formatReference({ ...destination, digest: facts.digest });
  log.info(
    facts.reused
      ? `Reused ${imageUri}: nothing that goes into the image has changed.`
      : `Pushed ${imageUri}: ${megabytes(facts.pushedBytes)} sent of ${megabytes(facts.sizeBytes)}.`,
  );
  return { ...facts, imageUri, consoleUrl: consoleUrl(destination, aws.region) };
}

/** The image that the first tag names already, where such an image is to be taken as it is. */
async function findTaken(
  { ifTagExists, tags: [tag] }: BuildImageSettings,
  { to, destination }: Connections,
): Promise<Facts | undefined> {
  const found =
    ifTagExists === 'skip' && tag ? await findPrevious(to, destination.repository, tag) : undefined;
  if (!found) return undefined;
  const sizeBytes = imageBytes(found.manifest);
  return { digest: found.found.digest, sizeBytes, pushedBytes: 0, reused: true, ...nothingKnown };
}

async function requireRepository(
  { createRepository }: BuildImageSettings,
  { registry, repository }: Reference,
  { aws, log }: Surroundings,
): Promise<void> {
  if (!parseEcrHost(registry) || (await registries(aws).repositoryExists(repository))) return;
  if (!createRepository) {
    throw new UserError(
      `ECR repository ${repository} does not exist in ${registry}: create it (aws ecr create-repository --repository-name ${repository}), or set create-repository: true and allow ecr:CreateRepository`,
    );
  }
  await registries(aws).createRepository(repository, { 'managed-by': 'tidegate' });
  log.info(`Created ECR repository ${repository}, with immutable tags.`);
}

/** Bases whose model server nobody keeps any more; ours would stand beside it. */
function refuseArchived({ repository }: Reference): void {
  if (!/(^|\/)(torchserve|pytorch-inference)$/.test(repository)) return;
  throw new UserError(
    `base ${repository} is built around TorchServe, which is archived; AWS's PyTorch inference images ended with 2.6. Use a Python or CUDA base (python:3.12-slim), whose server takes the same handlers, or server: ray-serve on ${exampleBase('ray-serve')}`,
  );
}

function consoleUrl({ registry, repository }: Reference, region: string): string {
  const ecr = parseEcrHost(registry);
  if (!ecr) return '';
  return `https://${region}.console.aws.amazon.com/ecr/repositories/private/${ecr.account}/${repository}?region=${region}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
