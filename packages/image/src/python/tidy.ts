import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Takes out of a folder of installed packages what depends on the machine that installed them: command-line scripts
 * (their first line names an interpreter of that machine) and pip's notes of who installed what and why.
 * Returns what is installed, in order of the names.
 */
export async function tidyPackages(folder: string): Promise<{ name: string; version: string }[]> {
  await rm(path.join(folder, 'bin'), { recursive: true, force: true });
  await rm(path.join(folder, '.lock'), { force: true });
  const names = await readdir(folder);
  const packages = await Promise.all(
    names.filter((name) => name.endsWith('.dist-info')).map((name) => tidyPackage(path.join(folder, name))),
  );
  return packages.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

const notes = ['INSTALLER', 'REQUESTED', 'direct_url.json'];

async function tidyPackage(info: string): Promise<{ name: string; version: string }> {
  for (const note of notes) await rm(path.join(info, note), { force: true });
  const record = path.join(info, 'RECORD');
  const folder = path.basename(info);
  const lines = (await readFile(record, 'utf8')).split('\n');
  const kept = lines.filter((line) => {
    const file = line.split(',')[0] ?? '';
    return !/^(\.\.\/)*bin\//.test(file) && !notes.some((note) => file === `${folder}/${note}`);
  });
  await writeFile(record, kept.join('\n'));
  const metadata = await readFile(path.join(info, 'METADATA'), 'utf8');
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(metadata)?.[1]?.trim() ?? '';
  return { name: field('Name'), version: field('Version') };
}
