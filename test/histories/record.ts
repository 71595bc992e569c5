import { recordLive } from './live.ts';
import { forgetThisVersion } from './recorded.ts';
import { recordWithSkippedTime } from './skipped-time.ts';

// `npm run histories:record`, for test/workflows/replay.test.ts: when a workflow has a new path, and when a version is released.
forgetThisVersion();
await recordWithSkippedTime();
await recordLive();
process.exit(0);
