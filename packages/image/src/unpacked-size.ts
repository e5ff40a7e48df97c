import type { BaseImage } from './base.ts';
import type { Place } from './copy-blobs.ts';
import { tarSize } from './layers/tar-header.ts';
import type { Descriptor } from './manifest.ts';
import type { Layer } from './prepare-layer.ts';
import { readBlobEnd } from './registry/blobs.ts';

/** What layers take when they are unpacked; `unsaid` of them only say that it is not less than what they take packed. */
export type UnpackedSize = { atLeastBytes: number; unsaid: number };

/**
 * What layers of a registry take when they are unpacked, from four bytes of each: gzip ends with the length of what its
 * last member holds, modulo 4 GiB (RFC 1952, 2.3.1). A layer of one member below that, as nearly all are, says
 * it exactly; any other says less than it takes, and so the sum is a bound from below.
 */
export async function unpackedSize(place: Place, layers: readonly Descriptor[]): Promise<UnpackedSize> {
  const sizes = await Promise.all(
    layers.map(async (layer): Promise<UnpackedSize> => {
      if (layer.mediaType.endsWith('.tar')) return { atLeastBytes: layer.size, unsaid: 0 };
      const end = layer.mediaType.endsWith('gzip')
        ? await readBlobEnd(place.registry, place.repository, layer, 4)
        : undefined;
      const said = end?.readUInt32LE(0) ?? 0;
      // What does not compress grows by five bytes in each 64 kB at most.
      const least = Math.floor(layer.size * 0.999);
      return { atLeastBytes: Math.max(said, least), unsaid: said < least ? 1 : 0 };
    }),
  );
  return sum(sizes);
}

/** The same of a base with layers of ours on it, some of them in the repository already. */
export async function unpackedSizeWith(
  base: BaseImage,
  to: Place,
  layers: readonly Layer[],
): Promise<UnpackedSize> {
  const there = layers.flatMap((layer) =>
    'digests' in layer
      ? [{ mediaType: layer.mediaType, digest: layer.digests.digest, size: layer.digests.sizeBytes }]
      : [],
  );
  const { manifest } = await base.image();
  const measured = await Promise.all([unpackedSize(base.place, manifest.layers), unpackedSize(to, there)]);
  const packed = layers.map((layer) => ({
    atLeastBytes: 'entries' in layer ? tarSize(layer.entries) : 0,
    unsaid: 0,
  }));
  return sum([...measured, ...packed]);
}

function sum(sizes: readonly UnpackedSize[]): UnpackedSize {
  return {
    atLeastBytes: sizes.reduce((bytes, each) => bytes + each.atLeastBytes, 0),
    unsaid: sizes.reduce((count, each) => count + each.unsaid, 0),
  };
}
