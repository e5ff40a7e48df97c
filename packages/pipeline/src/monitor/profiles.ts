import { joinS3Uri, objects, type Aws } from '@tidegate/aws';
import { readProfile, writeProfile, type Profile, type Results } from '@tidegate/stats';
import type { DataManifest } from '../job-data.ts';
import { contentName } from '../naming.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Engine, ProfileOrder } from './engine.ts';
import { monitorPlaces } from './places.ts';

export type ProfileWish = {
  /** `<model>-baseline`, `<model>-drift`: what names of jobs begin with. */
  prefix: string;
  data: DataManifest;
  /** What the features of captured requests are called that carry no names. */
  names: readonly string[];
};

/** An order, and where its profile is kept. Both follow from the content alone. */
export type KeptProfile = { order: ProfileOrder; uri: string };

export function keptProfile(
  { prefix, data, names }: ProfileWish,
  { maker }: Engine,
  artifactsUri: string,
): KeptProfile {
  const name = contentName(prefix, { data: data.digest, names, maker });
  const places = monitorPlaces(artifactsUri);
  return { order: { name, data, names, partsUri: places.parts(name) }, uri: places.profile(name) };
}

/** The profile that is kept, or from the engine, which makes it once. */
export async function takeProfile(
  { order, uri }: KeptProfile,
  engine: Engine,
  around: Surroundings,
): Promise<{ profile: Profile; reused: boolean }> {
  const { aws, log } = around;
  if ((await objects(aws).find(uri)) !== undefined) {
    log.info(`Reused ${uri}: nothing that goes into it has changed.`);
    return { profile: await loadProfile(uri, aws), reused: true };
  }
  const profile = await engine.profile(order, around);
  await objects(aws).upload(uri, { bytes: writeProfile(profile) }, 'application/gzip');
  return { profile, reused: false };
}

export async function loadProfile(uri: string, aws: Aws): Promise<Profile> {
  return readProfile(await objects(aws).read(uri), uri);
}

/** Writes down what was found, file by file in the order given: where the last one is, all are. */
export async function storeResults(folder: string, results: Results, aws: Aws): Promise<void> {
  for (const [name, text] of Object.entries(results))
    await objects(aws).upload(joinS3Uri(folder, name), { bytes: Buffer.from(text) }, 'application/json');
}
