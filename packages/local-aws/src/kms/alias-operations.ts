import type {
  CreateAliasCommandInput,
  DeleteAliasCommandInput,
  ListAliasesCommandInput,
} from '@aws-sdk/client-kms';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { notFound, requireKept, requireKey } from './find-key.ts';
import { page } from './page.ts';
import { aliases, arnOf, keys } from './records.ts';

/** Names that point to keys, and may be made to point elsewhere. */
export function aliasOperations(world: World): Record<string, Operation> {
  const require = (name = '') => {
    const alias = aliases(world).get(name);
    if (alias) return alias;
    throw notFound(`Alias ${arnOf(world, name)} is not found.`);
  };
  return {
    CreateAlias({ AliasName: name = '', TargetKeyId }: CreateAliasCommandInput) {
      requireFree(name);
      const { id } = requireKept(requireKey(world, TargetKeyId));
      if (aliases(world).get(name))
        throw new AwsError(
          'AlreadyExistsException',
          `An alias with the name ${arnOf(world, name)} already exists`,
        );
      const now = world.clock.now();
      aliases(world).put(name, { name, keyId: id, created: now, updated: now });
    },

    UpdateAlias({ AliasName, TargetKeyId }: CreateAliasCommandInput) {
      const alias = require(AliasName);
      const { id } = requireKept(requireKey(world, TargetKeyId));
      aliases(world).put(alias.name, { ...alias, keyId: id, updated: world.clock.now() });
    },

    DeleteAlias({ AliasName }: DeleteAliasCommandInput) {
      aliases(world).delete(require(AliasName).name);
    },

    ListAliases(input: ListAliasesCommandInput) {
      const of = input.KeyId === undefined ? undefined : requireKey(world, input.KeyId).id;
      // Those of keys whose time has come go with them.
      keys(world);
      const all = aliases(world).values();
      const { items, more } = page(
        all.filter(({ keyId }) => of === undefined || keyId === of),
        { ...input, Limit: input.Limit ?? 50 },
      );
      const Aliases = items.map(({ name, keyId, created, updated }) => ({
        AliasName: name,
        AliasArn: arnOf(world, name),
        TargetKeyId: keyId,
        CreationDate: new Date(created),
        LastUpdatedDate: new Date(updated),
      }));
      return { Aliases, ...more };
    },
  };
}

function requireFree(name: string): void {
  if (!name.startsWith('alias/')) throw new AwsError('ValidationException', 'Invalid identifier');
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
}
