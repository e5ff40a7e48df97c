import type {
  CreateWorkGroupInput,
  DeleteWorkGroupInput,
  GetWorkGroupInput,
  ListWorkGroupsInput,
  Tag,
  UpdateWorkGroupInput,
  WorkGroupConfiguration,
} from '@aws-sdk/client-athena';
import type { Instant, Operation, Table, World } from '../kernel/world.ts';
import { engineVersion, invalidRequest, queries } from './queries/records.ts';
import { pageOf } from './page.ts';

export type WorkGroupRecord = {
  name: string;
  state: 'ENABLED' | 'DISABLED';
  description?: string;
  configuration: WorkGroupConfiguration;
  tags: Tag[];
  created: Instant;
};

const table = (world: World): Table<WorkGroupRecord> => world.store.table('athena.work-groups');

const PRIMARY = 'primary';
const DEFAULTS: WorkGroupConfiguration = {
  EnforceWorkGroupConfiguration: true,
  PublishCloudWatchMetricsEnabled: true,
  RequesterPaysEnabled: false,
};

/** The group of that name; every account has `primary`. */
export function workGroup(world: World, name: string): WorkGroupRecord | undefined {
  const found = table(world).get(name);
  if (found || name !== PRIMARY) return found;
  const configuration = { ...DEFAULTS, EnforceWorkGroupConfiguration: false };
  return { name: PRIMARY, state: 'ENABLED', configuration, tags: [], created: world.clock.now() };
}

/** @throws AwsError when it is not there */
export function requireWorkGroup(world: World, name: string = PRIMARY): WorkGroupRecord {
  const found = workGroup(world, name);
  if (!found) throw invalidRequest(`WorkGroup ${name} is not found.`);
  return found;
}

export function workGroupOperations(world: World): Record<string, Operation> {
  return {
    CreateWorkGroup({ Name = '', Configuration, Description, Tags = [] }: CreateWorkGroupInput) {
      if (workGroup(world, Name)) throw invalidRequest('WorkGroup is already created');
      table(world).put(Name, {
        name: Name,
        state: 'ENABLED',
        configuration: { ...DEFAULTS, ...Configuration },
        tags: Tags,
        created: world.clock.now(),
        ...(Description === undefined ? {} : { description: Description }),
      });
      return {};
    },

    GetWorkGroup({ WorkGroup }: GetWorkGroupInput) {
      const { name, state, description, configuration, created } = requireWorkGroup(world, WorkGroup);
      return {
        WorkGroup: {
          Name: name,
          State: state,
          Description: description,
          Configuration: { ...configuration, EngineVersion: engineVersion },
          CreationTime: new Date(created),
        },
      };
    },

    ListWorkGroups(input: ListWorkGroupsInput) {
      const names = [...new Set([PRIMARY, ...table(world).keys()])];
      const { items, NextToken } = pageOf(names, input);
      return {
        WorkGroups: items.map((each) => {
          const { name, state, description, created } = requireWorkGroup(world, each);
          return {
            Name: name,
            State: state,
            Description: description,
            CreationTime: new Date(created),
            EngineVersion: engineVersion,
          };
        }),
        NextToken,
      };
    },

    UpdateWorkGroup({
      WorkGroup,
      Description,
      ConfigurationUpdates: updates = {},
      State,
    }: UpdateWorkGroupInput) {
      const group = requireWorkGroup(world, WorkGroup);
      table(world).put(group.name, {
        ...group,
        state: State ?? group.state,
        configuration: updated(group.configuration, updates),
        ...(Description === undefined ? {} : { description: Description }),
      });
      return {};
    },

    DeleteWorkGroup({ WorkGroup, RecursiveDeleteOption }: DeleteWorkGroupInput) {
      const { name } = requireWorkGroup(world, WorkGroup);
      if (name === PRIMARY) throw invalidRequest('The primary WorkGroup cannot be deleted.');
      const own = queries(world)
        .values()
        .filter((query) => query.workGroup === name);
      if (own.length > 0 && !RecursiveDeleteOption) throw invalidRequest(`WorkGroup ${name} is not empty`);
      for (const { id } of own) queries(world).delete(id);
      table(world).delete(name);
      return {};
    },
  };
}

type Updates = NonNullable<UpdateWorkGroupInput['ConfigurationUpdates']>;

function updated(configuration: WorkGroupConfiguration, updates: Updates): WorkGroupConfiguration {
  const {
    ResultConfigurationUpdates: results,
    RemoveBytesScannedCutoffPerQuery: unlimited,
    EngineVersion: _,
    ...rest
  } = updates;
  const made: WorkGroupConfiguration = { ...configuration, ...(rest as WorkGroupConfiguration) };
  if (unlimited) delete made.BytesScannedCutoffPerQuery;
  if (results) {
    const { RemoveOutputLocation, OutputLocation, EncryptionConfiguration, RemoveEncryptionConfiguration } =
      results;
    const result = { ...made.ResultConfiguration };
    if (RemoveOutputLocation) delete result.OutputLocation;
    if (RemoveEncryptionConfiguration) delete result.EncryptionConfiguration;
    if (OutputLocation !== undefined) result.OutputLocation = OutputLocation;
    if (EncryptionConfiguration !== undefined) result.EncryptionConfiguration = EncryptionConfiguration;
    made.ResultConfiguration = result;
  }
  return made;
}
