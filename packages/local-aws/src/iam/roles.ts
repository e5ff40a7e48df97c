import type { World } from '../kernel/world.ts';
import { roles, type RoleRecord } from './records.ts';

/** Of `arn:aws:iam::<account>:role/<path><name>`; undefined where the ARN is another account's or no role's. */
export function roleByArn(world: World, arn: string): RoleRecord | undefined {
  const name = /^arn:aws[a-z-]*:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  const role = roles(world).get(name ?? '');
  return role?.arn === arn ? role : undefined;
}

export function roleExists(world: World, arn: string): boolean {
  return roleByArn(world, arn) !== undefined;
}
