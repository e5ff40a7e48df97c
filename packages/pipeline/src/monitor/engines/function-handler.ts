import { connect, objects } from '@tidegate/aws';
import { PROFILE_VERSION, writeProfile } from '@tidegate/stats';
import type { Log } from '../../surroundings.ts';
import type { FunctionEvent, FunctionResult } from './function.ts';
import { profileObjects } from './profile-objects.ts';

/* The analyser's Lambda function: `index.mjs` of its code, beside the statistics, with the SDK that the runtime has. */

const log: Log = {
  info: console.log,
  notice: console.log,
  warning: console.warn,
  group: async (_title, body) => await body(),
  untrusted: (lines) => lines.forEach((line) => console.log(line)),
};

/** Leaves the profile in S3, because an answer holds only six megabytes. */
export async function handler({ objects: all, names, profileUri }: FunctionEvent): Promise<FunctionResult> {
  const aws = connect();
  const profile = await profileObjects(all, names, { aws, log, signal: new AbortController().signal });
  await objects(aws).upload(profileUri, { bytes: writeProfile(profile) }, 'application/gzip');
  return { version: PROFILE_VERSION, rows: profile.rows };
}
