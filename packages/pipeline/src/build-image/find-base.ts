import { parseEcrHost } from '@tidegate/aws';
import {
  baseImage,
  findMirrored,
  formatReference,
  imageBytes,
  mirrorBase,
  requireSize,
} from '@tidegate/image';
import type { BaseImage, OnProgress, Reference } from '@tidegate/image';
import type { Log } from '../surroundings.ts';
import type { Connections } from './connect-registries.ts';
import type { BuildImageSettings } from './settings.ts';

type Settings = Pick<BuildImageSettings, 'mirrorBase' | 'platform' | 'maxImageSizeGb'>;

/** The base where it is read: from its copy, which needs nothing of its own registry, or from there. */
export async function findBase(
  reference: Reference,
  { mirrorBase: repository, platform }: Settings,
  { to: registry, openBase }: Connections,
): Promise<BaseImage> {
  const copyOf = async (digest: string) =>
    repository === undefined
      ? undefined
      : findMirrored({ registry, repository }, { reference, platform }, digest);
  const kept = reference.digest === undefined ? undefined : await copyOf(reference.digest);
  if (kept) return kept;
  const base = baseImage(await openBase(), reference, platform);
  return (reference.digest === undefined && repository && (await copyOf(await base.digest()))) || base;
}

/** The base from its copy, which is made now where there is none. @throws UserError where it is larger than an image may be */
export async function keepCopy(
  base: BaseImage,
  { mirrorBase: repository, maxImageSizeGb }: Settings,
  { to: registry, destination }: Connections,
  { log, onProgress }: { log: Log; onProgress: OnProgress },
): Promise<BaseImage> {
  const isThere = base.place.registry === registry && base.place.repository === repository;
  if (repository === undefined || isThere) return base;
  requireSize(imageBytes((await base.image()).manifest), maxImageSizeGb * 1e9);
  const copy = formatReference({ registry: destination.registry, repository });
  return log.group(`Copying ${formatReference(base.reference)} into ${copy}, once for all builds`, () =>
    mirrorBase(base, { registry, repository }, onProgress),
  );
}

/** Says once what to switch on, where layers that the registry has are sent and not mounted. */
export function sayWhatMounts(
  onProgress: OnProgress,
  { place }: BaseImage,
  { to, destination }: Pick<Connections, 'to' | 'destination'>,
  log: Pick<Log, 'notice'>,
): OnProgress {
  const ecr = place.registry === to ? parseEcrHost(destination.registry) : undefined;
  if (!ecr) return onProgress;
  let isSaid = false;
  return (progress) => {
    if (!isSaid && progress.state === 'sending' && progress.of.startsWith('base ')) {
      isSaid = true;
      log.notice(
        `ECR does not mount layers from ${place.repository} into ${destination.repository}, so the base goes through this runner once. Between repositories of the same encryption this switches it on: aws ecr put-account-setting --name BLOB_MOUNTING --value ENABLED --region ${ecr.region}`,
      );
    }
    onProgress(progress);
  };
}
