import { randomInt } from 'node:crypto';
import type { Constraints } from '../kernel/constraints.ts';
import { AwsError } from '../kernel/errors.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An identifier as IAM makes them: a prefix for the kind (`AROA` role, `ANPA` policy, `ASIA` session key) and 17 more. */
export function uniqueId(prefix: string, length = 17): string {
  return prefix + Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

export const noSuchEntity = (text: string) => new AwsError('NoSuchEntity', text, 404);

export const entityAlreadyExists = (text: string) => new AwsError('EntityAlreadyExists', text, 409);

/** One page of a list: IAM's markers are opaque, ours is the number of what was already given. */
export function page<T>(
  all: readonly T[],
  { Marker, MaxItems = 100 }: { Marker?: string | undefined; MaxItems?: number | undefined },
) {
  const start = Number(Marker ?? 0);
  if (!Number.isInteger(start)) throw new AwsError('ValidationError', 'Invalid Marker.');
  const items = all.slice(start, start + MaxItems);
  const IsTruncated = start + items.length < all.length;
  return { items, IsTruncated, ...(IsTruncated && { Marker: String(start + items.length) }) };
}

const name = (max: number) => ({ min: 1, max, pattern: '[\\w+=,.@-]+' });
const roleName = name(64);
const policyName = name(128);
const arn = { min: 20, max: 2048 };
const path = { min: 1, max: 512, pattern: '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)' };

export const constraints: Constraints = {
  'CreateRoleRequest.RoleName': roleName,
  'CreateRoleRequest.Path': path,
  'CreateRoleRequest.MaxSessionDuration': { min: 3600, max: 43_200 },
  'CreateRoleRequest.AssumeRolePolicyDocument': { min: 1, max: 131_072 },
  'GetRoleRequest.RoleName': roleName,
  'DeleteRoleRequest.RoleName': roleName,
  'UpdateAssumeRolePolicyRequest.RoleName': roleName,
  'PutRolePolicyRequest.RoleName': roleName,
  'PutRolePolicyRequest.PolicyName': policyName,
  'GetRolePolicyRequest.PolicyName': policyName,
  'AttachRolePolicyRequest.RoleName': roleName,
  'AttachRolePolicyRequest.PolicyArn': arn,
  'CreatePolicyRequest.PolicyName': policyName,
  'CreateOpenIDConnectProviderRequest.Url': { min: 1, max: 255 },
  'Tag.Key': { min: 1, max: 128, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
  'Tag.Value': { max: 256 },
};
