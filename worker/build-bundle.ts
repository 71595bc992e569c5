import { writeFile } from 'node:fs/promises';
import { bundlePath, bundleWorkflows } from './bundle.ts';

// A step of the build: workers that start later load the bundle instead of making it.
await writeFile(bundlePath, await bundleWorkflows());
