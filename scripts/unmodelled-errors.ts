import type { Plugin } from 'rolldown';

/*
 * An SDK client registers a class for every exception of its service, and none of them could be left out of a bundle. We
 * tell errors apart by their codes, texts and statuses, which an error has without a class of its own, so of these clients
 * the base exception alone is kept. The others' are few, or their classes read members out of an answer.
 */
const clients =
  /@aws-sdk\/client-(cloudwatch|cloudwatch-logs|ecr|eventbridge|iam|kms|s3)\/dist-es\/schemas\//;

export const unmodelledErrors: Plugin = {
  name: 'unmodelled-errors',
  transform(code, id) {
    // The base is registered in a namespace of its own, `_s_registry`.
    if (!clients.test(id)) return null;
    return { code: code.replace(/^n\d+_registry\.registerError\(.*\);$/gm, ''), map: null };
  },
};
