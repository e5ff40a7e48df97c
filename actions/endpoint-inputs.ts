import { choice, duration, kind, name, NotUnderstood, text } from '@tidegate/github';

/* Inputs that the actions around an endpoint share. They load nothing, so that wrong ones are refused at once. */

/** A fraction between 0 and 1, or `none`. */
export const rateOrNone = kind('a percentage (1%) or none', (value): number | 'none' => {
  if (value === 'none') return value;
  const amount = Number(/^(\d+(?:\.\d+)?)%$/.exec(value)?.[1]);
  if (!(amount >= 0 && amount <= 100)) throw new NotUnderstood();
  return amount / 100;
});

export const recordEnvironment = text({
  description: 'The GitHub environment whose deployments are the record of what is live.',
  default: 'production',
  manifest: 'deploy.environment',
});

export const modelName = name({ description: 'The model’s name.', required: true, manifest: 'model' });

export const endpointName = name({
  description: 'The endpoint; otherwise the model’s name.',
  manifest: 'deploy.endpoint',
});

/** What the endpoint must answer before it counts as live. */
export const smokeInputs = {
  smoke: text({
    description: 'A request that the endpoint must answer: a file of the repository, or an S3 URI.',
    required: true,
    manifest: 'deploy.smoke',
  }),
  'smoke-content-type': text({ description: 'Of that request; otherwise by the file’s ending.' }),
  'smoke-max-latency': duration({ description: 'A slower answer is none.' }),
};

export const expectedCurrent = text({
  description: 'The endpoint config that must be live now, or nothing is changed.',
});

/** Whether traffic is moved at all, and how long we watch. */
export const moveInputs = {
  mode: choice(['apply', 'plan'], {
    description: '`plan` says what would change and what stands in the way, and changes nothing.',
    default: 'apply',
  }),
  timeout: duration({
    description: 'How long to watch. AWS goes on without us, and a re-run watches on.',
    default: '5h30m',
  }),
};
