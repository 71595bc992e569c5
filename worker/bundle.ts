import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

/** Where the build puts the workflows' bundle: beside the compiled worker. */
export const bundlePath = fileURLToPath(new URL('workflow-bundle.js', import.meta.url));

/** The workflows as one script, made ahead by the build; made now when the code runs uncompiled. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  return existsSync(bundlePath) ? { codePath: bundlePath } : { code: await bundleWorkflows() };
}

/** Bundles the workflows for the engine's sandbox; takes some seconds. @returns the script */
export async function bundleWorkflows(): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)),
    // Warnings of the bundler only: its progress is of no interest.
    logger: new DefaultLogger('WARN'),
  });
  return code;
}
