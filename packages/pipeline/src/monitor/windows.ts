import { joinS3Uri, objects, type Aws } from '@tidegate/aws';

/** What one window of traffic said about a version: kept, so that a verdict may need several. */
export type WindowVerdict = {
  /** The analysis it comes from: the same one is not counted twice. */
  check: string;
  from: number;
  to: number;
  verdict: 'none' | 'warn' | 'fail' | 'inconclusive';
};

export type Quorum = { needed: number; of: number };

export async function rememberWindow(folder: string, window: WindowVerdict, aws: Aws): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(window)}\n`);
  await objects(aws).upload(joinS3Uri(folder, `${nameOf(window)}.json`), { bytes }, 'application/json');
}

/** Named by its end, so that a listing is in the order of time. */
const nameOf = ({ to, check }: WindowVerdict) =>
  `${new Date(to).toISOString().replaceAll(':', '-')}-${check}`;

/** The last windows before this one that decided anything, newest first. */
export async function earlierWindows(
  folder: string,
  current: WindowVerdict,
  most: number,
  aws: Aws,
): Promise<WindowVerdict[]> {
  const uris: string[] = [];
  for await (const { uri } of objects(aws).list(`${folder}/`)) uris.push(uri);
  const found: WindowVerdict[] = [];
  for (const uri of uris.toReversed()) {
    if (found.length >= most) break;
    const window = JSON.parse((await objects(aws).read(uri)).toString('utf8')) as WindowVerdict;
    if (window.check === current.check || window.to > current.to || window.verdict === 'inconclusive')
      continue;
    found.push(window);
  }
  return found;
}

/** `k of n`: whether enough of the last n windows, this one among them, have drifted. Pure. */
export function hasQuorum(
  current: WindowVerdict,
  earlier: readonly WindowVerdict[],
  { needed, of }: Quorum,
): { drifted: number; looked: number; reached: boolean } {
  const looked = [current, ...earlier.slice(0, of - 1)];
  const drifted = looked.filter(({ verdict }) => verdict === 'fail').length;
  return { drifted, looked: looked.length, reached: current.verdict === 'fail' && drifted >= needed };
}
