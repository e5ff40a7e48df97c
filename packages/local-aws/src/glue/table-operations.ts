import type {
  BatchDeleteTableRequest,
  CreateTableRequest,
  DeleteTableRequest,
  GetTableRequest,
  GetTablesRequest,
  Table,
  UpdateTableRequest,
} from '@aws-sdk/client-glue';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { createTable, deleteTable, updateTable } from './catalog.ts';
import { page } from './page.ts';
import { checkCatalog, requireDatabase, requireTable, tablesOf, type TableRecord } from './records.ts';

export function tableOperations(world: World): Record<string, Operation> {
  return {
    CreateTable(input: CreateTableRequest) {
      checkCatalog(world, input);
      if (input.OpenTableFormatInput) throw notBuilt('glue:CreateTable with OpenTableFormatInput');
      if (!input.TableInput) throw new AwsError('InvalidInputException', 'TableInput is required.');
      createTable(world, input.DatabaseName, input.TableInput);
      return {};
    },

    UpdateTable(input: UpdateTableRequest) {
      checkCatalog(world, input);
      if (!input.TableInput) throw new AwsError('InvalidInputException', 'TableInput is required.');
      updateTable(world, input.DatabaseName, input.TableInput);
      return {};
    },

    GetTable(input: GetTableRequest) {
      checkCatalog(world, input);
      return { Table: describe(world, requireTable(world, input.DatabaseName, input.Name)) };
    },

    GetTables(input: GetTablesRequest) {
      checkCatalog(world, input);
      const { name } = requireDatabase(world, input.DatabaseName);
      const wanted = tablesOf(world, name).filter((table) => matches(table.name, input.Expression));
      const { items, NextToken } = page(wanted, input);
      return { TableList: items.map((table) => describe(world, table)), NextToken };
    },

    DeleteTable(input: DeleteTableRequest) {
      checkCatalog(world, input);
      deleteTable(world, input.DatabaseName, input.Name);
      return {};
    },

    BatchDeleteTable(input: BatchDeleteTableRequest) {
      checkCatalog(world, input);
      const Errors = (input.TablesToDelete ?? []).flatMap((TableName) => {
        try {
          deleteTable(world, input.DatabaseName, TableName);
          return [];
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          return [{ TableName, ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message } }];
        }
      });
      return { Errors };
    },
  };
}

/** Glue's patterns are Java's: the whole name has to fit. */
function matches(name: string, expression: string | undefined): boolean {
  return (
    expression === undefined || new RegExp(`^(?:${expression.replaceAll(/(?<!\.)\*/g, '.*')})$`).test(name)
  );
}

function describe(world: World, { database, name, input, version, created, updated }: TableRecord): Table {
  return {
    ...input,
    Name: name,
    DatabaseName: database,
    CreateTime: new Date(created),
    UpdateTime: new Date(updated),
    Retention: input.Retention ?? 0,
    PartitionKeys: input.PartitionKeys ?? [],
    IsRegisteredWithLakeFormation: false,
    CatalogId: world.account,
    VersionId: String(version),
  };
}
