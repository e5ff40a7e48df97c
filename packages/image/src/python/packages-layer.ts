import type { Signer } from '../attest/bundle.ts';
import type { Place } from '../copy-blobs.ts';
import { fileEntry, listFolder } from '../layers/file-tree.ts';
import { describeJson, sha256, type Json } from '../manifest.ts';
import { layerMediaType, media } from '../media-types.ts';
import { findPrevious } from '../previous.ts';
import type { OnProgress } from '../progress.ts';
import { putManifest } from '../registry/manifests.ts';
import { uploadBytes } from '../registry/upload.ts';
import { prepareLayer } from '../prepare-layer.ts';
import type { KnownLayer } from '../prepare-layer.ts';
import { sendLayer } from '../send-layer.ts';
import { serverPaths } from '../server-layer.ts';
import { installPackages } from './install.ts';
import type { Install } from './install.ts';
import { isSealed, seal } from './seal.ts';

/** A layer of packages, and what is in it. */
export type PackagesLayer = KnownLayer & {
  packages: { name: string; version: string }[];
  /** Bytes that had to be sent: 0 where an earlier build had made the layer. */
  sentBytes: number;
};

export type PackagesListeners = {
  onProgress?: OnProgress;
  /** Told what the layer holds before a byte of it is sent; what it throws ends the build. */
  onResolved?: (packages: PackagesLayer['packages']) => void | Promise<void>;
};

const packagesLabel = 'ai.tidegate.packages';

/**
 * The layer of packages that a requirements file asks for. It is made once: kept in the repository as an image of its
 * own, under a tag that names the requirements' digest, for every later build wherever it runs. Where there is a signer,
 * only a layer that it has signed is taken: who may push could have put another one there.
 */
export async function packagesLayer(
  to: Place,
  install: Install,
  {
    onProgress = () => undefined,
    onResolved = () => undefined,
    signer,
  }: PackagesListeners & { signer?: Signer | undefined } = {},
): Promise<PackagesLayer> {
  const key = keyOf(install, signer);
  const tag = `tidegate-packages-${key.slice('sha256:'.length, 'sha256:'.length + 16)}`;
  const named = await findPrevious(to.registry, to.repository, tag);
  const isTrusted = named && (!signer || (await isSealed(to, named.found.digest, key, signer)));
  const earlier = isTrusted ? named : undefined;
  const [layer] = earlier?.manifest.layers ?? [];
  const [diffId] = earlier?.config.rootfs.diff_ids ?? [];
  const listed = earlier?.config.config?.Labels?.[packagesLabel];
  if (layer && diffId && listed !== undefined) {
    const digests = { digest: layer.digest, diffId, sizeBytes: layer.size };
    const packages = parseList(listed);
    await onResolved(packages);
    onProgress({ of: createdBy, state: 'there', sentBytes: 0, totalBytes: layer.size });
    return { digests, mediaType: layer.mediaType, createdBy, packages, sentBytes: 0 };
  }
  await using installed = await installPackages(install);
  await onResolved(installed.packages);
  const place = `${serverPaths.packages}/${install.target.folder}`;
  const entries = [
    ...listFolder(installed.folder, place),
    fileEntry(`${place}/packages.txt`, formatList(installed.packages)),
  ];
  const files = { entries, compression: 'gzip', createdBy } as const;
  const sending = sendLayer(to, prepareLayer(files), undefined, onProgress);
  const [digests, sentBytes] = await Promise.all([sending.identity, sending.sentBytes]);
  const mediaType = layerMediaType(media.ociManifest, 'gzip');
  const image = await imageOf(to, { digests, mediaType, packages: installed.packages });
  if (signer) {
    // Before it has a tag, so that none ever names a layer that nobody answers for.
    await putManifest(to.registry, to.repository, image.descriptor.digest, image);
    await seal(to, image.descriptor, key, signer);
  }
  await putManifest(to.registry, to.repository, tag, image);
  return { digests, mediaType, createdBy, packages: installed.packages, sentBytes };
}

const createdBy = 'tidegate: packages';

/** What decides which packages are installed. Requirements without versions are resolved once, and stay what they were. */
function keyOf({ requirements, added, target }: Install, signer: Signer | undefined): string {
  const constraints = requirements.constraints.map(({ text }) => text);
  const { publicKey } = signer ?? {};
  return sha256(
    JSON.stringify({ version: 1, lines: requirements.lines, constraints, added, target, publicKey }),
  );
}

/** An image of nothing but this layer, whose manifest is still to be put. */
async function imageOf(
  { registry, repository }: Place,
  { digests, mediaType, packages }: Pick<PackagesLayer, 'digests' | 'mediaType' | 'packages'>,
): Promise<Json> {
  const image = {
    created: '1970-01-01T00:00:00Z',
    architecture: 'unknown',
    os: 'linux',
    config: { Labels: { [packagesLabel]: formatList(packages) } },
    rootfs: { type: 'layers', diff_ids: [digests.diffId] },
  };
  const config = describeJson(image, media.ociConfig);
  await uploadBytes(
    registry,
    repository,
    Promise.resolve({ bytes: config.bytes, digest: config.descriptor.digest }),
  );
  const layers = [{ mediaType, digest: digests.digest, size: digests.sizeBytes }];
  const manifest = { schemaVersion: 2, mediaType: media.ociManifest, config: config.descriptor, layers };
  return describeJson(manifest, media.ociManifest);
}

function formatList(packages: { name: string; version: string }[]): string {
  return packages.map(({ name, version }) => `${name}==${version}\n`).join('');
}

function parseList(text: string): { name: string; version: string }[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', version = ''] = line.split('==');
      return { name, version };
    });
}
