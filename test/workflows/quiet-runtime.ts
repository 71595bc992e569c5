import { IllegalStateError } from '@temporalio/common';
import { DefaultLogger, Runtime } from '@temporalio/worker';

// Of what the engine's library logs, a test run shows only errors. The library keeps this when it restarts within the process of several files.
try {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
} catch (error) {
  // A file before has it running: it says a little more then.
  if (!(error instanceof IllegalStateError)) throw error;
}
