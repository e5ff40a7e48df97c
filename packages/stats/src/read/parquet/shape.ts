import type { SchemaElement } from 'hyparquet';
import { UserError } from '../../user-error.ts';

export type Physical = NonNullable<SchemaElement['type']>;

/** What a flat column's values are, and how stored ones become ours. */
export type Shape = {
  name: string;
  physical: Physical;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  length: number;
  optional: boolean;
  kind: 'number' | 'text' | 'boolean';
  /** Counted as Integral. */
  integral: boolean;
  unsigned: boolean;
  /** Stored numbers are divided by this, which makes times milliseconds. */
  divisor: number;
  /** A decimal's digits after the point; absent for other numbers. */
  decimals?: number;
};

/** @throws UserError for a nested column or a type that is neither number nor text */
export function shapeOf(element: SchemaElement, file: string | undefined): Shape {
  const place = { file, column: element.name };
  if ((element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED' || !element.type) {
    throw new UserError('is nested (a list or a struct); only flat columns can be profiled', place);
  }
  const shape: Shape = {
    name: element.name,
    physical: element.type,
    length: element.type_length ?? 0,
    optional: element.repetition_type === 'OPTIONAL',
    kind: 'number',
    integral: element.type === 'INT32' || element.type === 'INT64',
    unsigned: false,
    divisor: 1,
  };
  const logical = element.logical_type;
  const converted = element.converted_type;
  const scale = logical?.type === 'DECIMAL' ? logical.scale : element.scale;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    return { ...shape, integral: (scale ?? 0) === 0, decimals: scale ?? 0 };
  }
  if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') {
    return { ...shape, divisor: { MILLIS: 1, MICROS: 1e3, NANOS: 1e6 }[logical.unit] };
  }
  if (converted === 'TIMESTAMP_MICROS' || converted === 'TIME_MICROS') return { ...shape, divisor: 1e3 };
  if (logical?.type === 'DATE' || converted === 'DATE') return { ...shape, divisor: 1 / 86_400_000 };
  if (converted?.startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned)) {
    return { ...shape, unsigned: true };
  }
  return byPhysical(shape, logical?.type, place);
}

function byPhysical(
  shape: Shape,
  logical: string | undefined,
  place: { file: string | undefined; column: string },
): Shape {
  switch (shape.physical) {
    case 'BOOLEAN':
      return { ...shape, kind: 'boolean' };
    case 'BYTE_ARRAY':
      return { ...shape, kind: 'text' };
    case 'INT96':
      return { ...shape, integral: true };
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical === 'FLOAT16' && shape.length === 2) return shape;
      throw new UserError(
        `holds ${shape.length}-byte values (${logical ?? 'binary'}); they are neither numbers nor texts`,
        place,
      );
    default:
      return shape;
  }
}
