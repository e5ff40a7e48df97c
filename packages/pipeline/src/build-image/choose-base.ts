import { findManifest, formatReference } from '@tidegate/image';
import type { Reference } from '@tidegate/image';
import type { Log } from '../surroundings.ts';
import { pinDigest, pinnedDigest } from './base-lock.ts';
import type { Connections } from './connect-registries.ts';

/** The base by digest: as it was given, as it was pinned, or as its tag names it now, which is then pinned. */
export async function chooseBase(
  base: Reference,
  lockFile: string,
  { openBase, isMadeUp }: Pick<Connections, 'openBase' | 'isMadeUp'>,
  log: Log,
): Promise<{ base: Reference; keepPin: (digest: string) => Promise<void> }> {
  const keepNothing = async () => {};
  if (base.digest) return { base, keepPin: keepNothing };
  const name = formatReference(base);
  const digest = await pinnedDigest(lockFile, name);
  if (!digest) {
    // A made-up base is not what the tag names anywhere else: pinning it would break the next real build.
    if (isMadeUp) return { base, keepPin: keepNothing };
    const keepPin = async (found: string) => {
      await pinDigest(lockFile, name, found);
      log.notice(
        `Pinned ${name} to ${found} in ${lockFile}: commit that file, and every build starts from the same base.`,
      );
    };
    return { base, keepPin };
  }
  const pinned = { ...base, digest };
  if (isMadeUp && !(await findManifest(await openBase(), base.repository, digest))) {
    log.info(`The local registry has a made-up ${name}; the pin in ${lockFile} is left as it is.`);
    return { base, keepPin: keepNothing };
  }
  return { base: pinned, keepPin: keepNothing };
}
