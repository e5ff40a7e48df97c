import {
  choice,
  defineAction,
  duration,
  kind,
  list,
  NotUnderstood,
  number,
  integer,
  map,
  text,
  type ParsedInputs,
} from '@tidegate/github';
import { analysisInputs, analysisProblems } from '../analysis-inputs.ts';
import { attestationInputs, attestationProblems } from '../attestation-inputs.ts';
import { endpointName, recordEnvironment, modelName } from '../endpoint-inputs.ts';

const windows = kind('a number of windows (2 of 3)', (value) => {
  const [, needed, of] = /^([1-9]\d*) of ([1-9]\d*)$/.exec(value) ?? [];
  const quorum = { needed: Number(needed), of: Number(of) };
  if (!(quorum.needed <= quorum.of)) throw new NotUnderstood();
  return quorum;
});

export const contract = defineAction({
  name: 'check-drift',
  description:
    'Compares what production was asked with what its model was trained on, shows the evidence, and rolls back or asks for retraining.',
  inputs: {
    environment: recordEnvironment,
    model: modelName,
    'endpoint-name': endpointName,
    ...analysisInputs,
    since: choice(['window', 'last-deployment'], {
      description: 'Whether to look back by `window`, or to the last change of the endpoint.',
      default: 'window',
    }),
    window: duration({ description: 'How far back to look.', default: '24h', manifest: 'monitor.window' }),
    measure: choice(['psi', 'ks', 'jensen-shannon', 'wasserstein', 'chi-squared', 'total-variation'], {
      description: 'How distributions are compared.',
      default: 'psi',
      manifest: 'monitor.drift.measure',
    }),
    warn: number({
      description: 'From here on a feature is worth a look.',
      default: '0.1',
      manifest: 'monitor.drift.warn',
    }),
    fail: number({
      description: 'From here on a feature has drifted.',
      default: '0.2',
      manifest: 'monitor.drift.fail',
    }),
    'min-samples': integer({
      description: 'Fewer requests decide nothing.',
      default: '1000',
      min: 1,
      manifest: 'monitor.drift.min-samples',
    }),
    windows: windows({
      description: 'How many of the last checks must have found drift.',
      default: '1 of 1',
      manifest: 'monitor.drift.windows',
    }),
    features: list({ description: 'Only these; otherwise all.', manifest: 'monitor.drift.features' }),
    'on-drift': choice(['alert', 'rollback', 'retrain', 'rollback-and-retrain'], {
      description:
        'What is done. It rolls back only to a version whose own training data look like today’s traffic.',
      default: 'alert',
      manifest: 'monitor.on-drift',
    }),
    'dispatch-retrain': text({
      description:
        'The type of a `repository_dispatch` to send when retraining is due; otherwise only the output says so.',
    }),
    'fail-on': choice(['never', 'drift', 'inconclusive'], {
      description: 'Which verdict fails the step; `inconclusive` includes drift.',
      default: 'never',
    }),
    smoke: text({
      description: 'A request that the endpoint must answer after a roll-back.',
      manifest: 'deploy.smoke',
    }),
    ...attestationInputs,
    tags: map({ description: 'Put on everything that is made.', manifest: 'deploy.tags' }),
    timeout: duration({ description: 'How long to watch a roll-back.', default: '2h' }),
  },
  outputs: {
    verdict: 'none, warn, drift or inconclusive.',
    'drift-detected': '`true` when the verdict is drift.',
    'drifted-features': 'The features that reached the limit, strongest first, separated by commas.',
    severity: 'The strongest feature’s value of the measure.',
    samples: 'How many requests were compared.',
    action: 'What followed, in a sentence.',
    retrain: '`true` when the model is to be trained again.',
    'rolled-back-to': 'The endpoint config that was brought back.',
    'rollback-verdict': 'What became of the roll-back.',
    'report-html-path': 'The distributions, drawn, as one HTML file on the runner.',
  },
  check: ({ warn, fail, onDrift, smoke, ...others }) => [
    ...attestationProblems(others),
    ...analysisProblems(others),
    ...(warn <= fail ? [] : [['warn', `is ${warn}, above fail, which is ${fail}`] as const]),
    ...(onDrift.startsWith('rollback') && smoke === undefined
      ? [['smoke', `is missing: on-drift ${onDrift} must see the earlier version answer`] as const]
      : []),
  ],
});

export type Inputs = ParsedInputs<(typeof contract)['inputs']>;
