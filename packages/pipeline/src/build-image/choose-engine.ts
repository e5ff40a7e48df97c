import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { readRecipe } from '@tidegate/image';
import type { Recipe } from '@tidegate/image';
import type { BuildImageSettings } from './settings.ts';
import { askProgram } from './run-program.ts';

/** How the image is made: our own layers, the layers of a Dockerfile that only copies, or a builder. */
export type Plan =
  | { kind: 'source' }
  | { kind: 'recipe'; recipe: Recipe; dockerfile: string }
  | { kind: 'builder'; program: 'docker' | 'buildah'; dockerfile: string; reason: string };

/** @throws UserError where the Dockerfile needs a builder and none is there, or is not allowed */
export async function chooseEngine({ engine, dockerfile, source }: BuildImageSettings): Promise<Plan> {
  if (dockerfile === undefined) {
    if (engine === 'auto' || engine === 'append') return { kind: 'source' };
    throw new UserError(`engine ${engine} builds a Dockerfile: name it in dockerfile, or use engine: append`);
  }
  const file = path.resolve(source, dockerfile);
  const recipe = readRecipe(readDockerfile(file));
  const needsBuilder = 'needsBuilder' in recipe ? recipe.needsBuilder : undefined;
  if (engine === 'docker' || engine === 'buildah') {
    return { kind: 'builder', program: engine, dockerfile: file, reason: `engine: ${engine}` };
  }
  if (!('needsBuilder' in recipe)) return { kind: 'recipe', recipe, dockerfile: file };
  if (engine === 'append') {
    throw new UserError(
      `${file} cannot be appended (${needsBuilder}): use engine: docker or buildah, or leave that out`,
    );
  }
  for (const program of ['docker', 'buildah'] as const) {
    // `docker version` fails where there is a client and no engine.
    if ((await askProgram(program, ['version'])) !== undefined) {
      return { kind: 'builder', program, dockerfile: file, reason: needsBuilder ?? '' };
    }
  }
  throw new UserError(
    `${file} needs a builder (${needsBuilder}), and neither docker nor buildah works on this machine`,
  );
}

function readDockerfile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`dockerfile ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
