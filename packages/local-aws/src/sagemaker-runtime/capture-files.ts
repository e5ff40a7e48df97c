import { randomUUID } from 'node:crypto';
import { perWorld } from '../kernel/per-world.ts';
import type { Instant, World } from '../kernel/world.ts';
import { parseS3Uri, writeObject } from '../s3/objects.ts';

type Batch = { folder: string; startedAt: Instant; lines: string[]; bytes: number };
type Batches = {
  waiting: Map<string, Batch>;
  writing: Set<Promise<void>>;
  timer: NodeJS.Timeout | undefined;
};

/** Real milliseconds: SageMaker takes minutes, a local run must not. What a crash finds unwritten is lost, as there. */
const flushAfterMs = 1000;
const mostBatchBytes = 1024 * 1024;

/** Adds a line to the file of its hour; files are written within a second, when they are full, and when the server closes. */
export function addLine(world: World, folder: string, at: Instant, line: string): void {
  const state = batches(world);
  const hourFolder = `${folder}/${new Date(at).toISOString().slice(0, 13).replace(/[-T]/g, '/')}`;
  let batch = state.waiting.get(hourFolder);
  if (batch === undefined)
    state.waiting.set(hourFolder, (batch = { folder: hourFolder, startedAt: at, lines: [], bytes: 0 }));
  batch.lines.push(line);
  batch.bytes += line.length;
  if (batch.bytes >= mostBatchBytes) write(world, batch);
  else state.timer ??= setTimeout(() => void flushCaptures(world), flushAfterMs).unref();
}

/** Writes everything captured so far. */
export async function flushCaptures(world: World): Promise<void> {
  const state = batches(world);
  clearTimeout(state.timer);
  state.timer = undefined;
  for (const batch of state.waiting.values()) write(world, batch);
  await Promise.all(state.writing);
}

function write(world: World, batch: Batch) {
  const { waiting, writing } = batches(world);
  waiting.delete(batch.folder);
  const done = put(world, batch).finally(() => writing.delete(done));
  writing.add(done);
}

async function put(world: World, { folder, startedAt, lines }: Batch): Promise<void> {
  const { bucket, key } = parseS3Uri(folder);
  const time = new Date(startedAt).toISOString().slice(14, 23).replace(/[:.]/g, '-');
  try {
    await writeObject(world, bucket, `${key}/${time}-${randomUUID()}.jsonl`, `${lines.join('\n')}\n`);
  } catch (error) {
    world.log.write(`captured data was not written to ${folder}: ${String(error)}\n`);
  }
}

const batches = (world: World): Batches =>
  perWorld(world, 'runtime.capture', () => {
    world.onClose(() => flushCaptures(world));
    return { waiting: new Map<string, Batch>(), writing: new Set<Promise<void>>(), timer: undefined };
  });
