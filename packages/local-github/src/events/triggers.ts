import type { EventFilter, Events } from '../workflow/shape.ts';
import { matchesPatterns } from './patterns.ts';

/** What of an event the filters of `on:` look at. */
export type Happened = {
  event: string;
  /** A push's ref, or the base branch of a pull request as `refs/heads/…`. */
  ref: string;
  /** The activity type: a pull request's `opened`, a dispatch's own type. */
  type?: string;
  /** Paths that changed, asked only where a workflow filters by them. */
  changed?: () => Promise<string[]>;
};

/** The types that start a workflow where it names none. */
const DEFAULT_TYPES: Record<string, string[]> = { pull_request: ['opened', 'synchronize', 'reopened'] };

/** Whether an event starts a workflow with these triggers. */
export async function starts(events: Events, happened: Happened): Promise<boolean> {
  const filter = events[happened.event];
  if (!filter) return false;
  const types = filter.types ?? DEFAULT_TYPES[happened.event];
  if (types && happened.type !== undefined && !types.includes(happened.type)) return false;
  return refFits(filter, happened) && (await pathsFit(filter, happened));
}

function refFits(filter: EventFilter, { ref }: Happened): boolean {
  const byBranch = filter.branches ?? filter['branches-ignore'];
  const byTag = filter.tags ?? filter['tags-ignore'];
  if (ref.startsWith('refs/tags/')) {
    if (!byTag) return !byBranch;
    return fits(ref.slice('refs/tags/'.length), filter.tags, filter['tags-ignore']);
  }
  if (!byBranch) return !byTag;
  return fits(ref.replace('refs/heads/', ''), filter.branches, filter['branches-ignore']);
}

const fits = (name: string, wanted: string[] | undefined, ignored: string[] | undefined): boolean =>
  wanted ? matchesPatterns(name, wanted) : !matchesPatterns(name, ignored ?? []);

async function pathsFit(filter: EventFilter, { ref, changed }: Happened): Promise<boolean> {
  const { paths, 'paths-ignore': ignored } = filter;
  if ((!paths && !ignored) || !changed || ref.startsWith('refs/tags/')) return true;
  const files = await changed();
  return files.some((file) => (paths ? matchesPatterns(file, paths) : !matchesPatterns(file, ignored ?? [])));
}
