import { readFileSync } from 'node:fs';
import path from 'node:path';
import { objects, UserError, type Aws } from '@tidegate/aws';
import { deployments, runUrl, type Run } from '@tidegate/github';
import type { DeployedVersion, DeployResult, Ledger, Smoke } from '@tidegate/pipeline';

/* What the actions that change an endpoint share of GitHub. */

export function deploymentLedger(environment: string, { api, context }: Run): Ledger {
  return deployments<DeployedVersion>(api, { environment, ref: context.sha, logUrl: runUrl(context) });
}

type AlarmInputs = {
  errorRate: number | 'none';
  p95Latency: number | undefined;
  p99Latency: number | undefined;
  alarmPeriod: number;
  alarmPeriods: number;
};

/** What of the new fleet takes it back. */
export function rollbackOn({ errorRate, p95Latency, p99Latency, alarmPeriod, alarmPeriods }: AlarmInputs) {
  return {
    errorRate: errorRate === 'none' ? undefined : errorRate,
    p95Latency,
    p99Latency,
    period: alarmPeriod,
    periods: alarmPeriods,
  };
}

type SmokeInputs = {
  smoke: string;
  smokeContentType: string | undefined;
  smokeMaxLatency: number | undefined;
};

/** The smoke request, from the repository or from S3. */
export async function readSmoke(inputs: SmokeInputs, { context }: Run, aws: Aws): Promise<Smoke> {
  const { smoke, smokeContentType, smokeMaxLatency: maxLatency } = inputs;
  const body = smoke.startsWith('s3://') ? await objects(aws).read(smoke) : fromRepository();
  return { body, contentType: smokeContentType ?? contentTypeOf(smoke), maxLatency };

  function fromRepository(): Buffer {
    try {
      return readFileSync(path.resolve(context.workspace, smoke));
    } catch (cause) {
      throw new UserError(
        `smoke is ${smoke}, which cannot be read in ${context.workspace}: ${(cause as Error).message}`,
        { cause },
      );
    }
  }
}

function contentTypeOf(file: string): string {
  const known: Record<string, string> = {
    '.csv': 'text/csv',
    '.json': 'application/json',
    '.jsonl': 'application/jsonlines',
  };
  return known[path.extname(file)] ?? 'application/octet-stream';
}

/** The outputs of a deployment, whichever direction it went. */
export function outcomeOutputs(result: DeployResult, endpoint: string, { region }: Aws) {
  const { outcome, changes } = result;
  const good = outcome === undefined || outcome.verdict === 'promoted' || outcome.verdict === 'no-op';
  const back = outcome?.verdict === 'rolled-back';
  return {
    status: outcome?.verdict ?? 'planned',
    verdict: outcome?.verdict,
    'endpoint-name': endpoint,
    'endpoint-config-name': result.endpointConfig,
    'previous-endpoint-config-name': result.previousEndpointConfig,
    'model-package-arn': outcome?.version.modelPackageArn ?? undefined,
    'image-uri': outcome?.version.image ?? undefined,
    'model-artifacts-uri': outcome?.version.modelArtifacts ?? undefined,
    'github-deployment-id': outcome?.deploymentId,
    'rollback-alarm': outcome?.rollbackAlarm,
    'rollback-reason': back ? outcome.reason : undefined,
    requests: outcome?.evidence?.requests,
    errors: outcome?.evidence?.errors,
    'smoke-latency-ms': outcome?.smoke?.latencyMs,
    'has-changes': changes.length > 0,
    'changes-markdown': changes.map(({ what, now, after }) => `* ${what}: ${now} → ${after}`).join('\n'),
    reused: outcome?.verdict === 'no-op',
    'console-url': `https://${region}.console.aws.amazon.com/sagemaker/home?region=${region}#/endpoints/${endpoint}`,
    notice: good && outcome !== undefined ? `${outcome.verdict}: ${outcome.reason}` : undefined,
    fail: good ? undefined : `${outcome.verdict}: ${outcome.reason}`,
  };
}
