import { listFilesAt, readFileAt, type Repository } from '../git/repository.ts';
import { readWorkflow } from '../workflow/read.ts';
import type { Events } from '../workflow/shape.ts';

/** A workflow file of a commit. One that GitHub cannot read has no events, and starts to say so. */
export type Listed = { path: string; name: string; events: Events; readable: boolean };

const FOLDER = '.github/workflows';

export async function workflowsAt(repository: Repository, sha: string): Promise<Listed[]> {
  const names = await listFilesAt(repository, sha, FOLDER);
  const files = names.filter((name) => /\.ya?ml$/.test(name)).map((name) => `${FOLDER}/${name}`);
  return Promise.all(
    files.map(async (path) => {
      const text = (await readFileAt(repository, sha, path))?.toString('utf8') ?? '';
      const { value } = readWorkflow(path, text);
      return {
        path,
        name: value?.workflow.name ?? path,
        events: value?.events ?? {},
        readable: value !== undefined,
      };
    }),
  );
}
