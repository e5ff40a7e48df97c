import { createHash } from 'node:crypto';
import { readArchive } from './layers/archive.ts';
import type { Archive } from './layers/archive.ts';
import { layerSize } from './layers/layer.ts';
import type { FileLayer, LayerDigests } from './layers/layer.ts';
import { tarSize } from './layers/tar-header.ts';
import { tarStream } from './layers/tar-stream.ts';

/** A layer that is in the destination's repository already. */
export type KnownLayer = { digests: LayerDigests; mediaType: string; createdBy: string };

export type Layer = FileLayer | KnownLayer;

/** A layer before it is packed: its identity, read when it is first asked for, and once. */
export type PreparedLayer = {
  readonly layer: Layer;
  /** The digest of its bytes unpacked. */
  diffId(): Promise<string>;
  /** Whether somebody has asked for it. */
  readonly isMeasured: boolean;
  /** The whole of a small layer, as it unpacks; undefined for what is too large to be held. */
  readonly archive: Archive | undefined;
};

// Up to here a layer is held in memory: read once, and sent in one request less.
const inMemoryBytes = 32 * 1024 * 1024;

/** Small layers are read at once, beside the first request; large ones when somebody needs to know. */
export function prepareLayer(layer: Layer): PreparedLayer {
  const archive =
    'entries' in layer && tarSize(layer.entries) <= inMemoryBytes ? readArchive(layer.entries) : undefined;
  let measuring = archive?.diffId;
  if ('digests' in layer) measuring = Promise.resolve(layer.digests.diffId);
  return {
    layer,
    diffId: () => (measuring ??= measure(layer)),
    get isMeasured() {
      return measuring !== undefined;
    },
    archive,
  };
}

/** Whether layers of these sizes may include this one; only what is sent as it is has a size before it is packed. */
export function mayBeAmong(sizes: ReadonlySet<number>, { layer }: PreparedLayer): boolean {
  const size = 'digests' in layer ? layer.digests.sizeBytes : layerSize(layer);
  return size === undefined || sizes.has(size);
}

async function measure(layer: Layer): Promise<string> {
  if ('digests' in layer) return layer.digests.diffId;
  const hash = createHash('sha256');
  for await (const chunk of tarStream(layer.entries, 'lent')) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
