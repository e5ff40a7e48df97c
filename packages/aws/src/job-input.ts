/** How SageMaker is told what a job's input is. */
export function channelSource(input: JobInput) {
  return {
    S3DataType: input.type === 'manifest' ? ('ManifestFile' as const) : ('S3Prefix' as const),
    S3Uri: input.uri,
    S3DataDistributionType: 'FullyReplicated' as const,
  };
}

/** What a job reads: everything below a prefix, or exactly the objects a SageMaker manifest file lists. */
export type JobInput = { uri: string; type: 'prefix' | 'manifest' };
