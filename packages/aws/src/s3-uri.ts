import { UserError } from './user-error.ts';

export type S3Location = { bucket: string; key: string };

/** `s3://bucket/some/key` in two. The key may be empty. @throws UserError */
export function parseS3Uri(uri: string): S3Location {
  const parts = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri);
  if (!parts?.[1]) throw new UserError(`"${uri}" is not an S3 URI (s3://bucket/key).`);
  return { bucket: parts[1], key: parts[2] ?? '' };
}

export function formatS3Uri({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** A key below a prefix, with one slash between them. */
export function joinS3Uri(prefix: string, ...parts: string[]): string {
  return [prefix.replace(/\/+$/, ''), ...parts.map((part) => part.replace(/^\/+|\/+$/g, ''))].join('/');
}
