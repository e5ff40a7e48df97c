import { ImageError } from './errors.ts';
import type { Platform } from './manifest.ts';

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant ? `/${variant}` : ''}`;
}

/** Reads `linux/arm64/v8`. @throws ImageError */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, more] = text.split('/');
  if (!os || !architecture || more !== undefined) {
    throw new ImageError(`"${text}" is not a platform (linux/amd64, linux/arm64)`);
  }
  return { os, architecture, ...(variant && { variant }) };
}
