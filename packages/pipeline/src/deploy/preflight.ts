import { UserError } from '@tidegate/aws';
import { alarmProblems } from './preflight-alarms.ts';
import type { Problem, Facts, Asked } from './preflight-facts.ts';
import { liveProblems } from './preflight-live.ts';
import { guardrailProblems, limitProblems } from './preflight-rollout.ts';

/** Everything that stands in the way of a deployment, all at once; empty when it may go on. Pure. */
export function preflight(asked: Asked, facts: Facts): Problem[] {
  return [
    ...liveProblems(asked, facts),
    ...limitProblems(asked, facts),
    ...guardrailProblems(asked, facts),
    ...alarmProblems(asked, facts),
    ...versionProblems(asked, facts),
    ...facts.attestation.problems,
  ];
}

function versionProblems({ roleArn, approve, imageUri }: Asked, { role, approval }: Facts): Problem[] {
  const problems: Problem[] = [];
  if (role === 'missing') problems.push(['role-arn', `${roleArn} does not exist (iam:CreateRole makes it)`]);
  if (approval === 'Rejected')
    problems.push(['model-package-arn', 'is Rejected: somebody decided that it must not be deployed']);
  if (approval === 'PendingManualApproval' && !approve)
    problems.push([
      'model-package-arn',
      'is PendingManualApproval: approve it in the registry, or give approve: true where the gate is the approval',
    ]);
  if (imageUri !== undefined && !/@sha256:[0-9a-f]{64}$/.test(imageUri))
    problems.push([
      'image-uri',
      `${imageUri} is a tag, which may mean another image tomorrow; give it by digest (…@sha256:<64 hex>), as build-inference-image does`,
    ]);
  return problems;
}

/** Throws one `UserError` that lists every problem. */
export function refuse(endpoint: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const width = Math.max(...problems.map(([input]) => input.length)) + 2;
  const lines = problems.map(([input, sentence]) => `  ${input.padEnd(width)}${sentence}`);
  const count = problems.length === 1 ? 'one thing stands' : `${problems.length} things stand`;
  throw new UserError(
    `${count} in the way of deploying to ${endpoint}; nothing was changed:\n${lines.join('\n')}`,
  );
}
