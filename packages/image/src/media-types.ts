/** The media types that registries carry: OCI's, and Docker's of the same meaning. */
export const media = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const;

/** What we ask for when we ask for a manifest, the most useful first. */
export const acceptedManifests = [
  media.ociIndex,
  media.dockerIndex,
  media.ociManifest,
  media.dockerManifest,
].join(', ');

export type Compression = 'none' | 'gzip' | 'zstd';

/** A layer's media type beside manifests of this type: OCI's layers in OCI manifests, Docker's in Docker's. */
export function layerMediaType(manifestType: string, compression: Compression): string {
  if (manifestType === media.dockerManifest) {
    // Docker has no zstd of its own; its tools accept OCI's name.
    if (compression === 'zstd') return `${media.ociLayer}+zstd`;
    return compression === 'gzip' ? `${media.dockerLayer}.gzip` : media.dockerLayer;
  }
  return compression === 'none' ? media.ociLayer : `${media.ociLayer}+${compression}`;
}
