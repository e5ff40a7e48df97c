import { AddTagsCommand, ListTagsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { tagList } from './answers.ts';
import type { Aws } from './connect.ts';

/** The tags of anything SageMaker keeps. */
export function tags(aws: Aws) {
  const client = () => aws.client(SageMakerClient);
  return {
    async of(arn: string): Promise<Record<string, string>> {
      const found: Record<string, string> = {};
      let token: string | undefined;
      do {
        const page = await client().send(new ListTagsCommand({ ResourceArn: arn, NextToken: token }));
        for (const { Key, Value } of page.Tags ?? []) if (Key !== undefined) found[Key] = Value ?? '';
        token = page.NextToken;
      } while (token !== undefined);
      return found;
    },
    async add(arn: string, added: Record<string, string>): Promise<void> {
      await client().send(new AddTagsCommand({ ResourceArn: arn, Tags: tagList(added) }));
    },
  };
}
