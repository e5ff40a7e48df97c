import type {
  AddTagsInput,
  AddTagsOutput,
  DeleteTagsInput,
  ListTagsInput,
  ListTagsOutput,
  Tag,
} from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';

const mostTags = 50;
const pageSize = 50;

/** By the ARN of what they belong to, in the order of their first setting. */
const tagsTable = (world: World) => world.store.table<Record<string, string>>('sagemaker.tags');

export const tagsOf = (world: World, arn: string): Tag[] =>
  Object.entries(tagsTable(world).get(arn) ?? {}).map(([Key, Value]) => ({ Key, Value }));

/** Adds tags to what an ARN names; a key that is there gets the new value. @throws AwsError ResourceLimitExceeded above 50 */
export function setTags(world: World, arn: string, tags: readonly Tag[]): void {
  if (tags.length === 0) return;
  const all = {
    ...tagsTable(world).get(arn),
    ...Object.fromEntries(tags.map(({ Key, Value }) => [Key as string, Value as string])),
  };
  if (Object.keys(all).length > mostTags) {
    throw new AwsError(
      'ResourceLimitExceeded',
      `The maximum number of tags per resource (${mostTags}) is exceeded.`,
    );
  }
  tagsTable(world).put(arn, all);
}

/** Forgets the tags of something that is deleted. */
export const deleteTags = (world: World, arn: string): boolean => tagsTable(world).delete(arn);

/** @param exists whether an ARN names something that is there */
export const tagOperations = (world: World, exists: (arn: string) => boolean) => {
  const found = (arn: string | undefined): string => {
    if (arn !== undefined && exists(arn)) return arn;
    throw new AwsError('ValidationException', `Could not find resource "${arn}".`);
  };
  return {
    AddTags(input: AddTagsInput): AddTagsOutput {
      const arn = found(input.ResourceArn);
      setTags(world, arn, input.Tags ?? []);
      return { Tags: tagsOf(world, arn) };
    },

    ListTags(input: ListTagsInput): ListTagsOutput {
      const tags = tagsOf(world, found(input.ResourceArn));
      const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
      if (!(start >= 0 && start <= tags.length))
        throw new AwsError('ValidationException', 'The provided NextToken is invalid.');
      const end = start + (input.MaxResults ?? pageSize);
      return { Tags: tags.slice(start, end), ...(end < tags.length ? { NextToken: String(end) } : {}) };
    },

    DeleteTags(input: DeleteTagsInput) {
      const arn = found(input.ResourceArn);
      const left = Object.entries(tagsTable(world).get(arn) ?? {}).filter(
        ([key]) => !(input.TagKeys ?? []).includes(key),
      );
      if (left.length === 0) deleteTags(world, arn);
      else tagsTable(world).put(arn, Object.fromEntries(left));
      return {};
    },
  };
};
