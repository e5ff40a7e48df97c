import { parseEcrHost, registries, UserError } from '@tidegate/aws';
import {
  appendToImage,
  baseImage,
  findPrevious,
  formatReference,
  formatRequirements,
  imageBytes,
  parseReference,
  serverEdits,
  serverLayer,
} from '@tidegate/image';
import type { Reference } from '@tidegate/image';
import { addPackages } from './build-image/add-packages.ts';
import { attest, billOfMaterials, findStatement } from './build-image/attest.ts';
import { chooseBase } from './build-image/choose-base.ts';
import { connectRegistries } from './build-image/connect-registries.ts';
import type { Connections } from './build-image/connect-registries.ts';
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
  const base = parseReference(settings.base);
  refuseArchived(base);
  const source = readSource(settings);
  const connections = await connectRegistries({ base, repository: settings.repository }, surroundings);
  try {
    await requireRepository(settings, connections.destination, surroundings);
    const taken = await findTaken(settings, connections);
    return taken
      ? describe(taken, connections.destination, surroundings)
      : await append(settings, { source, given: base, connections }, surroundings);
  } finally {
    connections.close();
  }
}

async function append(
  settings: BuildImageSettings,
  {
    source,
    given,
    connections,
  }: { source: ReturnType<typeof readSource>; given: Reference; connections: Connections },
  surroundings: Surroundings,
): Promise<BuildImageResult> {
  const { destination, to: registry } = connections;
  const to = { registry, repository: destination.repository };
  const chosen = await chooseBase(given, settings.lockFile, connections, surroundings.log);
  const base = baseImage(connections.base, chosen.base, settings.platform);
  const packages = await addPackages(settings, source, base, to, surroundings);
  const requirements = formatRequirements(source.requirements, settings.source);
  const layers = [...(packages ? [packages] : []), serverLayer(requirements), ...source.layers];
  const edits = serverEdits(settings.entry);
  const about = { settings, destination, base, layers, packages };
  let attestationUri = '';
  const image = await appendToImage({
    base,
    to: { ...to, tags: settings.tags, contentTag: (inputs) => `tidegate-${shortDigest(inputs)}` },
    layers,
    maxBytes: settings.maxImageSizeGb * 1e9,
    edits: {
      ...edits,
      environment: { ...edits.environment, ...settings.environment },
      labels: { ...edits.labels, ...settings.labels },
    },
    ...(settings.attest && {
      attach: async (made) => void (attestationUri = await attest(to, { ...about, image: made })),
    }),
  });
  await chosen.keepPin(image.baseDigest);
  if (settings.attest && image.reused) attestationUri = await findStatement(to, destination, image.digest);
  const sbom = settings.attest && billOfMaterials({ ...about, image });
  const pushedBytes = image.pushedBytes + (packages?.sentBytes ?? 0);
  const { digest, sizeBytes, baseDigest, reused } = image;
  return describe(
    { digest, sizeBytes, pushedBytes, reused, baseDigest, sbom, attestationUri },
    destination,
    surroundings,
  );
}

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
  return {
    digest: found.found.digest,
    sizeBytes,
    pushedBytes: 0,
    reused: true,
    baseDigest: '',
    sbom: undefined,
    attestationUri: '',
  };
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
    `base ${repository} is built around TorchServe, which is archived; AWS's PyTorch inference images ended with 2.6. Use a Python or CUDA base (python:3.12-slim), or AWS's Ray Serve image with its own server`,
  );
}

function shortDigest(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 16);
}

function consoleUrl({ registry, repository }: Reference, region: string): string {
  const ecr = parseEcrHost(registry);
  if (!ecr) return '';
  return `https://${region}.console.aws.amazon.com/ecr/repositories/private/${ecr.account}/${repository}?region=${region}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
