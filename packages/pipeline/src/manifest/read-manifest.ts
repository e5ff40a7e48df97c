import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { check, type Problem } from './check.ts';
import { contradictions } from './contradictions.ts';
import { schema } from './schema.ts';
import type { ManifestLookup } from './lookup.ts';

/** A megabyte of settings is a mistake, and parsing it would be one too. */
const sizeLimit = 1024 * 1024;

/** Reads and checks a manifest. Throws one `UserError` that names every problem with its line and column. */
export async function readManifest(file: string): Promise<ManifestLookup> {
  const shown = path.basename(file);
  const { size } = await stat(file);
  if (size > sizeLimit)
    throw new UserError(`${shown} is ${(size / 1e6).toFixed(1)} MB; a manifest has at most 1 MiB`);
  const { problems, lookup } = parseManifest(await readFile(file, 'utf8'), shown);
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return lookup;
}

/** The manifest's problems, one line each, and a way to look its values up. */
export function parseManifest(text: string, file: string): { problems: string[]; lookup: ManifestLookup } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const lookup: ManifestLookup = (key) => {
    const found = document.getIn(key.split('.'), true);
    if (!isNode(found)) return undefined;
    return { value: found.toJS(document) as string, place: place(found.range?.[0] ?? 0) };
  };
  const broken = document.errors[0];
  // What follows the first error of syntax is mostly its echo.
  const problems: Problem[] =
    broken === undefined
      ? checked(document, lookup)
      : [{ key: '', offset: broken.pos[0], sentence: broken.message.split(/ at line \d|\n/)[0]! }];
  return {
    problems: problems
      .sort((a, b) => a.offset - b.offset)
      .map(({ key, offset, sentence }) => `${place(offset)}  ${key === '' ? '' : `${key}: `}${sentence}`),
    lookup,
  };
}

function checked(document: Document.Parsed, lookup: ManifestLookup): Problem[] {
  const problems = check(schema, document.contents);
  if (problems.length > 0) return problems;
  return contradictions(lookup).map(({ key, sentence }) => {
    const found = document.getIn(key.split('.'), true);
    return { key, sentence, offset: isNode(found) ? (found.range?.[0] ?? 0) : 0 };
  });
}
