import { objectRanges, objectStream, type Aws, type StoredObject } from '@tidegate/aws';
import { addProfile, newProfile, profileSource, type Profile, type Source } from '@tidegate/stats';
import type { Surroundings } from '../../surroundings.ts';

/** S3 answers the first byte after tens of milliseconds: one after the other, small objects would be waited for most of the time. */
const atOnce = 8;

/**
 * Profiles objects straight from S3, in memory that grows neither with their number nor with their size. They are merged in their
 * order, so that the same objects give the same profile to the last bit.
 * @param names what the features of captured requests are called that carry no names
 * @throws UserError with object, row and column
 */
export async function profileObjects(
  all: readonly StoredObject[],
  names: readonly string[],
  { aws, log, signal }: Surroundings,
): Promise<Profile> {
  const progress = startProgress(all.length, aws, log);
  const stop = new AbortController();
  const onBytes = (bytes: number) => {
    signal.throwIfAborted();
    stop.signal.throwIfAborted();
    progress.read(bytes);
  };
  const whole = newProfile();
  const underWay: Promise<Profile>[] = [];
  let next = 0;
  const begin = () => {
    const object = all[next++];
    if (object === undefined) return;
    const profile = profileSource(sourceOf(object, aws, onBytes), { captureNames: names });
    // It is awaited in its turn, and must not end the process before.
    profile.catch(() => {});
    underWay.push(profile);
  };
  for (let i = 0; i < atOnce; i += 1) begin();
  try {
    for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
      addProfile(whole, await first);
      progress.done();
      begin();
    }
  } finally {
    stop.abort();
  }
  progress.end();
  return whole;
}

/** Text is read as it comes; of Parquet only the needed pieces are asked for. */
function sourceOf(object: StoredObject, aws: Aws, onBytes: (bytes: number) => void): Source {
  const ranges = objectRanges(aws, object);
  return {
    ...ranges,
    open: () => counted(objectStream(aws, object), onBytes),
    async read(from, length) {
      const bytes = await ranges.read(from, length);
      onBytes(bytes.length);
      return bytes;
    },
  };
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void) {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

const toldEveryMs = 5000;

/** Says how far it is, every few seconds. */
function startProgress(files: number, { clock }: Aws, log: Surroundings['log']) {
  const started = clock.now();
  let told = started;
  let done = 0;
  let bytes = 0;
  const speed = () => `${(bytes / 1000 / Math.max(1, clock.now() - started)).toFixed(0)} MB/s`;
  return {
    read(more: number) {
      bytes += more;
      if (clock.now() - told < toldEveryMs) return;
      told = clock.now();
      log.info(`${count(done)} of ${count(files)} files, ${speed()}`);
    },
    done: () => void (done += 1),
    end() {
      const seconds = ((clock.now() - started) / 1000).toFixed(1);
      const what = files === 1 ? '1 file' : `${count(files)} files`;
      log.info(`Read ${what}, ${(bytes / 1e6).toFixed(1)} MB, in ${seconds} s.`);
    },
  };
}

const count = (value: number) => value.toLocaleString('en-US');
