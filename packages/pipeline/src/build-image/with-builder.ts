import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEcrHost, registries, UserError } from '@tidegate/aws';
import {
  findPrevious,
  formatPlatform,
  formatReference,
  imageBytes,
  listFolder,
  measureLayer,
  putTags,
  requireSize,
  unpackedSize,
} from '@tidegate/image';
import type { Previous, Reference } from '@tidegate/image';
import type { Surroundings } from '../surroundings.ts';
import { requireCuda, requireUnpackedSize } from './check-target.ts';
import type { Plan } from './choose-engine.ts';
import type { Connections } from './connect-registries.ts';
import { requireFreeDisk } from './free-disk.ts';
import { readIgnore } from './read-ignore.ts';
import { runProgram } from './run-program.ts';
import type { BuildImageSettings } from './settings.ts';

/** An image that a builder made, as the registry has it. */
export type BuilderImage = {
  digest: string;
  mediaType: string;
  manifestBytes: number;
  sizeBytes: number;
  pushedBytes: number;
  reused: boolean;
};

type Builder = Extract<Plan, { kind: 'builder' }>;

/**
 * Builds a Dockerfile with docker or buildah and pushes what comes of it. The same context, Dockerfile and settings are
 * built once: the tag is made of them. How large it is and which CUDA it has is known when it is there: the user's own
 * tags are put after that.
 * @throws UserError where the disk is too small, the build fails, or the image is not for its target
 */
export async function buildWith(
  plan: Builder,
  settings: BuildImageSettings,
  connections: Connections,
  surroundings: Surroundings,
): Promise<BuilderImage> {
  const { to, destination } = connections;
  const { log } = surroundings;
  const context = await measureContext(plan, settings);
  const tag = `tidegate-${context.digest.slice(0, 16)}`;
  const find = () => findPrevious(to, destination.repository, tag);
  const earlier = await find();
  if (!earlier) {
    await requireFreeDisk(plan.program, context.sizeBytes, log);
    log.info(`Building ${plan.dockerfile} with ${plan.program}: ${plan.reason}.`);
    await log.group(`${plan.program} build`, () =>
      build(plan, settings, { destination, url: to.url, tag }, surroundings),
    );
  }
  const image = earlier ?? (await find());
  if (!image)
    throw new UserError(`${plan.program} pushed ${tag}, and ${destination.repository} has no such image`);
  await requireFit(image, settings, connections, surroundings);
  const { digest, mediaType, bytes } = image.found;
  await putTags(to, destination.repository, image.found, settings.tags);
  const sizeBytes = imageBytes(image.manifest);
  const pushedBytes = earlier ? 0 : sizeBytes;
  const reused = earlier !== undefined;
  return { digest, mediaType, manifestBytes: bytes.length, sizeBytes, pushedBytes, reused };
}

async function requireFit(
  { found, manifest, config }: Previous,
  settings: BuildImageSettings,
  { to: registry, destination }: Connections,
  { log }: Pick<Surroundings, 'log'>,
): Promise<void> {
  requireSize(imageBytes(manifest), settings.maxImageSizeGb * 1e9);
  const place = { registry, repository: destination.repository };
  await requireUnpackedSize(settings, () => unpackedSize(place, manifest.layers), log);
  const named = formatReference({ ...destination, digest: found.digest });
  requireCuda(settings, { named, config }, undefined, log);
}

type Target = { destination: Reference; url: string; tag: string };

async function build(
  plan: Builder,
  settings: BuildImageSettings,
  target: Target,
  surroundings: Surroundings,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-builder-'));
  try {
    const host = new URL(target.url).host;
    await writeFile(
      path.join(folder, 'config.json'),
      JSON.stringify({ auths: await credentials(target.destination, host, surroundings) }),
      { mode: 0o600 },
    );
    const name = `${host}/${target.destination.repository}:${target.tag}`;
    const options = [
      ...Object.entries(settings.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      '--platform',
      formatPlatform(settings.platform),
      '--file',
      plan.dockerfile,
    ];
    if (plan.program === 'docker') {
      // SageMaker and Lambda take an image, not the index that an attestation would make of it.
      const args = [
        '--config',
        folder,
        'buildx',
        'build',
        '--provenance=false',
        '--progress=plain',
        '--push',
        ...options,
        '--tag',
        name,
        settings.source,
      ];
      await runProgram('docker', args, surroundings);
      return;
    }
    const isPlain = target.url.startsWith('http:') ? ['--tls-verify=false'] : [];
    const access = ['--authfile', path.join(folder, 'config.json'), ...isPlain];
    await runProgram(
      'buildah',
      ['build', ...access, ...options, '--tag', name, settings.source],
      surroundings,
    );
    await runProgram('buildah', ['push', ...access, name, `docker://${name}`], surroundings);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What builders need to push to ECR, as `docker login` would leave it; elsewhere they have their own. */
async function credentials(
  { registry }: Reference,
  host: string,
  { aws }: Surroundings,
): Promise<Record<string, { auth: string }>> {
  if (!parseEcrHost(registry)) return {};
  const { authorization } = await registries(aws).access(registry);
  return { [host]: { auth: authorization.replace(/^Basic /, '') } };
}

/** Names everything that goes into the build, but what RUN fetches, and says how large the context is. */
async function measureContext(
  { dockerfile }: Builder,
  { source, labels, platform }: BuildImageSettings,
): Promise<{ digest: string; sizeBytes: number }> {
  const entries = listFolder(source, '', readIgnore(source, dockerfile));
  const { diffId, sizeBytes } = await measureLayer({ entries, compression: 'none', createdBy: '' });
  const inputs = {
    diffId,
    dockerfile: readFileSync(dockerfile, 'utf8'),
    labels,
    platform: formatPlatform(platform),
  };
  return { digest: createHash('sha256').update(JSON.stringify(inputs)).digest('hex'), sizeBytes };
}
