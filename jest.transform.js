import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

// Node's own type stripping keeps every position, so no source map is needed.
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  getCacheKey: (source, path) =>
    createHash('sha256').update(process.version).update(path).update(source).digest('hex'),
};
