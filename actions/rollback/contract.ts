import { choice, defineAction, duration, integer, list, percentage, text } from '@tidegate/github';
import { attestationInputs, attestationProblems } from '../attestation-inputs.ts';
import {
  endpointName,
  expectedCurrent,
  modelName,
  moveInputs,
  rateOrNone,
  smokeInputs,
} from '../endpoint-inputs.ts';

export const contract = defineAction({
  name: 'rollback',
  description:
    'Brings the last good deployment back, by its exact artifacts, and proves that it is live again.',
  inputs: {
    environment: text({
      description: 'The GitHub environment whose deployments are the record of what was live.',
      default: 'production',
      manifest: 'deploy.environment',
    }),
    model: modelName,
    'endpoint-name': endpointName,
    'rollback-to': text({
      description: '`previous`, the id of a deployment in the record, or the name of an endpoint config.',
      default: 'previous',
    }),
    strategy: choice(['all-at-once', 'canary', 'linear', 'rolling'], {
      description: 'How traffic moves back.',
      default: 'all-at-once',
    }),
    'canary-percent': percentage({ description: 'The canary’s share; at most 50.', default: '10' }),
    'step-percent': percentage({
      description: 'The share of each step: 10–50 of linear, 5–50 of rolling.',
      default: '25',
    }),
    bake: duration({
      description: 'How long alarms are watched while the version that is left is kept.',
      default: '2m',
    }),
    'error-rate': rateOrNone({
      description: 'Failed requests that stop the roll-back, or `none`.',
      default: '1%',
      manifest: 'deploy.rollback-on.error-rate',
    }),
    'p99-latency': duration({
      description: 'The 99th percentile that stops the roll-back.',
      manifest: 'deploy.rollback-on.p99-latency',
    }),
    'p95-latency': duration({
      description: 'The 95th percentile that stops the roll-back.',
      manifest: 'deploy.rollback-on.p95-latency',
    }),
    'alarm-period': duration({
      description: 'The window that an alarm looks at, in whole minutes.',
      default: '1m',
    }),
    'alarm-periods': integer({
      description: 'How many windows in a row must fail.',
      default: '1',
      min: 1,
      max: 10,
    }),
    'rollback-alarms': list({ description: 'CloudWatch alarms of your own that stop the roll-back too.' }),
    ...smokeInputs,
    ...attestationInputs,
    'expected-current': expectedCurrent,
    ...moveInputs,
  },
  outputs: {
    verdict: '`promoted` when the earlier version is live again; otherwise as deploy-target says.',
    'endpoint-name': 'The endpoint.',
    'endpoint-config-name': 'What was asked to come back.',
    'previous-endpoint-config-name': 'What was live before.',
    'model-package-arn': 'The version that came back, by its exact ARN.',
    'image-uri': 'The image that it runs.',
    'model-artifacts-uri': 'The artifacts that it loads.',
    'github-deployment-id': 'The entry of the record.',
    'rollback-alarm': 'The alarm that stopped the roll-back.',
    'rollback-reason': 'Why it was stopped, with the figures.',
    requests: 'Requests that the fleet answered, where the roll-back was stopped or failed.',
    errors: 'Those of them that failed.',
    'smoke-latency-ms': 'How long the smoke request took.',
    'has-changes': '`true` when something differs from what is live.',
    'changes-markdown': 'What differs, as a list.',
  },
  check: attestationProblems,
});
