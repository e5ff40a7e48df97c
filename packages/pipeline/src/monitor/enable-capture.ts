import { UserError } from '@tidegate/aws';
import { captureOf, type Candidate, type Live } from '../deploy/candidate.ts';
import { namedVersion } from '../deploy/choose-earlier.ts';
import { configName } from '../deploy/config-name.ts';
import { gatherFacts } from '../deploy/facts.ts';
import type { Capture, DeploySettings, Smoke } from '../deploy/settings.ts';
import { shift } from '../deploy/shift.ts';
import type { ShiftSurroundings } from '../deploy/order.ts';

export type CaptureSettings = {
  model: string;
  endpoint: string;
  capture: Capture;
  smoke: Smoke | undefined;
  tags: Record<string, string>;
  runId: string;
  timeout: number;
};

/** Whether the endpoint keeps less of its traffic than was asked for, or keeps it elsewhere. */
export function lacksCapture({ endpoint }: Live, { percent, destination }: Capture): boolean {
  const now = endpoint?.capture;
  return now?.enabled !== true || now.percent !== percent || now.destinationUri !== destination;
}

/**
 * Switches data capture on: the live version again, from a copy of its endpoint config that captures. Normally the deployment has
 * done so already. Returns the endpoint config that is live then.
 * @throws UserError where the copy does not become live
 */
export async function enableCapture(
  settings: CaptureSettings,
  live: Live,
  around: ShiftSurroundings,
): Promise<string> {
  const { aws, ledger, log } = around;
  const { endpoint, config } = live;
  if (endpoint === undefined || config === undefined)
    throw new UserError(`The endpoint ${settings.endpoint} does not exist.`);
  const entries = (await ledger.list()).filter(({ payload }) => payload.endpoint === settings.endpoint);
  const { runId } = settings;
  const wish = { endpoint: settings.endpoint, to: endpoint.configName, runId };
  const version = await namedVersion(wish, entries, aws);
  const content = {
    variants: config.variants,
    capture: captureOf(settings.capture),
    kmsKeyId: config.kmsKeyId,
  };
  const name = configName(settings.model, content, version.modelPackageArn);
  log.info(`${settings.endpoint}: capturing ${settings.capture.percent} % from now on, by ${name}`);
  const candidate: Candidate = {
    approval: undefined,
    // Nothing of the model changes: creating what exists is nothing.
    model: 'exists',
    configSpec: { ...content, name, tags: settings.tags },
    version: {
      ...version,
      endpointConfig: name,
      previousEndpointConfig: endpoint.configName,
      retires: endpoint.configName,
      runId,
    },
  };
  const order: DeploySettings = {
    ...settings,
    ...version,
    target: 'sagemaker',
    modelPackageArn: version.modelPackageArn ?? undefined,
    approve: false,
    imageUri: undefined,
    modelArtifactsUri: undefined,
    startupTimeout: 0,
    // The same version of the model needs no canary, and its own alarms would watch what they have watched before.
    rollout: {
      strategy: 'all-at-once',
      canaryPercent: 0,
      stepPercent: 0,
      bake: 0,
      finalBake: 0,
      maxExecution: undefined,
    },
    rollbackOn: {
      errorRate: undefined,
      p95Latency: undefined,
      p99Latency: undefined,
      period: 60_000,
      periods: 1,
    },
    rollbackAlarms: [],
    retainLive: true,
    // It is live already.
    verification: { level: 'off', signingKey: undefined, repository: '' },
    expectedCurrent: undefined,
    mode: 'apply',
  };
  const facts = await gatherFacts(order, candidate, live, around);
  const outcome = await shift({ settings: order, candidate, live, facts, problems: [] }, around);
  if (outcome.verdict !== 'promoted' && outcome.verdict !== 'no-op')
    throw new UserError(`Capture is not on at ${settings.endpoint}: ${outcome.verdict}, ${outcome.reason}`);
  return name;
}
