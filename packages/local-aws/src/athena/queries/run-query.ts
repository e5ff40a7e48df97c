import { rmSync } from 'node:fs';
import type { ColumnInfo } from '@aws-sdk/client-athena';
import { perWorld } from '../../kernel/per-world.ts';
import type { World } from '../../kernel/world.ts';
import { writeObject } from '../../s3/objects.ts';
import { runDdl } from '../ddl/run-ddl.ts';
import { readStatement } from '../statements.ts';
import { QueryError } from '../sql/query-error.ts';
import { workGroup } from '../work-groups.ts';
import { whyFailed } from './explain.ts';
import { enter, outputOf, queries, requireQuery } from './records.ts';
import { queryFolder, type Running } from './in-engine.ts';
import { select, type Outcome } from './select.ts';
import { unload } from './unload.ts';

/** So many run at once; DuckDB takes two threads for each. */
const PLACES = 4;

type UnderWay = { controller: AbortController; done: Promise<void> };

/** Queries of this process: those that run, and those that wait for a place. */
type Place = {
  running: Map<string, UnderWay>;
  waiting: { id: string; again: boolean }[];
  isClosing: boolean;
};

const places = (world: World): Place =>
  perWorld(world, 'athena.places', () => {
    const place: Place = { running: new Map(), waiting: [], isClosing: false };
    world.onClose(async () => {
      place.isClosing = true;
      for (const { controller } of place.running.values())
        controller.abort(new Error('the server is closing'));
      await Promise.all([...place.running.values()].map(({ done }) => done));
    });
    return place;
  });

/**
 * Sets a query going, or puts it into the queue.
 * @param again it was running when the server was killed
 */
export function begin(world: World, id: string, again = false): void {
  places(world).waiting.push({ id, again });
  fill(world);
}

function fill(world: World): void {
  const place = places(world);
  while (!place.isClosing && place.running.size < PLACES && place.waiting.length > 0) {
    const { id, again } = place.waiting.shift()!;
    const controller = new AbortController();
    const done = run(world, id, again, controller.signal).finally(() => {
      place.running.delete(id);
      fill(world);
    });
    place.running.set(id, { controller, done });
  }
}

/** Nothing happens to a query that is over. */
export function stop(world: World, id: string): void {
  const place = places(world);
  place.waiting = place.waiting.filter((each) => each.id !== id);
  enter(world, id, 'CANCELLED', { reason: 'Query cancelled by user' });
  place.running.get(id)?.controller.abort(new Error('stopped'));
}

/** Queries that a killed server left behind run again: a SELECT changes nothing, and DDL takes what is done for done. */
export function resumeQueries(world: World): void {
  rmSync(queryFolder(world, ''), { recursive: true, force: true });
  for (const { id, state } of queries(world).values()) {
    if (state !== 'QUEUED' && state !== 'RUNNING') continue;
    begin(world, id, state === 'RUNNING');
  }
}

async function run(world: World, id: string, again: boolean, signal: AbortSignal): Promise<void> {
  try {
    if (!again) enter(world, id, 'RUNNING');
    const { columns, updateCount } = await outcome(world, id, again, signal);
    enter(world, id, 'SUCCEEDED', { columns, ...(updateCount === undefined ? {} : { updateCount }) });
  } catch (error) {
    // A stopped one is CANCELLED already; one that the closing server ended runs again at its next start.
    if (signal.aborted) return;
    const why = whyFailed(error, []);
    if (why === undefined)
      world.log.write(`athena ${id}: ${error instanceof Error ? error.stack : String(error)}\n`);
    const failed = why ?? new QueryError('GENERIC_INTERNAL_ERROR: see the log of the local AWS', 1);
    enter(world, id, 'FAILED', { reason: failed.message, category: failed.category });
  }
}

async function outcome(world: World, id: string, again: boolean, signal: AbortSignal): Promise<Outcome> {
  const record = requireQuery(world, id);
  const statement = readStatement(record.query, record.parameters);
  const limit = workGroup(world, record.workGroup)?.configuration.BytesScannedCutoffPerQuery ?? Infinity;
  const running: Running = {
    world,
    record,
    signal,
    onScan(scannedBytes) {
      if (scannedBytes > limit)
        throw new QueryError(`Bytes scanned limit was exceeded (${scannedBytes} > ${limit})`);
      if (!signal.aborted) queries(world).put(id, { ...requireQuery(world, id), scannedBytes });
    },
  };
  const made =
    statement.kind === 'select'
      ? await select(running, statement.nodes)
      : statement.kind === 'unload'
        ? await unload(running, statement.nodes, statement.to, statement.properties)
        : await told(running, runDdl(world, statement, record.database, again));
  const { bucket, key } = outputOf(record);
  await writeObject(world, bucket, `${key}.metadata`, `${JSON.stringify({ columns: made.columns })}\n`);
  return made;
}

/** What is no SELECT answers with lines of text, columns apart by tabs. */
async function told({ world, record }: Running, answer: ReturnType<typeof runDdl>): Promise<Outcome> {
  const { bucket, key } = outputOf(record);
  await writeObject(world, bucket, key, answer.rows.map((row) => `${row.join('\t')}\n`).join(''));
  const columns = answer.columns.map((Name): ColumnInfo => ({
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name,
    Label: Name,
    Type: 'string',
    Precision: 0,
    Scale: 0,
    Nullable: 'UNKNOWN',
    CaseSensitive: false,
  }));
  return { columns };
}
