import { PROFILE_VERSION, type Profile } from '@tidegate/stats';
import { UserError } from '@tidegate/aws';
import type { DataManifest } from '../job-data.ts';
import type { Surroundings } from '../surroundings.ts';
import { functionEngine } from './engines/function.ts';
import { processingEngine } from './engines/processing-job.ts';
import { profileObjects } from './engines/profile-objects.ts';

/*
 * An engine is where a profile comes from. Whichever it is, the same data give the same profile, and what is decided with it
 * is decided elsewhere: captures → engine → profile → report.
 */

export type EngineName = 'processing' | 'runner' | 'lambda';

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
  /** How many machines share the data: instances of a job, or invocations of a function. */
  instanceCount: number;
  /** The function's name or ARN. */
  analyserFunction: string;
  roleArn: string | undefined;
  instanceType: string;
  maxRuntime: number;
  artifactsUri: string;
  tags: Record<string, string>;
};

/** What setup-model-monitor has made of the analyser, where it is known. */
export type MadeAnalyser = { image?: string | undefined; codeUri?: string | undefined };

/** @throws UserError where the engine lacks what it needs */
export function engineOf(settings: EngineSettings, { image, codeUri }: MadeAnalyser): Engine {
  const { engine, roleArn } = settings;
  if (engine === 'runner') return runnerEngine;
  if (engine === 'lambda') return functionEngine({ ...settings, codeUri });
  if (roleArn === undefined)
    throw new UserError('engine processing needs role-arn: the analysis runs as this role.');
  if (image === undefined)
    throw new UserError(
      'engine processing needs the analyser’s image, and setup-model-monitor ran with another engine: run it with engine processing.',
    );
  return processingEngine({ ...settings, roleArn, image });
}

const runnerEngine: Engine = {
  maker: `profile ${PROFILE_VERSION}`,
  profile: async ({ data, names }, around) => await profileObjects(data.objects, names, around),
};
