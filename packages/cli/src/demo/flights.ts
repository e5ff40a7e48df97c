import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** The flights of 2001, cut once per machine into what a data team delivers and what clients send. */
export type Flights = {
  readonly requestsOfApril: string;
  readonly requestsOfMay: string;
  /** The three months that are known at the end of a month, to train on, and the latest flights, to judge with. */
  deliver(month: 'april' | 'may', bucket: string, aws: { endpoint: string; region: string }): Promise<void>;
};

const deliveries = {
  april: { train: ['2001-01', '2001-02', '2001-03'], holdout: ['2001-04'] },
  may: { train: ['2001-03', '2001-04', '2001-05-early'], holdout: ['2001-05-late'] },
};
const parts = [...new Set(Object.values(deliveries).flatMap(({ train, holdout }) => [...train, ...holdout]))];

/** `python` has the packages of the example's training; cutting takes a few seconds, and is done once. */
export async function cutFlights(example: string, python: string): Promise<Flights> {
  const source = fileURLToPath(
    new URL('../../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url),
  );
  const script = path.join(import.meta.dirname, 'flights.py');
  const model = path.join(example, 'model');
  const key = createHash('sha256')
    .update(await readFile(script))
    .update(await readFile(path.join(model, 'features.py')))
    .digest('hex')
    .slice(0, 16);
  const cache = path.join(
    process.env['TIDEGATE_CACHE'] ?? path.join(homedir(), '.cache', 'tidegate'),
    'demo',
  );
  const folder = path.join(cache, `flights-${key}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    // Made beside and renamed, so that a demo killed half-way leaves nothing that looks whole.
    const unfinished = await mkdtemp(path.join(cache, 'cutting-'));
    await promisify(execFile)(python, ['-B', script, source, unfinished, model]);
    await rename(unfinished, folder).catch(async () => await rm(unfinished, { recursive: true }));
  }
  return {
    requestsOfApril: path.join(folder, 'requests-april.jsonl'),
    requestsOfMay: path.join(folder, 'requests-may.jsonl'),
    async deliver(month, bucket, aws) {
      const s3 = new S3Client({
        ...aws,
        forcePathStyle: true,
        credentials: { accessKeyId: 'AKIALOCALAWS00000000', secretAccessKey: 'local' },
      });
      for (const [prefix, wanted] of Object.entries(deliveries[month])) {
        for (const part of parts) {
          const Key = `${prefix}/${part}.parquet`;
          if (wanted.includes(part)) {
            const Body = createReadStream(path.join(folder, `${part}.parquet`));
            await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
          } else {
            await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
          }
        }
      }
    },
  };
}
