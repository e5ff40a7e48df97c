import { arn, choice, duration, instanceType, integer, text, type ParsedInputs } from '@tidegate/github';

/* Inputs of the actions that analyse data: where it is done, and where the results are kept. */

export const analysisInputs = {
  engine: choice(['processing', 'runner'], {
    description:
      'What reads the data: `processing`, a SageMaker Processing job; or `runner`, this very step, without a job and an image.',
    default: 'processing',
    manifest: 'monitor.engine',
  }),
  'instance-count': integer({
    description: 'How many instances of the job share the data.',
    default: '1',
    min: 1,
    max: 100,
    manifest: 'monitor.instance-count',
  }),
  'role-arn': arn('iam role', {
    description: 'The role that the job of `engine: processing` runs as.',
    manifest: 'role',
  }),
  'instance-type': instanceType({ description: 'The machine of that job.', default: 'ml.m5.large' }),
  'max-runtime': duration({
    description: 'After this a job is stopped, and has failed.',
    default: '1h',
  }),
  bucket: text({
    description: 'Where statistics and results are kept; otherwise SageMaker’s default bucket.',
    manifest: 'bucket',
  }),
};

type AnalysisInputs = ParsedInputs<typeof analysisInputs>;

/** What is right alone and wrong together. */
export function analysisProblems({
  engine,
  instanceCount,
  roleArn,
}: Pick<AnalysisInputs, 'engine' | 'instanceCount' | 'roleArn'>): (readonly [string, string])[] {
  return [
    ...(engine === 'processing' && roleArn === undefined
      ? [['role-arn', 'is missing: the job of engine processing runs as it'] as const]
      : []),
    ...(engine === 'runner' && instanceCount > 1
      ? [['instance-count', `is ${instanceCount}, and engine runner is one machine`] as const]
      : []),
  ];
}

/** The same, as the pipeline takes them. */
export function engineSettings({ engine, instanceCount, roleArn, instanceType, maxRuntime }: AnalysisInputs) {
  return { engine, instanceCount, roleArn, instanceType, maxRuntime };
}
