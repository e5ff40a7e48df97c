import type { ShiftSurroundings } from '../deploy/order.ts';
import type { DataManifest } from '../job-data.ts';
import { findBinding } from './baseline.ts';
import { compareTraffic, type ComparisonSettings } from './compare-traffic.ts';
import type { Engine } from './engine.ts';
import { monitorPlaces, type BaselineBinding } from './places.ts';

export type OlderModel = { endpointConfig: string; deploymentId: number; verdict: 'none' | 'warn' };

/** Each one with other features is one more analysis, and the older a model is the less likely it fits. */
const mostAsked = 3;

/**
 * The newest earlier version whose own training data look like today's traffic, judged by the same analysis and the same limits.
 * A version with the live one's baseline cannot fit better and is not asked.
 */
export async function olderModelThatFits(
  settings: ComparisonSettings,
  live: { binding: BaselineBinding; data: DataManifest; engine: Engine },
  around: ShiftSurroundings,
): Promise<OlderModel | undefined> {
  const { aws, ledger, log } = around;
  const places = monitorPlaces(settings.artifactsUri);
  const asked = new Set([live.binding.profileUri]);
  const passed: number[] = [];
  while (asked.size <= mostAsked) {
    const entry = await ledger.latestSuccessful(passed);
    if (entry === undefined) return undefined;
    passed.push(entry.id);
    const { endpoint, endpointConfig } = entry.payload;
    if (endpoint !== settings.endpoint || endpointConfig === live.binding.endpointConfig) continue;
    const binding = await findBinding(places.binding(endpoint, endpointConfig), aws);
    if (binding === undefined || asked.has(binding.profileUri)) continue;
    asked.add(binding.profileUri);
    const { report } = await compareTraffic(settings, binding, live.data, live.engine, around);
    log.info(`${endpointConfig}: its own baseline against today’s traffic is ${report.verdict}`);
    if (report.verdict === 'none' || report.verdict === 'warn')
      return { endpointConfig, deploymentId: entry.id, verdict: report.verdict };
  }
  return undefined;
}
