import { openDatabase } from '../../store/database.ts';

/**
 * A process that changes a counter in a transaction and does not end it, until it is killed. Arguments: MongoDB's URI, database, the counter's
 * id.
 */
const [uri = '', name = '', id = ''] = process.argv.slice(2);
const database = await openDatabase(uri, name, 'killed');
const counters = database.collection<{ _id: string; count: number }>('counters');
await database.transaction(async (session) => {
  await counters.updateOne({ _id: id }, { $inc: { count: 100 } }, { session });
  process.send?.('changed');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
