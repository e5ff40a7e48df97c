import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEcrHost, registries, UserError } from '@tidegate/aws';
import {
  findPrevious,
  formatPlatform,
  imageBytes,
  listFolder,
  measureLayer,
  parseDockerignore,
} from '@tidegate/image';
import type { Reference } from '@tidegate/image';
import type { Surroundings } from '../surroundings.ts';
import type { Plan } from './choose-engine.ts';
import type { Connections } from './connect-registries.ts';
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
 * built once: the tag is made of them.
 * @throws UserError where the disk is too small, the build fails, or the image is too large
 */
export async function buildWith(
  plan: Builder,
  settings: BuildImageSettings,
  { to, destination }: Connections,
  surroundings: Surroundings,
): Promise<BuilderImage> {
  const { log } = surroundings;
  const tag = `tidegate-${(await contextDigest(plan, settings)).slice(0, 16)}`;
  const find = () => findPrevious(to, destination.repository, tag);
  const earlier = await find();
  if (!earlier) {
    await requireDisk(plan.program);
    log.info(`Building ${plan.dockerfile} with ${plan.program}: ${plan.reason}.`);
    await log.group(`${plan.program} build`, () =>
      build(plan, settings, { destination, url: to.url, tags: [tag, ...settings.tags] }, surroundings),
    );
  }
  const image = earlier ?? (await find());
  if (!image)
    throw new UserError(`${plan.program} pushed ${tag}, and ${destination.repository} has no such image`);
  const sizeBytes = imageBytes(image.manifest);
  if (sizeBytes > settings.maxImageSizeGb * 1e9) {
    throw new UserError(
      `the image is ${(sizeBytes / 1e9).toFixed(2)} GB, and at most ${settings.maxImageSizeGb} GB are allowed`,
    );
  }
  const { digest, mediaType, bytes } = image.found;
  const pushedBytes = earlier ? 0 : sizeBytes;
  return {
    digest,
    mediaType,
    manifestBytes: bytes.length,
    sizeBytes,
    pushedBytes,
    reused: earlier !== undefined,
  };
}

type Target = { destination: Reference; url: string; tags: readonly string[] };

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
    const names = target.tags.map((tag) => `${host}/${target.destination.repository}:${tag}`);
    const options = [
      ...Object.entries(settings.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      '--platform',
      formatPlatform(settings.platform),
      '--file',
      plan.dockerfile,
    ];
    if (plan.program === 'docker') {
      const tags = names.flatMap((name) => ['--tag', name]);
      // SageMaker and Lambda take an image, not the index that an attestation would make of it.
      const args = [
        '--config',
        folder,
        'buildx',
        'build',
        '--provenance=false',
        '--push',
        ...options,
        ...tags,
        settings.source,
      ];
      await runProgram('docker', args, surroundings);
      return;
    }
    const isPlain = target.url.startsWith('http:') ? ['--tls-verify=false'] : [];
    const access = ['--authfile', path.join(folder, 'config.json'), ...isPlain];
    const [first = ''] = names;
    await runProgram(
      'buildah',
      ['build', ...access, ...options, '--tag', first, settings.source],
      surroundings,
    );
    for (const name of names)
      await runProgram('buildah', ['push', ...access, first, `docker://${name}`], surroundings);
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

/** Names everything that goes into the build, but what RUN fetches. */
async function contextDigest({ dockerfile }: Builder, settings: BuildImageSettings): Promise<string> {
  const { source, labels, platform } = settings;
  const ignoreFile = path.join(source, '.dockerignore');
  const ignore = parseDockerignore(readIfThere(ignoreFile));
  const { diffId } = await measureLayer({
    entries: listFolder(source, '', ignore),
    compression: 'none',
    createdBy: '',
  });
  const inputs = {
    diffId,
    dockerfile: readFileSync(dockerfile, 'utf8'),
    labels,
    platform: formatPlatform(platform),
  };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

/** "No space left on device" is the most common end of a build on a hosted runner: better said before. */
async function requireDisk(program: string): Promise<void> {
  const folder = program === 'docker' ? '/var/lib/docker' : '/var/lib/containers';
  const { bavail, bsize } = await statfs(folder).catch(() => statfs('/'));
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb >= 5) return;
  throw new UserError(
    `${folder} has ${freeGb.toFixed(1)} GB free, and a build with ${program} needs 5 GB and more: free some, or leave RUN out of the Dockerfile, so that nothing has to be pulled`,
  );
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
