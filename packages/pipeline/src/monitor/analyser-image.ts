import { readFileSync } from 'node:fs';
import { UserError } from '@tidegate/aws';
import type { Surroundings } from '../surroundings.ts';
import { programImage } from './program-image.ts';

const place = '/opt/tidegate/analyser.mjs';
export const analyserEntrypoint = ['node', place];

export type AnalyserSettings = {
  /** The analyser as one file, on this machine. */
  program: string;
  /** An image with Node.js 20 or newer. */
  base: string;
  /** An ECR repository's name in our account and region; made where it does not exist. */
  repository: string;
};

/** The image that profiles data and compares captured traffic with it. @throws UserError where the program is not there */
export async function analyserImage(
  { program, base, repository }: AnalyserSettings,
  around: Surroundings,
): Promise<string> {
  return await programImage({ repository, base, at: place, program: read(program) }, around);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UserError(`The analyser ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
