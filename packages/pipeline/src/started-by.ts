import { tags } from '@tidegate/aws';
import type { Surroundings } from './surroundings.ts';

/** Whether a job was started by this very run (another attempt of it, or a call whose answer was lost), so that it is ours to stop. */
export async function startedBy(
  arn: string,
  runId: string,
  { aws, log }: Pick<Surroundings, 'aws' | 'log'>,
): Promise<boolean> {
  if (runId === '' || arn === '') return false;
  try {
    return (await tags(aws).of(arn))['tidegate:run'] === runId;
  } catch (error) {
    log.info(
      `Whose ${arn} is could not be read, so it will not be stopped on cancel: ${(error as Error).message}`,
    );
    return false;
  }
}
