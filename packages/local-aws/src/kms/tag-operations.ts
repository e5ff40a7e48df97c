import type { ListResourceTagsCommandInput, Tag, TagResourceCommandInput } from '@aws-sdk/client-kms';
import type { Operation, World } from '../kernel/world.ts';
import { requireKept, requireKey } from './find-key.ts';
import { page } from './page.ts';
import { keys } from './records.ts';

export function tagOperations(world: World): Record<string, Operation> {
  return {
    TagResource({ KeyId, Tags }: TagResourceCommandInput) {
      const key = requireKept(requireKey(world, KeyId));
      keys(world).put(key.id, { ...key, tags: { ...key.tags, ...tagRecord(Tags) } });
    },

    ListResourceTags(input: ListResourceTagsCommandInput) {
      const { items, more } = page(Object.entries(requireKey(world, input.KeyId).tags), {
        ...input,
        Limit: input.Limit ?? 50,
      });
      return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...more };
    },
  };
}

export function tagRecord(tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]));
}
