import type { Node } from './node.ts';
import { schema } from './schema.ts';

/** The manifest's JSON Schema (draft 2020-12), with which editors complete and check `tidegate.yml`. */
export function manifestJsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Tidegate manifest',
    ...toJsonSchema(schema),
  };
}

function toJsonSchema(node: Node): object {
  const { description } = node;
  switch (node.kind) {
    case 'scalar':
      return {
        description,
        ...(node.type === 'any' ? { type: ['string', 'number', 'boolean'] } : { type: node.type }),
        ...(node.pattern === undefined ? {} : { pattern: node.pattern.source }),
        ...(node.choices === undefined ? {} : { enum: node.choices }),
        ...(node.range === undefined
          ? {}
          : Object.fromEntries(
              [
                ['minimum', node.range[0]],
                ['maximum', node.range[1]],
              ].filter(([, bound]) => Number.isFinite(bound)),
            )),
        ...(node.default === undefined ? {} : { default: node.default }),
      };
    case 'sequence': {
      const item = toJsonSchema(node.of);
      return { description, anyOf: [item, { type: 'array', items: item }] };
    }
    case 'dictionary':
      return { description, type: 'object', additionalProperties: toJsonSchema(node.of) };
    case 'group':
      return {
        description,
        type: 'object',
        properties: Object.fromEntries(Object.entries(node.keys).map(([key, of]) => [key, toJsonSchema(of)])),
        ...(node.required.length === 0 ? {} : { required: node.required }),
        additionalProperties: node.others === undefined ? false : toJsonSchema(node.others),
      };
  }
}
