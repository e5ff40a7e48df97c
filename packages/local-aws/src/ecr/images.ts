/** What other services need of an image: what it is, and its files. */
export { materialiseImage } from './rootfs/materialise.ts';
export type { Materialised } from './rootfs/materialise.ts';
export { resolveImage } from './resolve.ts';
export type { OciConfig } from './manifest.ts';
