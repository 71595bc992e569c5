import { readFile } from 'node:fs/promises';
import { Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { expect, inject, test } from 'vitest';
import { mongodbUri } from '../mongodb-uri.ts';

test('the embedded database is a replica set: it has transactions and unique indexes', async () => {
  const client = await MongoClient.connect(mongodbUri());
  try {
    const texts = client.db('embedded').collection<{ _id: string; key?: number }>('texts');
    await texts.createIndex({ key: 1 }, { unique: true });
    const twice = client.withSession((session) =>
      session.withTransaction(async () => {
        await texts.insertOne({ _id: 'a', key: 1 }, { session });
        await texts.insertOne({ _id: 'b', key: 1 }, { session });
      }),
    );
    await expect(twice).rejects.toMatchObject({ code: 11000 });
    expect(await texts.countDocuments()).toBe(0);
  } finally {
    await client.close();
  }
});

test('the embedded Temporal server keeps closed runs for 30 days and knows the attributes of a port (invariant 2)', async () => {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(['PortId', 'PortStatus', 'Carrier']));
  } finally {
    await connection.close();
  }
});

test('a bundle of the workflows and the test server are there', async () => {
  expect(await readFile(inject('workflowBundlePath'), 'utf8')).toContain('__TEMPORAL__');
  expect(inject('testServerPath')).toMatch(/temporal-test-server/);
});
