import type { Node } from './node.ts';
import { schema } from './schema.ts';

/** Every setting of the manifest as a Markdown table, in the order of the schema. */
export function manifestReference(): string {
  return [
    '| Setting | What it is | What it takes | Otherwise |',
    '|---|---|---|---|',
    ...rows(schema, '', false),
  ].join('\n');
}

function rows(node: Node, key: string, required: boolean): string[] {
  switch (node.kind) {
    case 'scalar':
      return [
        row(key, node.description, node.expects, required ? '**required**' : String(node.default ?? '')),
      ];
    case 'sequence':
      return [row(key, node.description, `a list, each ${node.of.expects}`, required ? '**required**' : '')];
    case 'dictionary':
      return node.of.kind === 'group'
        ? rows(node.of, `${key}.<name>`, false)
        : [
            row(
              key,
              node.description,
              `a map, each ${node.of.kind === 'scalar' ? node.of.expects : 'a list'}`,
              required ? '**required**' : '',
            ),
          ];
    case 'group':
      return [
        ...Object.entries(node.keys).flatMap(([name, of]) =>
          rows(of, key === '' ? name : `${key}.${name}`, node.required.includes(name)),
        ),
        ...(node.others === undefined ? [] : rows(node.others, `${key}.<metric>`, false)),
      ];
  }
}

function row(...cells: string[]): string {
  const [key = '', ...others] = cells.map((cell) => cell.replaceAll('|', '\\|'));
  return `| \`${key}\` | ${others.join(' | ')} |`;
}
