import { join } from 'node:path';
import type { World } from '../../../kernel/world.ts';
import { download, inputObjects } from '../inputs.ts';
import { uploadFolder, type Uploaded } from '../outputs.ts';
import { checkpointFolder, type Instance } from './contract.ts';
import type { TrainingRecord } from './record.ts';

/** How often files are taken to S3 while the job runs, on the server's clock. */
const syncEveryMs = 10_000;

/** What an interrupted job saved, back where its program looks for it. Objects that come later are not pulled. */
export async function restoreCheckpoints(
  world: World,
  record: TrainingRecord,
  instances: readonly Instance[],
): Promise<void> {
  const uri = record.request.CheckpointConfig?.S3Uri;
  if (uri === undefined) return;
  const objects = await inputObjects(world, 'S3Prefix', `${uri.replace(/\/+$/, '')}/`);
  for (const { root } of instances) await download(world, objects, join(root, checkpointFolder(record)));
}

/** Takes checkpoints of the first instance to S3 as they are written, until the returned function has made a last round. */
export function saveCheckpoints(
  world: World,
  record: TrainingRecord,
  instances: readonly Instance[],
): () => Promise<void> {
  const uri = record.request.CheckpointConfig?.S3Uri;
  const [first] = instances;
  if (uri === undefined || first === undefined) return async () => {};
  const folder = join(first.root, checkpointFolder(record));
  const uploaded: Uploaded = new Map();
  const stop = new AbortController();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await world.clock.sleep(syncEveryMs, stop.signal).catch(() => {});
      await uploadFolder(world, folder, uri, uploaded);
    }
  })();
  // The last round tells of it.
  loop.catch(() => stop.abort());
  return async () => {
    stop.abort();
    await loop;
  };
}
