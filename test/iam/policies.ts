import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The three roles that a platform engineer makes for a model. */
export type Role = 'gate' | 'ship' | 'sagemaker';
export const roles: readonly Role[] = ['gate', 'ship', 'sagemaker'];

/** What is added for another engine of drift checks: to the ship role, or as the role of the analyser's function. */
export type Engine = 'engine-runner' | 'engine-lambda' | 'analyser';

export type Statement = {
  Sid: string;
  Action: string | string[];
  Resource?: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/** What stands in the files in capitals, and what it is here. */
export const names = {
  ACCOUNT: '123456789012',
  REGION: 'us-east-1',
  MODEL: 'tides',
  DATA_BUCKET: 'tides-data',
  ARTIFACT_BUCKET: 'sagemaker-us-east-1-123456789012',
  OWNER: 'acme',
  REPOSITORY: 'tides',
  ENVIRONMENT: 'production',
} as const;

export const signingAlias = `alias/${names.MODEL}`;

/** What AWS names itself: known when the account is prepared. */
export const given = { SIGNING_KEY: 'none' };

export const roleArn = (role: Role) => `arn:aws:iam::${names.ACCOUNT}:role/${names.MODEL}-${role}`;

/** A file of docs/iam as it is handed to IAM, its placeholders filled in as the guide says. */
export function policyText(
  role: Role | Engine,
  kind: 'policy' | 'trust',
  more: Record<string, string> = {},
): string {
  const file = path.resolve(import.meta.dirname, `../../docs/iam/${role}-${kind}.json`);
  let text = readFileSync(file, 'utf8');
  for (const [name, value] of Object.entries({ ...names, ...given, ...more }))
    text = text.replace(new RegExp(`(?<![A-Z_])${name}(?![A-Z_])`, 'g'), value);
  return text;
}

export function statements(role: Role | Engine, kind: 'policy' | 'trust' = 'policy'): Statement[] {
  return (JSON.parse(policyText(role, kind)) as { Statement: Statement[] }).Statement;
}
