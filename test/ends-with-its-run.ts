// The process of a test file hears nothing of vitest's death, and what it has started keeps it alive: it ends by itself, and with it all that
// it holds on a leash.
// Files that share their process come by here, each.
if (process.listenerCount('disconnect') === 0) process.once('disconnect', () => process.exit(1));
