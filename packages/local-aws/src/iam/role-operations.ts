import type {
  CreateRoleCommandInput,
  DeleteRoleCommandInput,
  GetRoleCommandInput,
  ListRolesCommandInput,
  ListRoleTagsCommandInput,
  TagRoleCommandInput,
  UntagRoleCommandInput,
  UpdateAssumeRolePolicyCommandInput,
  UpdateRoleCommandInput,
} from '@aws-sdk/client-iam';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { entityAlreadyExists, noSuchEntity, page, uniqueId } from './names.ts';
import { parsePolicy } from './policy-document.ts';
import { roles, type RoleRecord, type Tag } from './records.ts';
import { merged, without } from './tags.ts';

export function requireRole(world: World, name: string | undefined): RoleRecord {
  const role = roles(world).get(name ?? '');
  if (role) return role;
  throw noSuchEntity(`The role with name ${name} cannot be found.`);
}

export function roleOperations(world: World): Record<string, Operation> {
  const change = (name: string | undefined, changes: Partial<RoleRecord>) => {
    const role = requireRole(world, name);
    roles(world).put(role.name, { ...role, ...changes });
  };
  return {
    CreateRole(input: CreateRoleCommandInput) {
      const name = input.RoleName ?? '';
      if (roles(world).get(name)) throw entityAlreadyExists(`Role with name ${name} already exists.`);
      const trustPolicy = input.AssumeRolePolicyDocument ?? '';
      parsePolicy(trustPolicy, 'trust');
      const path = input.Path ?? '/';
      const role: RoleRecord = {
        name,
        path,
        id: uniqueId('AROA'),
        arn: `arn:aws:iam::${world.account}:role${path}${name}`,
        created: world.clock.now(),
        ...(input.Description !== undefined && { description: input.Description }),
        trustPolicy,
        maxSessionSeconds: input.MaxSessionDuration ?? 3600,
        tags: (input.Tags ?? []) as Tag[],
        inlinePolicies: {},
        attachedPolicies: {},
      };
      roles(world).put(name, role);
      return { Role: describe(role) };
    },

    GetRole: ({ RoleName }: GetRoleCommandInput) => ({ Role: describe(requireRole(world, RoleName)) }),

    DeleteRole({ RoleName }: DeleteRoleCommandInput) {
      const role = requireRole(world, RoleName);
      if (Object.keys(role.attachedPolicies).length > 0)
        throw deleteConflict('Cannot delete entity, must detach all policies first.');
      if (Object.keys(role.inlinePolicies).length > 0)
        throw deleteConflict('Cannot delete entity, must delete policies first.');
      roles(world).delete(role.name);
    },

    ListRoles(input: ListRolesCommandInput) {
      const found = roles(world)
        .values()
        .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, ...rest } = page(found, input);
      // A list leaves the tags out, as IAM's does.
      return { Roles: items.map((role) => ({ ...describe(role), Tags: undefined })), ...rest };
    },

    UpdateRole: ({ RoleName, Description, MaxSessionDuration }: UpdateRoleCommandInput) =>
      change(RoleName, {
        ...(Description !== undefined && { description: Description }),
        ...(MaxSessionDuration !== undefined && { maxSessionSeconds: MaxSessionDuration }),
      }),

    UpdateAssumeRolePolicy({ RoleName, PolicyDocument = '' }: UpdateAssumeRolePolicyCommandInput) {
      requireRole(world, RoleName);
      parsePolicy(PolicyDocument, 'trust');
      change(RoleName, { trustPolicy: PolicyDocument });
    },

    TagRole: ({ RoleName, Tags }: TagRoleCommandInput) =>
      change(RoleName, { tags: merged(requireRole(world, RoleName).tags, Tags as Tag[]) }),

    UntagRole: ({ RoleName, TagKeys }: UntagRoleCommandInput) =>
      change(RoleName, { tags: without(requireRole(world, RoleName).tags, TagKeys ?? []) }),

    ListRoleTags: ({ RoleName }: ListRoleTagsCommandInput) => ({
      Tags: requireRole(world, RoleName).tags,
      IsTruncated: false,
    }),
  };
}

/** Documents are percent-encoded in answers, as IAM does it. */
function describe(role: RoleRecord) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.created),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    Tags: role.tags.length > 0 ? role.tags : undefined,
  };
}

export const deleteConflict = (text: string) => new AwsError('DeleteConflict', text, 409);
