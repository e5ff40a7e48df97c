import { joinS3Uri, objects, type Aws, type StoredObject } from '@tidegate/aws';
import { dataOf, type DataManifest } from '../job-data.ts';

export type Window = { from: number; to: number };

const hourMs = 3_600_000;
/** Longer windows are a matter of days, and are listed by days. */
const mostHours = 72;

/**
 * The captures of a variant between two instants: `<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/<mm-ss-…>.jsonl`, in UTC. A file
 * is taken when the time in its name lies in the window; one without a time is taken with its hour.
 */
export async function capturedData(
  aws: Aws,
  { destination, endpoint, variant }: { destination: string; endpoint: string; variant: string },
  window: Window,
): Promise<DataManifest | undefined> {
  const root = joinS3Uri(destination, endpoint, variant);
  const found: StoredObject[] = [];
  for (const prefix of prefixes(window)) {
    for await (const object of objects(aws).list(`${root}/${prefix}/`))
      if (object.uri.endsWith('.jsonl') && lies(object.uri.slice(root.length + 1), window))
        found.push(object);
  }
  return found.length === 0 ? undefined : dataOf(root, found);
}

/** `2026/11/23/05` for each hour, or `2026/11/23` for each day of a long window. */
function prefixes({ from, to }: Window): string[] {
  const hours = Math.floor(to / hourMs) - Math.floor(from / hourMs) + 1;
  const [step, length] = hours <= mostHours ? [hourMs, 13] : [24 * hourMs, 10];
  const all: string[] = [];
  for (let at = Math.floor(from / step) * step; at <= to; at += step)
    all.push(new Date(at).toISOString().slice(0, length).replace(/[-T]/g, '/'));
  return all;
}

function lies(path: string, { from, to }: Window): boolean {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/(?:(\d\d)-(\d\d)-)?/.exec(path) ?? [];
  if (year === undefined) return false;
  const start = Date.parse(`${year}-${month}-${day}T${hour}:${minute ?? '00'}:${second ?? '00'}Z`);
  const end = start + (minute === undefined ? hourMs - 1 : 999);
  return end >= from && start <= to;
}
