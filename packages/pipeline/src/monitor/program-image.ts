import { registries } from '@tidegate/aws';
import { appendToImage, baseImage, fileEntry, formatReference, parseReference } from '@tidegate/image';
import { connectRegistries } from '../build-image/connect-registries.ts';
import type { Surroundings } from '../surroundings.ts';

export type ProgramImage = {
  /** An ECR repository's name in our account and region; made where it does not exist. */
  repository: string;
  /** An image with Node.js. */
  base: string;
  /** Where the program is in the image. */
  at: string;
  program: Buffer;
};

/**
 * One JavaScript file on a Node.js base, in the user's own registry, so that a job fetches nothing at its start. The same file
 * gives the same digest, and a second build sends nothing. Returns the image by its digest.
 */
export async function programImage(
  { repository, base, at, program }: ProgramImage,
  around: Surroundings,
): Promise<string> {
  const { aws, log } = around;
  const reference = parseReference(base);
  const connections = await connectRegistries({ base: reference, repository }, around);
  try {
    const { destination, to } = connections;
    if (!(await registries(aws).repositoryExists(destination.repository))) {
      await registries(aws).createRepository(destination.repository, { 'managed-by': 'tidegate' });
      log.info(`Created ECR repository ${destination.repository}.`);
    }
    const image = await appendToImage({
      base: baseImage(await connections.openBase(), reference, { os: 'linux', architecture: 'amd64' }),
      to: {
        registry: to,
        repository: destination.repository,
        tags: [],
        contentTag: (inputs) => `tidegate-${inputs.slice('sha256:'.length, 'sha256:'.length + 16)}`,
      },
      layers: [{ entries: [fileEntry(at, program)], compression: 'gzip', createdBy: `tidegate: ${at}` }],
      edits: { entrypoint: ['node', at], command: [] },
    });
    const uri = formatReference({ ...destination, digest: image.digest });
    log.info(image.reused ? `Reused ${uri}.` : `Pushed ${uri}.`);
    return uri;
  } finally {
    connections.close();
  }
}
