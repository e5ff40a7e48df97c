import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { connect, joinS3Uri, objects } from '@tidegate/aws';
import { UserError } from '../terminal/errors.ts';

/**
 * Uploads files or folders of this machine: `s3://bucket/prefix` → path. What a data team would have delivered.
 * @throws UserError for a path that does not exist, before anything is uploaded
 */
export async function putData(
  wanted: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const missing = Object.values(wanted).filter((place) => !existsSync(place));
  if (missing.length > 0) throw new UserError(`--data: ${missing.join(', ')} does not exist`);
  // The SDK takes the endpoint and the keys from its own environment.
  Object.assign(process.env, environment);
  const bucket = objects(connect());
  let count = 0;
  for (const [uri, place] of Object.entries(wanted)) {
    for (const file of filesBelow(place)) {
      const target =
        file === place ? uri : joinS3Uri(uri, path.relative(place, file).split(path.sep).join('/'));
      await bucket.upload(target, { file });
      count++;
    }
  }
  return count;
}

function filesBelow(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
