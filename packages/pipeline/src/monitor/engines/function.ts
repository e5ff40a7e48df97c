import {
  functionExists,
  invokeFunction,
  joinS3Uri,
  objects,
  parseS3Uri,
  UserError,
  type StoredObject,
} from '@tidegate/aws';
import { mergeProfiles, PROFILE_VERSION, readProfile, type Profile } from '@tidegate/stats';
import type { Surroundings } from '../../surroundings.ts';
import type { Engine, EngineSettings } from '../engine.ts';

/** What the function is asked: to leave the profile of these objects at a place. */
export type FunctionEvent = { objects: StoredObject[]; names: readonly string[]; profileUri: string };
export type FunctionResult = { version: number; rows: number };

type FunctionSettings = Pick<EngineSettings, 'analyserFunction' | 'instanceCount'> & {
  /** Where its code lies, once setup-model-monitor has put it there. */
  codeUri: string | undefined;
};

/** An event holds six megabytes: this many objects with long names and room to spare. */
const mostObjects = 10_000;

/** The analyser as a Lambda function, of which several invocations may share the objects: each leaves one profile, and they are merged here. */
export function functionEngine(settings: FunctionSettings): Engine {
  return {
    maker: `profile ${PROFILE_VERSION}`,
    async profile({ data, names, partsUri }, around) {
      const shares = divided(data.objects, settings.instanceCount);
      const parts = shares.map((share, i) => {
        const profileUri = joinS3Uri(partsUri, `${i + 1}-of-${shares.length}.profile.gz`);
        return profileShare({ objects: share, names, profileUri }, settings, around);
      });
      return mergeProfiles(...(await Promise.all(parts)));
    },
  };
}

/** @throws UserError with the command that makes the function, where there is none */
export async function requireFunction(settings: FunctionSettings, { aws }: Surroundings): Promise<void> {
  if (!(await functionExists(aws, settings.analyserFunction))) throw new UserError(missing(settings));
}

/** One object after another to each, so that the shares are alike. */
function divided(all: readonly StoredObject[], machines: number): StoredObject[][] {
  const many = Math.min(all.length, Math.max(machines, Math.ceil(all.length / mostObjects)));
  const shares = Array.from({ length: many }, (): StoredObject[] => []);
  all.forEach((object, i) => shares[i % many]?.push(object));
  return shares;
}

/** What an earlier run has had made is there still: the place is named by all that goes in. */
async function profileShare(
  event: FunctionEvent,
  settings: FunctionSettings,
  around: Surroundings,
): Promise<Profile> {
  const { aws } = around;
  const { profileUri } = event;
  if ((await objects(aws).find(profileUri)) === undefined) await ask(event, settings, around);
  return readProfile(await objects(aws).read(profileUri), profileUri);
}

async function ask(event: FunctionEvent, settings: FunctionSettings, { aws, log, signal }: Surroundings) {
  const { analyserFunction: name } = settings;
  const { length } = event.objects;
  log.info(`${name}: ${length === 1 ? '1 file' : `${length} files`}`);
  const answer = await invokeFunction(aws, name, event, signal);
  if (answer.state === 'missing') throw new UserError(missing(settings));
  if (answer.state === 'failed') {
    log.untrusted(answer.log);
    throw new UserError(`The function ${name} ${why(answer)}`);
  }
  // Whatever bears this name may answer anything.
  const { version = 'unknown' } = (answer.value ?? {}) as Partial<FunctionResult>;
  if (version !== PROFILE_VERSION)
    throw new UserError(
      `The function ${name} makes profiles of version ${version}, and ${PROFILE_VERSION} is needed: give it the code of this release.${update(settings)}`,
    );
}

function why({ type, message }: { type: string; message: string }): string {
  const seconds = /Task timed out after ([\d.]+) seconds/.exec(message)?.[1];
  const instead = 'have more invocations share the files (instance-count), or use engine processing';
  if (seconds !== undefined)
    return `had not finished after ${Number(seconds)} s: give it more time (900 s at most), ${instead}.`;
  if (type === 'Runtime.OutOfMemory' || /signal: killed/.test(message))
    return `ran out of memory: give it more (10,240 MB at most), ${instead}.`;
  // A fault in the data names object and row; anything else is told with its kind.
  return `failed: ${type === 'UserError' ? message : `${type}: ${message}`}`;
}

function missing({ analyserFunction, codeUri }: FunctionSettings): string {
  const begin = `The function ${analyserFunction} does not exist`;
  if (codeUri === undefined)
    return `${begin}: setup-model-monitor with engine lambda puts its code into S3 and says how to make it.`;
  const { bucket, key } = parseS3Uri(codeUri);
  return (
    `${begin}. Make it once, with the role of docs/iam.md:\n` +
    `aws lambda create-function --function-name ${analyserFunction} --runtime nodejs24.x --handler index.handler ` +
    `--timeout 900 --memory-size 2048 --role ROLE_ARN --code S3Bucket=${bucket},S3Key=${key}`
  );
}

function update({ analyserFunction, codeUri }: FunctionSettings): string {
  if (codeUri === undefined) return ' setup-model-monitor puts it into S3 and says how.';
  const { bucket, key } = parseS3Uri(codeUri);
  return `\naws lambda update-function-code --function-name ${analyserFunction} --s3-bucket ${bucket} --s3-key ${key}`;
}
