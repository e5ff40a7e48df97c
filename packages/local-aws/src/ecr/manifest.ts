import { digestPattern } from './blobs.ts';

export type Descriptor = {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string; variant?: string };
  annotations?: Record<string, string>;
};

/** A manifest in any of the four media types registries carry, by what it holds. */
export type Manifest = {
  mediaType: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  subject?: Descriptor;
  /** Everything it names: config and layers of an image, the images of an index. */
  parts: Descriptor[];
} & ({ kind: 'image'; config: Descriptor; layers: Descriptor[] } | { kind: 'index' });

/** An image's configuration, as far as running it needs. */
export type OciConfig = {
  architecture: string;
  os: string;
  config?: {
    Env?: string[] | null;
    Entrypoint?: string[] | null;
    Cmd?: string[] | null;
    WorkingDir?: string;
    User?: string;
    Labels?: Record<string, string> | null;
    ExposedPorts?: Record<string, object> | null;
  };
  rootfs: { type: 'layers'; diff_ids: string[] };
  history?: { created_by?: string; empty_layer?: boolean }[];
};

const imageTypes = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);
const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);
/** AWS's quota of a manifest's size. */
const maxManifestBytes = 4 * 1024 * 1024;

/** Reads a manifest; a string says why it is none. */
export function parseManifest(bytes: Buffer, declaredType: string | undefined): Manifest | string {
  if (bytes.length > maxManifestBytes) return `manifest of ${bytes.length} bytes is over 4 MiB`;
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch {
    return 'manifest is not JSON';
  }
  if (json?.['schemaVersion'] !== 2) return 'manifest has no schemaVersion 2';
  const mediaType = (json['mediaType'] ?? declaredType?.split(';')[0] ?? guessType(json)) as string;
  const { artifactType, annotations, subject } = json as {
    artifactType?: string;
    annotations?: Record<string, string>;
    subject?: Descriptor;
  };
  const about = {
    mediaType,
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
    ...(isDescriptor(subject) && { subject }),
  };
  if (indexTypes.has(mediaType)) {
    const parts = json['manifests'];
    if (!Array.isArray(parts) || !parts.every(isDescriptor)) return 'index names something without a digest';
    return { ...about, kind: 'index', parts };
  }
  if (!imageTypes.has(mediaType)) return `manifest media type ${mediaType} is not supported`;
  const { config, layers = [] } = json;
  if (!isDescriptor(config)) return 'manifest has no config';
  if (!Array.isArray(layers) || !layers.every(isDescriptor)) return 'manifest has a layer without a digest';
  return {
    ...about,
    kind: 'image',
    // Referrers without an artifactType of their own are known by their config's type (OCI distribution 1.1).
    ...(!artifactType && { artifactType: config.mediaType }),
    config,
    layers,
    parts: [config, ...layers],
  };
}

function isDescriptor(value: unknown): value is Descriptor {
  const { digest, size, mediaType } = (value ?? {}) as Partial<Descriptor>;
  return (
    typeof digest === 'string' &&
    digestPattern.test(digest) &&
    Number.isSafeInteger(size) &&
    typeof mediaType === 'string'
  );
}

function guessType(json: Record<string, unknown>): string {
  const kind = Array.isArray(json['manifests']) ? 'index' : 'manifest';
  return `application/vnd.oci.image.${kind}.v1+json`;
}
