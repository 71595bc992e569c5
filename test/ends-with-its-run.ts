// The process of a test file hears nothing of vitest's death, and what it has started keeps it alive: it ends by itself, and with it all that
// it holds on a leash.
process.once('disconnect', () => process.exit(1));
