import {
  arn,
  choice,
  duration,
  instanceType,
  integer,
  kind,
  NotUnderstood,
  text,
  type ParsedInputs,
} from '@tidegate/github';

/* Inputs of the actions that analyse data: where it is done, and where the results are kept. */

const functionName = kind('a Lambda function’s name or ARN', (value) => {
  if (!/^(arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:)?[\w-]{1,64}(:[\w-]+)?$/.test(value))
    throw new NotUnderstood();
  return value;
});

export const analysisInputs = {
  engine: choice(['processing', 'runner', 'lambda'], {
    description:
      'What reads the data: `processing`, a SageMaker Processing job; `runner`, this very step; or `lambda`, a function that you have made once.',
    default: 'processing',
    manifest: 'monitor.engine',
  }),
  'instance-count': integer({
    description: 'How many instances of the job, or invocations of the function, share the data.',
    default: '1',
    min: 1,
    max: 100,
    manifest: 'monitor.instance-count',
  }),
  'analyser-function': functionName({
    description: 'The function of `engine: lambda`, by its name or ARN.',
    default: 'tidegate-analyser',
    manifest: 'monitor.analyser-function',
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
export function engineSettings(inputs: AnalysisInputs) {
  const { engine, instanceCount, analyserFunction, roleArn, instanceType, maxRuntime } = inputs;
  return { engine, instanceCount, analyserFunction, roleArn, instanceType, maxRuntime };
}
