import type {
  CreatePolicyCommandInput,
  DeletePolicyCommandInput,
  GetPolicyCommandInput,
  GetPolicyVersionCommandInput,
  ListPoliciesCommandInput,
} from '@aws-sdk/client-iam';
import type { Operation, World } from '../kernel/world.ts';
import { entityAlreadyExists, noSuchEntity, page, uniqueId } from './names.ts';
import { parsePolicy } from './policy-document.ts';
import { policies, roles, type PolicyRecord, type Tag } from './records.ts';
import { deleteConflict } from './role-operations.ts';

/** Customer-managed policies. They have one version, `v1`. */
export function policyOperations(world: World): Record<string, Operation> {
  const require = (arn: string | undefined) => {
    const policy = policies(world).get(arn ?? '');
    if (policy) return policy;
    throw noSuchEntity(`Policy ${arn} was not found.`);
  };
  const attachments = (arn: string) =>
    roles(world)
      .values()
      .filter(({ attachedPolicies }) => arn in attachedPolicies).length;
  const describe = (policy: PolicyRecord) => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: 'v1',
    AttachmentCount: attachments(policy.arn),
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.created),
    Tags: policy.tags.length > 0 ? policy.tags : undefined,
  });
  return {
    CreatePolicy(input: CreatePolicyCommandInput) {
      const name = input.PolicyName ?? '';
      const path = input.Path ?? '/';
      const arn = `arn:aws:iam::${world.account}:policy${path}${name}`;
      if (policies(world).get(arn))
        throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
      const document = input.PolicyDocument ?? '';
      parsePolicy(document, 'identity');
      const policy: PolicyRecord = {
        name,
        path,
        id: uniqueId('ANPA'),
        arn,
        created: world.clock.now(),
        ...(input.Description !== undefined && { description: input.Description }),
        document,
        tags: (input.Tags ?? []) as Tag[],
      };
      policies(world).put(arn, policy);
      return { Policy: describe(policy) };
    },

    GetPolicy: ({ PolicyArn }: GetPolicyCommandInput) => ({ Policy: describe(require(PolicyArn)) }),

    GetPolicyVersion({ PolicyArn, VersionId }: GetPolicyVersionCommandInput) {
      const { document, created } = require(PolicyArn);
      if (VersionId !== 'v1')
        throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`);
      const PolicyVersion = {
        Document: encodeURIComponent(document),
        VersionId,
        IsDefaultVersion: true,
        CreateDate: new Date(created),
      };
      return { PolicyVersion };
    },

    DeletePolicy({ PolicyArn }: DeletePolicyCommandInput) {
      const { arn } = require(PolicyArn);
      if (attachments(arn) > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
      policies(world).delete(arn);
    },

    ListPolicies(input: ListPoliciesCommandInput) {
      const own = input.Scope === 'AWS' ? [] : policies(world).values();
      const { items, ...rest } = page(
        own.filter(
          ({ arn, path }) =>
            path.startsWith(input.PathPrefix ?? '/') && (!input.OnlyAttached || attachments(arn) > 0),
        ),
        input,
      );
      return { Policies: items.map((policy) => ({ ...describe(policy), Tags: undefined })), ...rest };
    },
  };
}
