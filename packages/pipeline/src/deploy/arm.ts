import { alarms, until, UserError } from '@tidegate/aws';
import type { Surroundings } from '../surroundings.ts';
import { armedAlarms } from './armed-alarms.ts';
import type { DeployedVersion } from './ledger.ts';
import { span } from './rollout.ts';
import type { DeploySettings } from './settings.ts';

/** An alarm is evaluated every minute, over at most its own window and a little more. */
const settleSeconds = 300;

/**
 * Puts the alarms of a new fleet in place, and waits until none of them is still in ALARM for an earlier one: AWS would
 * roll back at once.
 * @throws UserError when one stays in ALARM
 */
export async function arm(
  { rollbackOn, tags }: Pick<DeploySettings, 'rollbackOn' | 'tags'>,
  { endpoint, variant, endpointConfig }: DeployedVersion,
  { aws, log, signal }: Surroundings,
): Promise<void> {
  const specs = armedAlarms({ endpoint, variant, config: endpointConfig }, rollbackOn, tags);
  if (specs.length === 0) return;
  for (const spec of specs) await alarms(aws).put(spec);
  const deadline = aws.time() + settleSeconds * 1000;
  const names = specs.map(({ name }) => name);
  let told = false;
  await until(
    aws,
    async () => {
      const firing = (await alarms(aws).find(names)).filter(({ state }) => state === 'ALARM');
      if (firing.length === 0) return true;
      const list = firing.map(({ name }) => name).join(', ');
      if (!told) log.info(`waiting for ${list}, in ALARM since an earlier rollout`);
      told = true;
      if (aws.time() < deadline) return undefined;
      throw new UserError(
        `${list} stays in ALARM from an earlier rollout (for more than ${span(settleSeconds)}), so AWS would roll back at once; run again when it is OK.`,
      );
    },
    { signal },
  );
}
