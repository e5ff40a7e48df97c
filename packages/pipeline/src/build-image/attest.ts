import {
  attach,
  cycloneDx,
  findAttachments,
  formatReference,
  provenance,
  provenanceType,
  sbomType,
} from '@tidegate/image';
import type { Appended, BaseImage, Layer, PackagesLayer, Reference, Registry } from '@tidegate/image';
import type { BuildImageSettings } from './settings.ts';

/** An image and all that is known of how it came about. */
export type Built = {
  settings: BuildImageSettings;
  destination: Reference;
  image: Appended;
  base: BaseImage;
  layers: readonly Layer[];
  packages: PackagesLayer | undefined;
};

/** The image's bill of materials: the same for the same image. */
export function billOfMaterials({ destination, image, base, layers, packages }: Built): object {
  return cycloneDx({
    image: { name: formatReference(destination), digest: image.digest },
    base: { name: nameOf(base), digest: image.baseDigest },
    packages: packages?.packages ?? [],
    layers: image.layers.map(({ diffId }, index) => ({ createdBy: layers[index]?.createdBy ?? '', diffId })),
  });
}

/** Attaches both documents to the image; returns where the statement of provenance is. */
export async function attest(to: { registry: Registry; repository: string }, built: Built): Promise<string> {
  const { image, settings, destination, base } = built;
  const { commit, repository, runUrl } = settings.attest ?? { commit: '', repository: '', runUrl: '' };
  const statement = provenance({
    image: { name: formatReference(destination), digest: image.digest },
    base: { name: nameOf(base), digest: image.baseDigest },
    layers: image.layers.map(({ diffId }) => diffId),
    source: commit && repository ? { repository: sourceUrl(repository, runUrl), commit } : undefined,
    invocation: runUrl || undefined,
    parameters: {
      base: settings.base,
      server: settings.server,
      entry: settings.entry,
      requirements: settings.requirements,
      dependencies: settings.dependencies,
    },
  });
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.manifestBytes };
  const [, digest = ''] = await attach(to.registry, to.repository, subject, [
    { artifactType: sbomType, bytes: Buffer.from(JSON.stringify(billOfMaterials(built))) },
    { artifactType: provenanceType, bytes: Buffer.from(JSON.stringify(statement)) },
  ]);
  return formatReference({ ...destination, digest });
}

/** Where the statement of an earlier build is; empty where it made none. */
export async function findStatement(
  to: { registry: Registry; repository: string },
  destination: Reference,
  digest: string,
): Promise<string> {
  const [found] = await findAttachments(to.registry, to.repository, digest, provenanceType);
  return found ? formatReference({ ...destination, digest: found.digest }) : '';
}

function nameOf({ reference: { registry, repository, tag } }: BaseImage): string {
  return formatReference({ registry, repository, ...(tag && { tag }) });
}

/** The repository's address on the GitHub that runs the workflow, which may be a company's own. */
function sourceUrl(repository: string, runUrl: string): string {
  const server = URL.canParse(runUrl) ? new URL(runUrl).origin : 'https://github.com';
  return `${server}/${repository}`;
}
