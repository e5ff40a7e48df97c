import type { NormalizedSchema } from '@smithy/core/schema';
import { readString, xml } from './codecs.ts';
import type { Model, ModelOperation } from './model.ts';
import { renamed } from './partial-schema.ts';
import type { Members, WireProtocol } from './wire.ts';
import { escapeXml } from './xml-text.ts';

/** AWS Query: form fields in, XML out. Nested members are dotted, lists count from 1: `Tags.member.1.Key=…`. */
export const query: WireProtocol = {
  async decode(_model, operation, request) {
    const fields = new URLSearchParams(request.query);
    for (const [name, value] of new URLSearchParams((await request.body()).toString()))
      fields.set(name, value);
    return (readField(operation.input, fields, '') ?? {}) as Members;
  },
  encode(model, operation, output, requestId) {
    const { name } = operation;
    const body = `<${name}Response xmlns="${namespace(model)}">${result(model, operation, output)}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, headers: { 'content-type': 'text/xml' }, body };
  },
  encodeError(model, error, requestId) {
    const code = model.errors.get(error.code)?.queryCode ?? error.code;
    const type = error.status < 500 ? 'Sender' : 'Receiver';
    const body = `<ErrorResponse xmlns="${namespace(model)}"><Error><Type>${type}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: error.status, headers: { 'content-type': 'text/xml' }, body };
  },
};

const namespace = (model: Model) => model.entry.xmlNamespace ?? '';

function result(model: Model, operation: ModelOperation, output: Members) {
  if (operation.output.isUnitSchema()) return '';
  const serializer = xml(namespace(model)).createSerializer();
  serializer.write(renamed(operation.output, `${operation.name}Result`), output);
  return String(serializer.flush()).replace(/^<\?xml[^>]*\?>/, '');
}

function readField(schema: NormalizedSchema, fields: URLSearchParams, name: string): unknown {
  if (schema.isStructSchema()) return readStructure(schema, fields, name);
  if (schema.isListSchema()) return readList(schema, fields, name);
  if (schema.isMapSchema()) return readMap(schema, fields, name);
  const text = fields.get(name);
  return text === null ? undefined : readString(schema, text);
}

function readStructure(schema: NormalizedSchema, fields: URLSearchParams, name: string) {
  const members: Members = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const { xmlName } = memberSchema.getMergedTraits();
    const value = readField(memberSchema, fields, join(name, xmlName ?? member));
    if (value !== undefined) members[member] = value;
  }
  return Object.keys(members).length > 0 || name === '' ? members : undefined;
}

function readList(schema: NormalizedSchema, fields: URLSearchParams, name: string) {
  // An empty list is one empty field with the list's own name.
  if (fields.get(name) === '') return [];
  const item = schema.getValueSchema();
  const prefix = schema.getMergedTraits().xmlFlattened
    ? name
    : join(name, item.getMergedTraits().xmlName ?? 'member');
  const items: unknown[] = [];
  for (let index = 1; hasField(fields, `${prefix}.${index}`); index++)
    items.push(readField(item, fields, `${prefix}.${index}`));
  return items.length > 0 ? items : undefined;
}

function readMap(schema: NormalizedSchema, fields: URLSearchParams, name: string) {
  const { xmlFlattened } = schema.getMergedTraits();
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const entries: Members = {};
  for (let index = 1; ; index++) {
    const entry = `${xmlFlattened ? name : join(name, 'entry')}.${index}`;
    const key = fields.get(`${entry}.${keyName}`);
    if (key === null) break;
    entries[key] = readField(schema.getValueSchema(), fields, `${entry}.${valueName}`);
  }
  return Object.keys(entries).length > 0 ? entries : undefined;
}

const join = (name: string, member: string) => (name === '' ? member : `${name}.${member}`);

function hasField(fields: URLSearchParams, name: string) {
  if (fields.has(name)) return true;
  for (const field of fields.keys()) if (field.startsWith(`${name}.`)) return true;
  return false;
}
