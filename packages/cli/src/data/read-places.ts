import { newProgress, progressOf, type Progress } from '@tidegate/stats';
import { showProgress } from '../terminal/progress.ts';
import { count } from '../terminal/style.ts';
import type { Place } from './places.ts';

/**
 * Reads, showing in a terminal how far it is: bytes of all, rows, and how fast. Ctrl-C ends the process as shells expect it, without a
 * half-drawn line.
 */
export async function readPlaces<T>(
  what: string,
  places: readonly Place[],
  read: (progress: Progress) => Promise<T>,
): Promise<T> {
  const counted = newProgress();
  const shown = showProgress(process.stderr);
  const began = performance.now();
  const all = places.reduce((sum, { bytes }) => sum + (bytes ?? Number.NaN), 0);
  const stop = (signal: NodeJS.Signals) => {
    shown.end();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  shown.now(() => readingLine(what, progressOf(counted), all, (performance.now() - began) / 1000));
  try {
    return await read(counted);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    shown.end();
  }
}

/** `reading june.parquet: 1.2 GB of 3.4 GB, 12,345,678 rows, 850 MB/s` */
export function readingLine(
  what: string,
  { bytes, rows }: { bytes: number; rows: number },
  all: number,
  seconds: number,
): string {
  const of = Number.isNaN(all) ? '' : ` of ${sizeText(all)}`;
  const speed = seconds > 0.5 ? `, ${sizeText(bytes / seconds)}/s` : '';
  return `reading ${what}: ${sizeText(bytes)}${of}, ${count(rows)} rows${speed}`;
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}
