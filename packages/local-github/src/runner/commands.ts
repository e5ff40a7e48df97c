/** A `::name key=value::message` that a program printed for the runner. */
export type Command = { name: string; properties: Record<string, string>; value: string };

const COMMANDS = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'warning',
  'stop-commands',
]);

const ESCAPES: Record<string, string> = {
  '%25': '%',
  '%0D': '\r',
  '%0A': '\n',
  '%3A': ':',
  '%2C': ',',
  '%3B': ';',
  '%5D': ']',
};

const unescapeValue = (text: string) => text.replace(/%(?:25|0D|0A)/g, (code) => ESCAPES[code] ?? code);
const unescapeProperty = (text: string) =>
  text.replace(/%(?:25|0D|0A|3A|2C|3B|5D)/g, (code) => ESCAPES[code] ?? code);

/**
 * Reads a line as the runner does: `::name …::value` after leading white space, and the older `##[name …]value`
 * anywhere in the line. Undefined where it is no command that the runner knows.
 */
export function readCommand(line: string): Command | undefined {
  const now = /^\s*::(?<head>.*?)::(?<value>.*)$/s.exec(line)?.groups;
  const before = now ? undefined : /##\[(?<head>[^\]]*)\](?<value>.*)$/s.exec(line)?.groups;
  const parts = now ?? before;
  if (!parts) return undefined;
  const head = parts['head'] ?? '';
  const space = head.indexOf(' ');
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  if (!COMMANDS.has(name)) return undefined;
  const properties: Record<string, string> = {};
  for (const pair of (space < 0 ? '' : head.slice(space + 1)).split(now ? ',' : ';')) {
    const equals = pair.indexOf('=');
    if (equals > 0) properties[pair.slice(0, equals).trim()] = unescapeProperty(pair.slice(equals + 1));
  }
  return { name, properties, value: unescapeValue(parts['value'] ?? '') };
}

/** A token may stop the commands only if nothing else could mean the same line. */
export const isStopToken = (token: string): boolean =>
  token !== '' && !COMMANDS.has(token.toLowerCase()) && token.toLowerCase() !== 'pause-logging';
