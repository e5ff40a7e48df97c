/** A running checksum of bytes: `update` with each piece, `digest` in the end, big-endian. */
export type RunningCrc = { update(bytes: Uint8Array): void; digest(): Buffer };

/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), by a table for each byte. */
export function crc32c(): RunningCrc {
  let crc = 0xffffffff;
  return {
    update(bytes) {
      for (let index = 0; index < bytes.length; index++) {
        crc = (crc >>> 8) ^ (castagnoli[(crc ^ (bytes[index] as number)) & 0xff] as number);
      }
    },
    digest() {
      const result = Buffer.alloc(4);
      result.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
      return result;
    },
  };
}

/** CRC-64/NVME (reflected polynomial 0x9a6c9329ac4bc9b5), kept as two 32-bit halves because BigInt is slow. */
export function crc64nvme(): RunningCrc {
  let high = -1;
  let low = -1;
  return {
    update(bytes) {
      for (let index = 0; index < bytes.length; index++) {
        const entry = (low ^ (bytes[index] as number)) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (nvmeLow[entry] as number);
        high = (high >>> 8) ^ (nvmeHigh[entry] as number);
      }
    },
    digest() {
      const result = Buffer.alloc(8);
      result.writeInt32BE(~high, 0);
      result.writeInt32BE(~low, 4);
      return result;
    },
  };
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

const nvme = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  return crc;
});
const nvmeHigh = Int32Array.from(nvme, (crc) => Number(BigInt.asIntN(32, crc >> 32n)));
const nvmeLow = Int32Array.from(nvme, (crc) => Number(BigInt.asIntN(32, crc)));
