import { PROFILE_VERSION, type Profile } from '@tidegate/stats';
import { UserError } from '@tidegate/aws';
import type { DataManifest } from '../job-data.ts';
import type { Surroundings } from '../surroundings.ts';
import { processingEngine } from './engines/processing-job.ts';
import { profileObjects } from './engines/profile-objects.ts';

/*
 * An engine is where a profile comes from. Whichever it is, the same data give the same profile, and what is decided with it
 * is decided elsewhere: captures → engine → profile → report.
 */

export const engineNames = ['processing', 'runner'] as const;
export type EngineName = (typeof engineNames)[number];

export type Engine = {
  /** What makes the profile, as far as another one might come of the same data. */
  maker: string;
  profile(order: ProfileOrder, around: Surroundings): Promise<Profile>;
};

/** Exactly these objects. */
export type ProfileOrder = {
  /** Made of all that goes in, so that work under way is joined and work done is reused. */
  name: string;
  data: DataManifest;
  /** What the features of captured requests are called that carry no names. */
  names: readonly string[];
  /** The folder in S3 for what an engine leaves in parts. */
  partsUri: string;
};

export type EngineSettings = {
  engine: EngineName;
  /** How many machines share the data. */
  instanceCount: number;
  roleArn: string | undefined;
  instanceType: string;
  maxRuntime: number;
  artifactsUri: string;
  tags: Record<string, string>;
};

/** @param image the analyser's, where there is one @throws UserError where the engine lacks what it needs */
export function engineOf(settings: EngineSettings, image: string | undefined): Engine {
  const { roleArn } = settings;
  if (settings.engine === 'runner')
    return {
      maker: `profile ${PROFILE_VERSION}`,
      profile: ({ data, names }, around) => profileObjects(data.objects, names, around),
    };
  if (roleArn === undefined)
    throw new UserError('engine processing needs role-arn: the analysis runs as this role.');
  if (image === undefined)
    throw new UserError(
      'engine processing needs the analyser’s image, and setup-model-monitor ran with another engine: run it with engine processing.',
    );
  return processingEngine({ ...settings, roleArn, image });
}
