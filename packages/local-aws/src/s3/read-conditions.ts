import { AwsError } from '../kernel/errors.ts';
import type { ObjectRecord } from './records.ts';

export type ReadConditions = {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
};

/** RFC 9110, section 13.2.2: an entity tag decides where one is given, a date only where none is. */
export function checkReadConditions(conditions: ReadConditions, { etag, modified }: ObjectRecord): void {
  // HTTP dates have whole seconds.
  const seconds = Math.floor(modified / 1000);
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!names(IfMatch, etag)) throw failed('If-Match');
  } else if (IfUnmodifiedSince !== undefined && seconds > IfUnmodifiedSince.getTime() / 1000)
    throw failed('If-Unmodified-Since');
  if (IfNoneMatch !== undefined) {
    if (names(IfNoneMatch, etag)) throw notModified();
  } else if (IfModifiedSince !== undefined && seconds <= IfModifiedSince.getTime() / 1000)
    throw notModified();
}

const names = (header: string, etag: string) =>
  header.trim() === '*' ||
  header.split(',').some((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', '') === etag);

const failed = (Condition: string) =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition,
  });

const notModified = () => new AwsError('NotModified', 'Not Modified', 304);
