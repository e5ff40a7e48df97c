import type { Readable } from 'node:stream';
import { connect, objects, type StoredObject } from '@tidegate/aws';
import { dataAmong } from '@tidegate/stats';
import type { Place } from './places.ts';

/**
 * Objects in S3: one, all below a prefix, or those that fit a pattern. Of Parquet only the ranges asked for are fetched. The region and
 * credentials are the SDK's own, so AWS_ENDPOINT_URL leads to a local AWS.
 * @throws UserError when the bucket is not there
 */
export async function storedPlaces(uri: string): Promise<Place[]> {
  const stored = objects(connect());
  const found = (await stored.expand(uri)).filter(({ uri: each }) => !/\/[._][^/]*$/.test(each));
  const data = new Set(dataAmong(found.map(({ uri: each }) => each)));
  return found
    .filter(({ uri: each }) => data.size === 0 || data.has(each))
    .map((object) => placeOf(object, stored));
}

function placeOf(object: StoredObject, stored: ReturnType<typeof objects>): Place {
  const { uri: name, sizeBytes: size } = object;
  const read = async (from: number, length: number): Promise<Uint8Array> =>
    length === 0 ? new Uint8Array(0) : await stored.readRange(object, from, length);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield* (await stored.open(name)) as Readable & AsyncIterable<Uint8Array>;
  }
  return { source: { size, read, open, name }, name, bytes: size };
}
