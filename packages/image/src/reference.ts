import { ImageError } from './errors.ts';

/** An image by its name: which registry, which repository there, which tag or digest. */
export type Reference = {
  /** Host, with the port if it has one: `docker.io`, `127.0.0.1:5000`. */
  registry: string;
  repository: string;
  tag?: string;
  /** `sha256:<64 hex digits>`; what is used where a tag is given too. */
  digest?: string;
};

const repositoryPattern =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
export const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads `python:3.12-slim`, `ghcr.io/a/b@sha256:…`, `127.0.0.1:5000/x:y` as Docker does: without a host it is
 * docker.io, without a folder there it is `library/`, without tag and digest it is `latest`.
 * @throws ImageError
 */
export function parseReference(text: string): Reference {
  const [withTag = '', digest] = text.split('@', 2);
  const slash = withTag.indexOf('/');
  const first = withTag.slice(0, Math.max(slash, 0));
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = hasHost ? withTag.slice(slash + 1) : withTag;
  const [name = '', tag] = path.split(':', 2);
  const registry = hasHost ? first : 'docker.io';
  const repository = registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
  const isBad =
    !repositoryPattern.test(repository) ||
    (tag !== undefined && !tagPattern.test(tag)) ||
    (digest !== undefined && !digestPattern.test(digest));
  if (isBad) {
    throw new ImageError(
      `"${text}" is not an image reference ([registry/]repository[:tag][@sha256:<64 hex digits>])`,
    );
  }
  const named = tag !== undefined || digest !== undefined ? tag : 'latest';
  return { registry, repository, ...(named && { tag: named }), ...(digest && { digest }) };
}

/** The shortest text that means the same everywhere. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
