import { objects, UserError } from '@tidegate/aws';
import { readLive } from './deploy/facts.ts';
import type { ShiftSurroundings } from './deploy/order.ts';
import { analyserImage, type AnalyserSettings } from './monitor/analyser-image.ts';
import { findBinding, makeBaseline, type BaselineSettings } from './monitor/baseline.ts';
import { driftAlarm, ensureDriftAlarm } from './monitor/drift-metrics.ts';
import { enableCapture, lacksCapture, type CaptureSettings } from './monitor/enable-capture.ts';
import { notifyOnDrift, type DriftNotice } from './monitor/notify.ts';
import { engineOf, type EngineSettings, type MadeAnalyser } from './monitor/engine.ts';
import { requireFunction } from './monitor/engines/function.ts';
import { storeFunctionCode } from './monitor/function-code.ts';
import { monitorPlaces, type BaselineBinding } from './monitor/places.ts';

export type MonitorSettings = BaselineSettings &
  EngineSettings &
  Omit<CaptureSettings, 'capture'> & {
    analyser: AnalyserSettings;
    /** Left as it is live where it is not given. */
    capture: CaptureSettings['capture'] | undefined;
    /** Who is told when the alarm goes off; nobody where it is not given. */
    notice: DriftNotice | undefined;
  };

export type MonitorResult = {
  endpointConfig: string;
  binding: BaselineBinding;
  /** The analyser as a function's code; undefined where the engine is another. */
  functionCodeUri: string | undefined;
  alarmName: string;
  /** Nothing had to be made or changed. */
  reused: boolean;
};

/**
 * Prepares an endpoint for drift checks: what its model was trained on as statistics, capture of its traffic, and an alarm.
 * Everything is named by its content, so a second run changes nothing.
 * @throws UserError where the endpoint, the baseline or the analyser is not there
 */
export async function setUpMonitor(
  settings: MonitorSettings,
  around: ShiftSurroundings,
): Promise<MonitorResult> {
  const { aws } = around;
  const live = await readLive(aws, settings.endpoint);
  if (live.endpoint === undefined)
    throw new UserError(`The endpoint ${settings.endpoint} does not exist (deploy-target makes it).`);
  if (live.endpoint.status !== 'InService')
    throw new UserError(
      `The endpoint ${settings.endpoint} is ${live.endpoint.status}: run again when it is InService.`,
    );
  const made = await makeAnalyser(settings, around);
  const engine = engineOf(settings, made);
  const { reused: baselineReused, ...baseline } = await makeBaseline(settings, engine, around);
  const { capture } = settings;
  const needsCapture = capture !== undefined && lacksCapture(live, capture);
  const endpointConfig = needsCapture
    ? await enableCapture({ ...settings, capture }, live, around)
    : live.endpoint.configName;
  const binding = { ...baseline, endpointConfig, analyserImage: made.image };
  const bound = await bind(settings, binding, around);
  const alarm = driftAlarm(settings.endpoint, settings.tags);
  const alarmChanged = await ensureDriftAlarm(aws, alarm);
  if (settings.notice !== undefined) await notifyOnDrift(aws, alarm.name, settings.notice);
  const reused = baselineReused && !needsCapture && !bound && !alarmChanged;
  return { endpointConfig, binding, functionCodeUri: made.codeUri, alarmName: alarm.name, reused };
}

/** The analyser as the engine needs it. */
async function makeAnalyser(settings: MonitorSettings, around: ShiftSurroundings): Promise<MadeAnalyser> {
  const { engine, analyser, artifactsUri } = settings;
  if (engine === 'processing') return { image: await analyserImage(analyser, around) };
  if (engine === 'runner') return {};
  const codeUri = await storeFunctionCode(analyser, artifactsUri, around);
  await requireFunction({ ...settings, codeUri }, around);
  return { codeUri };
}

/** Writes down which baseline belongs to the live version. Says whether that was new. */
async function bind(
  { artifactsUri, endpoint }: MonitorSettings,
  binding: BaselineBinding,
  { aws }: ShiftSurroundings,
): Promise<boolean> {
  const uri = monitorPlaces(artifactsUri).binding(endpoint, binding.endpointConfig);
  const known = await findBinding(uri, aws);
  if (JSON.stringify(known) === JSON.stringify(binding)) return false;
  await objects(aws).upload(uri, { bytes: Buffer.from(JSON.stringify(binding)) }, 'application/json');
  return true;
}
