import { isPrediction } from '../read/capture-payload.ts';
import type { Source } from '../read/source.ts';
import { profileSources } from './profile-files.ts';
import type { ProfileFilesOptions } from './profile-files.ts';
import type { Profile } from './profile.ts';

/**
 * The profile of data that will be compared with a baseline: read by its types, captured lists of features named as it names them.
 * What a model answered is compared where the baseline has it, and is no extra column where it has not.
 * @throws UserError as profileSources
 */
export async function profileLike(
  baseline: Profile,
  sources: readonly Source[],
  options: ProfileFilesOptions = {},
): Promise<Profile> {
  const names = baseline.columns.map(({ name }) => name);
  const captureNames = (options.captureNames ?? names).filter((name) => !isPrediction(name));
  const current = await profileSources(sources, { ...options, captureNames, like: baseline });
  if (names.some(isPrediction)) return current;
  return { ...current, columns: current.columns.filter(({ name }) => !isPrediction(name)) };
}
