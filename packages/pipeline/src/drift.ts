import { UserError, type Endpoint } from '@tidegate/aws';
import { readLive } from './deploy/facts.ts';
import type { ShiftSurroundings } from './deploy/order.ts';
import { findBinding } from './monitor/baseline.ts';
import { capturedData, type Window } from './monitor/captured.ts';
import { compareTraffic, type ComparisonSettings } from './monitor/compare-traffic.ts';
import { driftedFeatures, type DriftFacts } from './monitor/drift-facts.ts';
import { putDriftMetrics } from './monitor/drift-metrics.ts';
import { olderModelThatFits, type OlderModel } from './monitor/older-model.ts';
import { engineOf, type EngineSettings } from './monitor/engine.ts';
import { monitorPlaces } from './monitor/places.ts';
import {
  earlierWindows,
  hasQuorum,
  rememberWindow,
  type Quorum,
  type WindowVerdict,
} from './monitor/windows.ts';

export const reactions = ['alert', 'rollback', 'retrain', 'rollback-and-retrain'] as const;
export type Reaction = (typeof reactions)[number];

export type DriftSettings = ComparisonSettings &
  EngineSettings & {
    /** Milliseconds back from AWS's now, or since the endpoint was last changed. */
    window: number | 'last-deployment';
    quorum: Quorum;
    onDrift: Reaction;
  };

export type DriftResult = {
  facts: DriftFacts;
  /** The features that reached their limit, strongest first. */
  drifted: string[];
  /** The earlier version to come back to: its own baseline fits today's traffic. Undefined where none does, or none was asked for. */
  rollBackTo: OlderModel | undefined;
  retrain: boolean;
  /** What is to be done and why, in a sentence. */
  action: string;
  reused: boolean;
};

/**
 * Compares what production was asked with what its model was trained on, and decides what follows. It rolls back nothing itself.
 * Too little traffic is `inconclusive`, never "no drift".
 * @throws UserError where the endpoint has no baseline or captures nothing
 */
export async function checkDrift(settings: DriftSettings, around: ShiftSurroundings): Promise<DriftResult> {
  const { aws, log } = around;
  const { endpoint } = settings;
  const places = monitorPlaces(settings.artifactsUri);
  const live = await readLive(aws, endpoint);
  if (live.endpoint === undefined) throw new UserError(`The endpoint ${endpoint} does not exist.`);
  const { configName, capture, variants } = live.endpoint;
  const binding = await findBinding(places.binding(endpoint, configName), aws);
  if (binding === undefined)
    throw new UserError(
      `${endpoint} serves ${configName}, which has no baseline: run setup-model-monitor after deploying it.`,
    );
  if (capture?.enabled !== true)
    throw new UserError(
      `${endpoint} does not capture its traffic: run setup-model-monitor with capture-percent.`,
    );
  const engine = engineOf(settings, { image: binding.analyserImage });

  const window = windowOf(settings, live.endpoint, aws.time());
  const data = await capturedData(
    aws,
    { destination: capture.destinationUri, endpoint, variant: variants[0]?.name ?? '' },
    window,
  );
  const about = { endpoint, endpointConfig: configName, window };
  if (data === undefined) {
    const reason = `no captured traffic between ${time(window.from)} and ${time(window.to)}`;
    return undecided({ ...about, reason, quorum: { ...settings.quorum, drifted: 0, looked: 0 } }, around);
  }
  const { report, name, reused } = await compareTraffic(settings, binding, data, engine, around);
  const current: WindowVerdict = { check: name, ...window, verdict: report.verdict };
  const folder = places.history(endpoint, configName);
  const earlier = await earlierWindows(folder, current, settings.quorum.of - 1, aws);
  await rememberWindow(folder, current, aws);
  const quorum = { ...settings.quorum, ...hasQuorum(current, earlier, settings.quorum) };
  const facts: DriftFacts = { ...about, ...worded(report, quorum), quorum, report };
  await putDriftMetrics(aws, endpoint, facts);
  log.info(`${facts.verdict === 'drift' ? '' : 'drift '}${facts.verdict}: ${facts.reason}`);
  return { ...(await decide(settings, facts, { binding, data, engine }, around)), reused };
}

async function undecided(facts: Omit<DriftFacts, 'verdict' | 'report'>, { aws, log }: ShiftSurroundings) {
  const all: DriftFacts = { ...facts, verdict: 'inconclusive', report: undefined };
  await putDriftMetrics(aws, facts.endpoint, all);
  log.warning(`drift inconclusive: ${facts.reason}`);
  return { facts: all, drifted: [], rollBackTo: undefined, retrain: false, action: 'none', reused: false };
}

/** In AWS's time, which captures are named by. Autoscaling counts as a change too, and makes the window only shorter. */
function windowOf({ window }: DriftSettings, { modifiedAt }: Endpoint, to: number): Window {
  return { from: window === 'last-deployment' ? modifiedAt : to - window, to };
}

/** The analyser's verdict about one window as a verdict about production. */
function worded(
  report: NonNullable<DriftFacts['report']>,
  { reached, drifted, looked, needed, of }: ReturnType<typeof hasQuorum> & Quorum,
): Pick<DriftFacts, 'verdict' | 'reason'> {
  const [strongest] = report.features;
  const why = strongest === undefined ? 'nothing was compared' : `${strongest.name}: ${strongest.reason}`;
  if (report.verdict !== 'fail') return { verdict: report.verdict, reason: why };
  if (reached)
    return { verdict: 'drift', reason: of === 1 ? why : `${why}, in ${drifted} of ${looked} windows` };
  return {
    verdict: 'warn',
    reason: `${why}, in ${drifted} of ${looked} windows; ${needed} of ${of} are needed`,
  };
}

async function decide(
  settings: DriftSettings,
  facts: DriftFacts,
  compared: Parameters<typeof olderModelThatFits>[1],
  around: ShiftSurroundings,
): Promise<Omit<DriftResult, 'reused'>> {
  const found = { facts, drifted: driftedFeatures(facts) };
  const nothing = { ...found, rollBackTo: undefined, retrain: false };
  if (facts.verdict !== 'drift') return { ...nothing, action: 'none' };
  const { onDrift } = settings;
  if (onDrift === 'alert') return { ...nothing, action: 'told: on-drift is alert' };
  const retrain = onDrift !== 'rollback';
  if (onDrift === 'retrain') return { ...nothing, retrain, action: 'retraining' };
  const rollBackTo = await olderModelThatFits(settings, compared, around);
  const next = retrain ? '; retraining' : '';
  return rollBackTo === undefined
    ? { ...found, rollBackTo, retrain, action: `no older model fits today’s traffic${next}` }
    : { ...found, rollBackTo, retrain, action: `rolling back to ${rollBackTo.endpointConfig}${next}` };
}

const time = (instant: number) => new Date(instant).toISOString();
