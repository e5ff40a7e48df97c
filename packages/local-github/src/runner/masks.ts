/** What a job's log and outputs must not show. */
export type Masks = {
  add: (value: string) => void;
  hide: (text: string) => string;
  shows: (text: string) => boolean;
};

export function masks(values: Iterable<string>): Masks {
  const hidden = new Set<string>();
  let sorted: string[] = [];
  const add = (value: string) => {
    // As on GitHub every line of a secret is hidden by itself: a log is made of lines.
    for (const line of value.split(/\r?\n/)) if (line.trim() !== '') hidden.add(line);
    sorted = [...hidden].sort((a, b) => b.length - a.length);
  };
  for (const value of values) add(value);
  return {
    add,
    hide: (text) => sorted.reduce((left, value) => left.replaceAll(value, '***'), text),
    shows: (text) => sorted.some((value) => text.includes(value)),
  };
}
