export { appendToImage } from './append.ts';
export type { Append, Appended } from './append.ts';
export { baseImage } from './base.ts';
export type { BaseImage } from './base.ts';
export type { ConfigEdits, ImageConfig } from './config.ts';
export { ImageError, RegistryError } from './errors.ts';
export { fileEntry, listFolder } from './layers/file-tree.ts';
export type { Ignore, LayerEntry } from './layers/file-tree.ts';
export { measureLayer, openLayer } from './layers/layer.ts';
export type { FileLayer, LayerDigests } from './layers/layer.ts';
export type { Descriptor, ImageIndex, ImageManifest, Platform } from './manifest.ts';
export { formatReference, parseReference } from './reference.ts';
export type { Reference } from './reference.ts';
export { basicAuthorization } from './registry/authorize.ts';
export { findDigest, findManifest, putTags } from './registry/manifests.ts';
export { openRegistry } from './registry/registry.ts';
export type { Registry, RegistryAccess } from './registry/registry.ts';
export { patient } from './registry/retry.ts';
export type { Retry } from './registry/retry.ts';
export { dockerAuthorization } from './docker-credentials.ts';
export { parseDockerignore } from './layers/dockerignore.ts';
export {
  codeEdits,
  formatRequirements,
  packagesPathLayer,
  serverEdits,
  serverLayer,
  serverPaths,
  serverRequirements,
} from './server-layer.ts';
export type { ModelServer } from './server-layer.ts';
export { formatPlatform, parsePlatform } from './platform.ts';
export type { KnownLayer, Layer } from './prepare-layer.ts';
export { packagesLayer } from './python/packages-layer.ts';
export type { PackagesLayer, PackagesListeners } from './python/packages-layer.ts';
export { readRequirements } from './python/requirements.ts';
export type { Requirements } from './python/requirements.ts';
export { pythonTarget } from './python/target.ts';
export type { PythonTarget } from './python/target.ts';
export { builderId, buildType, originOf, provenance } from './attest/provenance.ts';
export type { Origin } from './attest/provenance.ts';
export { cycloneDx, sbomPredicate } from './attest/sbom.ts';
export type { BillOfMaterials } from './attest/sbom.ts';
export type { Signer } from './attest/bundle.ts';
export { attachDocuments, documentsOf, listDocuments, openDocument } from './attest/documents.ts';
export type { DocumentKind, ListedDocument } from './attest/documents.ts';
export { statement, subjectsOf } from './attest/statement.ts';
export type { Statement } from './attest/statement.ts';
export { attach, findAttachments, readAttachment } from './registry/referrers.ts';
export type { Attachment } from './registry/referrers.ts';
export { imageBytes, requireSize } from './finished-image.ts';
export { findPrevious } from './previous.ts';
export type { Previous } from './previous.ts';
export { copyImage } from './copy-image.ts';
export { findMirrored, mirrorBase } from './mirror-base.ts';
export type { OnProgress, Progress } from './progress.ts';
export { pushIndex } from './push-index.ts';
export type { PlatformImage } from './push-index.ts';
export { readRecipe } from './dockerfile/recipe.ts';
export type { NeedsBuilder, Recipe } from './dockerfile/recipe.ts';
export { checkCuda } from './cuda/check-cuda.ts';
export type { CudaCheck, CudaFindings } from './cuda/check-cuda.ts';
export { formatCuda } from './cuda/cuda-of.ts';
export type { Gpu } from './cuda/gpu-support.ts';
export { unpackedSize, unpackedSizeWith } from './unpacked-size.ts';
export type { UnpackedSize } from './unpacked-size.ts';
