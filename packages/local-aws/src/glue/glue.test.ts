import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchDeleteTableCommand,
  CreateDatabaseCommand,
  CreatePartitionCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  DeletePartitionCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  GlueClient,
  UpdateDatabaseCommand,
  UpdateTableCommand,
  type TableInput,
} from '@aws-sdk/client-glue';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '../index.ts';

const at = new Date('2027-06-03T13:00:00Z');
const CatalogId = '123456789012';
let aws: LocalAws;
let glue: GlueClient;
beforeAll(async () => {
  aws = await startLocalAws({ clock: { manual: true, start: at } });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  glue = new GlueClient({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
});
afterAll(async () => {
  glue.destroy();
  await aws.close();
});

const input: TableInput = {
  Name: 'Flights',
  Description: 'one a row',
  LastAccessTime: at,
  StorageDescriptor: {
    Columns: [{ Name: 'Origin', Type: 'string' }],
    Location: 's3://lab/flights/',
    SerdeInfo: {
      SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
      Parameters: { paths: 'origin' },
    },
  },
  PartitionKeys: [{ Name: 'Day', Type: 'date' }],
  TableType: 'EXTERNAL_TABLE',
  Parameters: { classification: 'json' },
};

test('databases, tables and partitions: made, described, changed and deleted', async () => {
  const DatabaseName = 'lab';
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'Lab', Description: 'mine' } }));
  await glue.send(
    new UpdateDatabaseCommand({ Name: 'lab', DatabaseInput: { Name: 'lab', Parameters: { a: 'b' } } }),
  );
  expect((await glue.send(new GetDatabaseCommand({ Name: 'LAB' }))).Database).toEqual({
    Name: 'lab',
    Parameters: { a: 'b' },
    CreateTime: at,
    CatalogId,
  });
  await glue.send(new CreateTableCommand({ DatabaseName, TableInput: input }));
  const change = { ...input, Description: 'changed' };
  await glue.send(new UpdateTableCommand({ DatabaseName, TableInput: change }));
  const { LastAccessTime: _, ...kept } = change;
  expect((await glue.send(new GetTableCommand({ DatabaseName, Name: 'flights' }))).Table).toEqual({
    ...kept,
    Name: 'flights',
    DatabaseName,
    StorageDescriptor: { ...input.StorageDescriptor, Columns: [{ Name: 'origin', Type: 'string' }] },
    PartitionKeys: [{ Name: 'day', Type: 'date' }],
    CreateTime: at,
    UpdateTime: at,
    Retention: 0,
    IsRegisteredWithLakeFormation: false,
    CatalogId,
    VersionId: '1',
  });
  const TableName = 'flights';
  const partition = (day: string) => ({
    Values: [day],
    StorageDescriptor: { Location: `s3://lab/flights/${day}/` },
  });
  await glue.send(
    new CreatePartitionCommand({ DatabaseName, TableName, PartitionInput: partition('2027-06-01') }),
  );
  const { Errors } = await glue.send(
    new BatchCreatePartitionCommand({
      DatabaseName,
      TableName,
      PartitionInputList: ['2027-06-01', '2027-06-02', '2027-06-03'].map(partition),
    }),
  );
  expect(Errors).toEqual([
    {
      PartitionValues: ['2027-06-01'],
      ErrorDetail: { ErrorCode: 'AlreadyExistsException', ErrorMessage: 'Partition already exists.' },
    },
  ]);
  const first = await glue.send(new GetPartitionsCommand({ DatabaseName, TableName, MaxResults: 2 }));
  const second = await glue.send(
    new GetPartitionsCommand({ DatabaseName, TableName, NextToken: first.NextToken }),
  );
  expect([...first.Partitions!, ...second.Partitions!].map(({ Values }) => Values)).toEqual([
    ['2027-06-01'],
    ['2027-06-02'],
    ['2027-06-03'],
  ]);
  await glue.send(new DeletePartitionCommand({ DatabaseName, TableName, PartitionValues: ['2027-06-01'] }));
  const gone = { DatabaseName, TableName, PartitionValues: ['2027-06-01'] };
  await expect(glue.send(new GetPartitionCommand(gone))).rejects.toThrow('Cannot find partition.');
  const { Errors: missing } = await glue.send(
    new BatchDeletePartitionCommand({
      DatabaseName,
      TableName,
      PartitionsToDelete: [{ Values: ['2027-06-01'] }],
    }),
  );
  expect(missing).toMatchObject([{ ErrorDetail: { ErrorCode: 'EntityNotFoundException' } }]);

  await glue.send(new CreateTableCommand({ DatabaseName, TableInput: { ...input, Name: 'flown' } }));
  const { TableList } = await glue.send(new GetTablesCommand({ DatabaseName, Expression: 'fl*n' }));
  expect(TableList?.map(({ Name }) => Name)).toEqual(['flown']);
  await glue.send(new DeleteTableCommand({ DatabaseName, Name: 'flown' }));
  const { Errors: unknown } = await glue.send(
    new BatchDeleteTableCommand({ DatabaseName, TablesToDelete: ['flights', 'nope'] }),
  );
  expect(unknown?.map(({ TableName: name }) => name)).toEqual(['nope']);
  await glue.send(new DeleteDatabaseCommand({ Name: 'lab' }));
  expect((await glue.send(new GetDatabasesCommand({}))).DatabaseList).toEqual([]);
});

test('what is not there, there already, or not ours', async () => {
  const named = (code: string) => ({ name: code });
  await expect(glue.send(new GetDatabaseCommand({ Name: 'nope' }))).rejects.toMatchObject(
    named('EntityNotFoundException'),
  );
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'twice' } }));
  await expect(
    glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'TWICE' } })),
  ).rejects.toMatchObject(named('AlreadyExistsException'));
  await glue.send(new CreateTableCommand({ DatabaseName: 'twice', TableInput: input }));
  await expect(
    glue.send(new CreateTableCommand({ DatabaseName: 'twice', TableInput: input })),
  ).rejects.toMatchObject(named('AlreadyExistsException'));
  const PartitionInput = { Values: ['a', 'b'] };
  await expect(
    glue.send(new CreatePartitionCommand({ DatabaseName: 'twice', TableName: 'flights', PartitionInput })),
  ).rejects.toThrow('The number of partition keys do not match the number of partition values (1 and 2)');
  await expect(
    glue.send(new GetDatabaseCommand({ Name: 'twice', CatalogId: '210987654321' })),
  ).rejects.toThrow('Catalog 210987654321 not found.');
  await expect(
    glue.send(
      new GetPartitionsCommand({ DatabaseName: 'twice', TableName: 'flights', Expression: "day > '2027'" }),
    ),
  ).rejects.toThrow('glue:GetPartitions with Expression is not built');
});
