import { parseEcrHost, registries, UserError } from '@tidegate/aws';
import {
  appendToImage,
  baseImage,
  formatReference,
  formatRequirements,
  parseReference,
  serverEdits,
  serverLayer,
} from '@tidegate/image';
import type { Reference } from '@tidegate/image';
import { addPackages } from './build-image/add-packages.ts';
import { chooseBase } from './build-image/choose-base.ts';
import { connectRegistries } from './build-image/connect-registries.ts';
import { readSource } from './build-image/read-source.ts';
import type { BuildImageResult, BuildImageSettings } from './build-image/settings.ts';
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
  const { aws, log } = surroundings;
  const source = readSource(settings);
  const given = parseReference(settings.base);
  const connections = await connectRegistries({ base: given, repository: settings.repository }, surroundings);
  try {
    const { destination, to } = connections;
    await requireRepository(settings, destination, surroundings);
    const chosen = await chooseBase(given, settings.lockFile, connections, log);
    const base = baseImage(connections.base, chosen.base, settings.platform);
    const place = { registry: to, repository: destination.repository };
    const packages = await addPackages(settings, source, base, place, surroundings);
    const requirements = formatRequirements(source.requirements, settings.source);
    const edits = serverEdits(settings.entry);
    const image = await appendToImage({
      base,
      to: {
        ...place,
        tags: settings.tags,
        contentTag: (inputs) => `tidegate-${inputs.slice('sha256:'.length, 'sha256:'.length + 16)}`,
      },
      maxBytes: settings.maxImageSizeGb * 1e9,
      layers: [...(packages ? [packages] : []), serverLayer(requirements), ...source.layers],
      edits: {
        ...edits,
        environment: { ...edits.environment, ...settings.environment },
        labels: { ...edits.labels, ...settings.labels },
      },
    });
    await chosen.keepPin(image.baseDigest);
    const pushedBytes = image.pushedBytes + (packages?.sentBytes ?? 0);
    const imageUri = formatReference({ ...destination, digest: image.digest });
    log.info(
      image.reused
        ? `Reused ${imageUri}: nothing that goes into the image has changed.`
        : `Pushed ${imageUri}: ${megabytes(pushedBytes)} sent of ${megabytes(image.sizeBytes)}.`,
    );
    return {
      imageUri,
      digest: image.digest,
      sizeBytes: image.sizeBytes,
      pushedBytes,
      reused: image.reused && pushedBytes === 0,
      baseDigest: image.baseDigest,
      consoleUrl: consoleUrl(destination, aws.region),
    };
  } finally {
    connections.close();
  }
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

function consoleUrl({ registry, repository }: Reference, region: string): string {
  const ecr = parseEcrHost(registry);
  if (!ecr) return '';
  return `https://${region}.console.aws.amazon.com/ecr/repositories/private/${ecr.account}/${repository}?region=${region}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
