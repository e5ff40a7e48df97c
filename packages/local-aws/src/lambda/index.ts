import { rm } from 'node:fs/promises';
import type { CreateService } from '../kernel/world.ts';
import { closing } from '../runtime/process.ts';
import { aliasOperations } from './alias-operations.ts';
import { readZip } from './code.ts';
import { lambdaConstraints } from './constraints.ts';
import { resumeEvents } from './event-queue.ts';
import { functionOperations } from './function-operations.ts';
import { invokeOperations } from './invoke.ts';
import { sandboxesFolder } from './sandbox.ts';
import { versionOperations } from './version-operations.ts';

export const createLambda: CreateService = (world) => {
  // Asked for now, so that closing is known to whatever runs from here on.
  closing(world);
  return {
    operations: {
      ...functionOperations(world),
      ...versionOperations(world),
      ...aliasOperations(world),
      ...invokeOperations(world),
    },
    constraints: lambdaConstraints,
    async resume() {
      // What a killed server's environments left; their processes have been ended.
      await rm(sandboxesFolder(world), { recursive: true, force: true });
      resumeEvents(world);
    },
    /** The code of a function, where GetFunction says that it is. */
    async raw({ url = '' }, response) {
      const zip = await readZip(world, url);
      response.writeHead(200, { 'content-type': 'application/zip', 'content-length': zip.length }).end(zip);
    },
  };
};
