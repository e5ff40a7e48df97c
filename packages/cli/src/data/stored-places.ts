import { connect, objectRanges, objects, objectStream, type Aws, type StoredObject } from '@tidegate/aws';
import { dataAmong } from '@tidegate/stats';
import type { Place } from './places.ts';

/**
 * Objects in S3: one, all below a prefix, or those that fit a pattern. Of Parquet only the ranges asked for are fetched. The region and
 * credentials are the SDK's own, so AWS_ENDPOINT_URL leads to a local AWS.
 * @throws UserError when the bucket is not there
 */
export async function storedPlaces(uri: string): Promise<Place[]> {
  const aws = connect();
  const found = (await objects(aws).expand(uri)).filter(({ uri: each }) => !/\/[._][^/]*$/.test(each));
  const data = new Set(dataAmong(found.map(({ uri: each }) => each)));
  return found
    .filter(({ uri: each }) => data.size === 0 || data.has(each))
    .map((object) => placeOf(object, aws));
}

function placeOf(object: StoredObject, aws: Aws): Place {
  const open = () => objectStream(aws, object);
  return { source: { ...objectRanges(aws, object), open }, name: object.uri, bytes: object.sizeBytes };
}
