import { parseEcrHost, registries, signingKeys, UserError } from '@tidegate/aws';
import { findPrevious, formatReference, imageBytes, parseReference, RegistryError } from '@tidegate/image';
import type { Reference } from '@tidegate/image';
import { appendParts, readParts } from './build-image/append.ts';
import { requirePlatform } from './build-image/check-target.ts';
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
  requirePlatform(settings);
  const plan = await chooseEngine(settings);
  if (plan.kind === 'builder' && settings.mirrorBase !== undefined) {
    throw new UserError(
      `mirror-base keeps the base of images that are appended, and ${plan.program} reads its bases itself: leave it out for ${plan.dockerfile}`,
    );
  }
  if (plan.kind === 'builder') refuseToSign(settings, plan.program);
  const parts = plan.kind === 'builder' ? undefined : readParts(plan, settings);
  const base = parts && parseReference(parts.base);
  if (base) refuseArchived(base);
  const signer = await signerOf(settings, surroundings);
  const connections = await connectRegistries({ base, repository: settings.repository }, surroundings);
  const { destination } = connections;
  try {
    for (const repository of new Set([destination.repository, settings.mirrorBase ?? destination.repository]))
      await requireRepository(settings, { ...destination, repository }, surroundings);
    const taken = await findTaken(settings, connections);
    if (taken) {
      if (signer)
        surroundings.log.warning(
          `${settings.tags[0]} is taken as it is, and what is attached to it is not signed here.`,
        );
      return describe(taken, destination, surroundings, `tag ${settings.tags[0]} names it already`);
    }
    if (parts)
      return describe(
        await appendParts(parts, settings, { connections, signer }, surroundings),
        destination,
        surroundings,
      );
    if (plan.kind !== 'builder') throw new Error('a plan without parts is a builder');
    const built = await buildWith(plan, settings, connections, surroundings);
    return describe({ ...built, ...nothingKnown }, destination, surroundings);
  } catch (error) {
    throw explainTag(error, settings);
  } finally {
    connections.close();
  }
}

/** What to do about a tag of the user's that may not move. */
function explainTag(error: unknown, { tags }: BuildImageSettings): unknown {
  const isTag = error instanceof RegistryError && error.code === 'TAG_INVALID';
  if (!isTag || !tags.some((tag) => error.message.includes(`:${tag} cannot be put`))) return error;
  return new UserError(
    `${error.message} Give another of tags, or take the image that it names with skip-if-exists: true`,
    { cause: error },
  );
}

/** Of an image that we did not put together. */
const nothingKnown = { baseDigest: '', sbom: undefined, attestationUri: '', signedBy: '' };

type Facts = Omit<BuildImageResult, 'imageUri' | 'consoleUrl'>;

function describe(
  facts: Facts,
  destination: Reference,
  { aws, log }: Surroundings,
  reason = 'nothing that goes into the image has changed',
): BuildImageResult {
  const imageUri = formatReference({ ...destination, digest: facts.digest });
  log.info(
    facts.reused
      ? `Reused ${imageUri}: ${reason}.`
      : `Pushed ${imageUri}: ${megabytes(facts.pushedBytes)} sent of ${megabytes(facts.sizeBytes)}.`,
  );
  return { ...facts, imageUri, consoleUrl: consoleUrl(destination, aws.region) };
}

/** The image that the first tag names already, where such an image is to be taken as it is. */
async function findTaken(
  { skipIfExists, tags: [tag] }: BuildImageSettings,
  { to, destination }: Connections,
): Promise<Facts | undefined> {
  const found = skipIfExists && tag ? await findPrevious(to, destination.repository, tag) : undefined;
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

/** The key that signs, found before anything is built. @throws UserError for one that cannot */
async function signerOf({ attest, signingKey }: BuildImageSettings, { aws }: Surroundings) {
  return attest && signingKey !== undefined ? await signingKeys(aws).find(signingKey) : undefined;
}

/** Who signs answers for what is in the image, and a builder's image is only known from outside. */
function refuseToSign({ attest, signingKey }: BuildImageSettings, program: string): void {
  if (!attest || signingKey === undefined) return;
  throw new UserError(
    `signing-key signs what is attached to images that are put together here, and this one is built by ${program}, of whose packages and base nothing is known: leave RUN out of the Dockerfile, or give no signing-key and sign the image with cosign`,
  );
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
