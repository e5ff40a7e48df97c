import { UserError } from '../user-error.ts';

/** @throws UserError naming the file for what is not JSON */
export function parseJson(text: string, file: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`is not JSON (${(cause as Error).message})`, { file }, { cause });
  }
}
