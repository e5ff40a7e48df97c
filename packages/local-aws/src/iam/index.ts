import type { CreateService } from '../kernel/world.ts';
import { constraints } from './names.ts';
import { oidcOperations } from './oidc-operations.ts';
import { policyOperations } from './policy-operations.ts';
import { roleOperations } from './role-operations.ts';
import { rolePolicyOperations } from './role-policies.ts';
import { simulateOperations } from './simulate.ts';

export const createIam: CreateService = (world) => ({
  operations: {
    ...roleOperations(world),
    ...rolePolicyOperations(world),
    ...policyOperations(world),
    ...oidcOperations(world),
    ...simulateOperations(world),
  },
  constraints,
});
