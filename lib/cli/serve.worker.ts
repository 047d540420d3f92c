// Runs in each worker of `pluginkit serve` before the application's entry.
import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';

import { offerSupervisor } from '../reload/supervisor-link.js';
import { WORKER_ENV, type WorkerSettings } from '../supervisor/messages.js';
import { WorkerProcess } from '../supervisor/worker-process.js';

const given = process.env[WORKER_ENV];
// Threads and processes that the application starts inherit the way in which this one was started.
if (cluster.isWorker && isMainThread && given !== undefined) {
  delete process.env[WORKER_ENV];
  const settings = JSON.parse(given) as WorkerSettings;
  process.title = `pluginkit: worker [${settings.name}]`;
  offerSupervisor(new WorkerProcess(settings, (code) => process.exit(code)));
}
