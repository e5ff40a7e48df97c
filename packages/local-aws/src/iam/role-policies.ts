import type {
  AttachRolePolicyCommandInput,
  DeleteRolePolicyCommandInput,
  GetRolePolicyCommandInput,
  ListAttachedRolePoliciesCommandInput,
  ListRolePoliciesCommandInput,
  PutRolePolicyCommandInput,
} from '@aws-sdk/client-iam';
import type { Operation, World } from '../kernel/world.ts';
import { noSuchEntity, page } from './names.ts';
import { parsePolicy } from './policy-document.ts';
import { policies, roles } from './records.ts';
import { requireRole } from './role-operations.ts';

/** Policies written into a role, and policies of their own that are attached to it. */
export function rolePolicyOperations(world: World): Record<string, Operation> {
  return {
    PutRolePolicy({ RoleName, PolicyName = '', PolicyDocument = '' }: PutRolePolicyCommandInput) {
      const role = requireRole(world, RoleName);
      parsePolicy(PolicyDocument, 'identity');
      roles(world).put(role.name, {
        ...role,
        inlinePolicies: { ...role.inlinePolicies, [PolicyName]: PolicyDocument },
      });
    },

    GetRolePolicy({ RoleName, PolicyName = '' }: GetRolePolicyCommandInput) {
      const document = requireRole(world, RoleName).inlinePolicies[PolicyName];
      if (document === undefined)
        throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(document) };
    },

    DeleteRolePolicy({ RoleName, PolicyName = '' }: DeleteRolePolicyCommandInput) {
      const role = requireRole(world, RoleName);
      const { [PolicyName]: removed, ...inlinePolicies } = role.inlinePolicies;
      if (removed === undefined)
        throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
      roles(world).put(role.name, { ...role, inlinePolicies });
    },

    ListRolePolicies(input: ListRolePoliciesCommandInput) {
      const { items, ...rest } = page(
        Object.keys(requireRole(world, input.RoleName).inlinePolicies).sort(),
        input,
      );
      return { PolicyNames: items, ...rest };
    },

    AttachRolePolicy({ RoleName, PolicyArn = '' }: AttachRolePolicyCommandInput) {
      const role = requireRole(world, RoleName);
      const name = policyName(world, PolicyArn);
      roles(world).put(role.name, {
        ...role,
        attachedPolicies: { ...role.attachedPolicies, [PolicyArn]: name },
      });
    },

    DetachRolePolicy({ RoleName, PolicyArn = '' }: AttachRolePolicyCommandInput) {
      const role = requireRole(world, RoleName);
      const { [PolicyArn]: removed, ...attachedPolicies } = role.attachedPolicies;
      if (removed === undefined) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
      roles(world).put(role.name, { ...role, attachedPolicies });
    },

    ListAttachedRolePolicies(input: ListAttachedRolePoliciesCommandInput) {
      const attached = Object.entries(requireRole(world, input.RoleName).attachedPolicies);
      const { items, ...rest } = page(attached, input);
      return {
        AttachedPolicies: items.map(([PolicyArn, PolicyName]) => ({ PolicyArn, PolicyName })),
        ...rest,
      };
    },
  };
}

/** AWS's own managed policies may be attached by name; what they say is not known here (see simulate.ts). */
function policyName(world: World, arn: string): string {
  const managed = /^arn:aws:iam::aws:policy\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  const name = managed ?? policies(world).get(arn)?.name;
  if (name === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return name;
}
