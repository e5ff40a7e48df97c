import type { Surroundings } from '../surroundings.ts';
import { programImage } from './program-image.ts';
import { readProgram } from './program.ts';

const place = '/opt/tidegate/analyser.mjs';
export const analyserEntrypoint = ['node', place];

export type AnalyserSettings = {
  /** The analyser as one file, on this machine. */
  program: string;
  /** Its Lambda handler, which loads that file. */
  functionProgram: string;
  /** An image with Node.js 24 or newer. */
  base: string;
  /** An ECR repository's name in our account and region; made where it does not exist. */
  repository: string;
};

/** The image that profiles data. @throws UserError where the program is not there */
export async function analyserImage(
  { program, base, repository }: Pick<AnalyserSettings, 'program' | 'base' | 'repository'>,
  around: Surroundings,
): Promise<string> {
  return await programImage({ repository, base, at: place, program: readProgram(program) }, around);
}
