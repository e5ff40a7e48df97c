import { AwsError } from '../../kernel/errors.ts';

/** SageMaker's hosting answers nearly everything with this one code; clients tell cases apart by the text. */
export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const kinds = { model: 'model', 'endpoint-config': 'endpoint configuration', endpoint: 'endpoint' } as const;

export const notFound = (kind: keyof typeof kinds, arn: string): AwsError =>
  invalid(`Could not find ${kinds[kind]} "${arn}".`);

export const alreadyThere = (kind: keyof typeof kinds, arn: string): AwsError =>
  invalid(`Cannot create already existing ${kinds[kind]} "${arn}".`);

export const inProgress = (arn: string): AwsError => invalid(`Cannot update in-progress endpoint "${arn}".`);
