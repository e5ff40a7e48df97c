import { XmlCodec } from '@aws-sdk/core/protocols';
import { CborCodec } from '@smithy/core/cbor';
import { FromStringShapeDeserializer, JsonCodec2, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fromBase64, fromUtf8, toBase64, toUtf8 } from '@smithy/core/serde';

// Of TimestampFormats in @smithy/types, whose constants do not exist at run time.
const dateTime = 5;
const epochSeconds = 7;

type SerdeContext = Parameters<JsonCodec2['setSerdeContext']>[0];
const context = {
  base64Encoder: toBase64,
  base64Decoder: fromBase64,
  utf8Encoder: toUtf8,
  utf8Decoder: fromUtf8,
} as unknown as SerdeContext;

function ready<T extends { setSerdeContext(context: SerdeContext): void }>(codec: T): T {
  codec.setSerdeContext(context);
  return codec;
}

type XmlCodecSettings = ConstructorParameters<typeof XmlCodec>[0];
type StringSettings = ConstructorParameters<typeof FromStringShapeDeserializer>[0];

const json = (rest: boolean) =>
  ready(
    new JsonCodec2({
      timestampFormat: { useTrait: true, default: epochSeconds },
      httpBindings: rest,
      jsonName: rest,
    }),
  );

/** awsJson 1.0 and 1.1. */
export const rpcJson = json(false);
/** The bodies of restJson. */
export const restJson = json(true);
export const cbor = ready(new CborCodec());

const stringSettings = {
  timestampFormat: { useTrait: true, default: dateTime },
  httpBindings: true,
} as StringSettings;
const fromString = ready(new FromStringShapeDeserializer(stringSettings));
const toString = ready(new ToStringShapeSerializer(stringSettings));

const xmlCodecs = new Map<string, XmlCodec>();

/** The bodies of restXml and of Query's answers, in the service's namespace. */
export function xml(xmlNamespace: string): XmlCodec {
  let codec = xmlCodecs.get(xmlNamespace);
  if (codec === undefined) {
    const settings = {
      timestampFormat: { useTrait: true, default: dateTime },
      httpBindings: true,
      xmlNamespace,
      serviceNamespace: '',
    };
    codec = ready(new XmlCodec(settings as XmlCodecSettings));
    xmlCodecs.set(xmlNamespace, codec);
  }
  return codec;
}

/** A label, a header, a query parameter or a form field → the member's value. */
export function readString(schema: NormalizedSchema, text: string): unknown {
  return fromString.read(schema, text);
}

export function writeString(schema: NormalizedSchema, value: unknown): string {
  toString.write(schema, value);
  return toString.flush();
}
