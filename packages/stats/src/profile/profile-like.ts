import { isPrediction } from '../read/capture-payload.ts';
import type { Source } from '../read/source.ts';
import { profileSources } from './profile-files.ts';
import type { ProfileFilesOptions } from './profile-files.ts';
import type { Profile } from './profile.ts';

/**
 * The profile of data that will be compared with a baseline: read by its types, captured lists of features named as it names them.
 * @throws UserError as profileSources
 */
export async function profileLike(
  baseline: Profile,
  sources: readonly Source[],
  options: ProfileFilesOptions = {},
): Promise<Profile> {
  const captureNames = options.captureNames?.filter((name) => !isPrediction(name)) ?? featureNames(baseline);
  return inOrderOf(baseline, await profileSources(sources, { ...options, captureNames, like: baseline }));
}

/** What a baseline's features are called, in its order: what captured requests mean that carry no names. */
export function featureNames(baseline: Profile): string[] {
  return baseline.columns.map(({ name }) => name).filter((name) => !isPrediction(name));
}

/**
 * The baseline's columns first, as it has them, then others by name: which part of the data was read first does not show.
 * What a model answered is compared where the baseline has it, and is no extra column where it has not.
 */
export function inOrderOf(baseline: Profile, { rows, columns }: Profile): Profile {
  const places = new Map(baseline.columns.map(({ name }, place) => [name, place]));
  const placeOf = (name: string): number => places.get(name) ?? places.size;
  const hasPredictions = baseline.columns.some(({ name }) => isPrediction(name));
  return {
    rows,
    columns: columns
      .filter(({ name }) => hasPredictions || !isPrediction(name))
      .sort((a, b) => placeOf(a.name) - placeOf(b.name) || (a.name < b.name ? -1 : 1)),
  };
}
