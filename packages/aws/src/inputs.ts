import type { JobInput } from './training-jobs.ts';

/** How SageMaker is told what a job's input is. */
export function channelSource(input: JobInput) {
  return {
    S3DataType: input.type === 'manifest' ? ('ManifestFile' as const) : ('S3Prefix' as const),
    S3Uri: input.uri,
    S3DataDistributionType: 'FullyReplicated' as const,
  };
}
