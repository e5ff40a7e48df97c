import { appendFileSync, statSync } from 'node:fs';

/** GitHub drops a whole summary that is larger. */
export const summaryLimitBytes = 1024 * 1024;

/** Appends to the job's summary page; what does not fit is replaced by a sentence that says so. */
export function appendSummary(file: string | undefined, markdown: string): void {
  if (!file) return;
  const left = summaryLimitBytes - (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  const note = '\n\n_The rest did not fit into GitHub’s limit of 1 MiB; it is in the report file._\n';
  const text = `${markdown}\n`;
  if (Buffer.byteLength(text) <= left) appendFileSync(file, text);
  else if (left > Buffer.byteLength(note)) {
    appendFileSync(
      file,
      Buffer.from(text)
        .subarray(0, left - Buffer.byteLength(note))
        .toString()
        .replace(/�+$/, '') + note,
    );
  }
}
