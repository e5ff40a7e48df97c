/*
 * Stands in for node:crypto in @actions/core, which draws the delimiter of each output from it. Node's global crypto is the same
 * generator, and is loaded when a delimiter is drawn, not at every start. Nobody who writes an output's value may guess its delimiter.
 */
export function randomUUID(): string {
  return globalThis.crypto.randomUUID();
}
