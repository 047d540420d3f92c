import type { ModulesContainer } from '@nestjs/core';

import type { ModuleUnit } from './installed-plugin.js';
import { providersOf } from './module-instances.js';
import type { InstanceWrapper } from './nest-internals.js';

/** Takes listeners away again. */
type Undo = () => void;

/** What finds decorated methods once, at the start, in all modules: of the scheduler and of the event emitter. */
interface Explorer {
  readonly discoveryService: object;
}

interface ScheduleExplorer extends Explorer {
  readonly schedulerOrchestrator: { readonly schedulerRegistry: SchedulerRegistry };
  explore(): void;
}

interface SchedulerRegistry {
  doesExist(type: string, name: string): boolean;
  deleteCronJob(name: string): void;
  deleteInterval(name: string): void;
  deleteTimeout(name: string): void;
}

interface Orchestrator {
  readonly cronJobs: object;
  readonly intervals: object;
  readonly timeouts: object;
  onApplicationBootstrap(): void;
}

interface EventLoader extends Explorer {
  readonly eventEmitter: Emitter;
  loadEventListeners(): void;
}

interface Emitter {
  on(event: unknown, listener: Listener, options?: unknown): unknown;
  prependListener(event: unknown, listener: Listener, options?: unknown): unknown;
  off(event: unknown, listener: Listener): unknown;
}

type Listener = (...args: unknown[]) => unknown;

/**
 * Starts the cron jobs, intervals, timeouts and event listeners of modules that came while the application runs: the libraries'
 * own explorers are run again, and are shown nothing but these modules.
 * @returns what takes all of them away again
 * @throws Error of the library, as for a name that is taken: then none is there
 */
export function startListeners(units: readonly ModuleUnit[], modules: ModulesContainer): Undo {
  const undos: Undo[] = [];
  const undo = (): void => {
    for (const each of undos.splice(0).toReversed()) each();
  };
  const discoveryService = {
    getProviders: () => units.flatMap(({ module }) => providersOf(module)),
    getControllers: () => units.flatMap(({ module }): InstanceWrapper[] => [...module.controllers.values()]),
  };
  try {
    for (const explorer of explorersOf(modules, 'ScheduleExplorer'))
      undos.push(startJobs(explorer as ScheduleExplorer, discoveryService));
    for (const loader of explorersOf(modules, 'EventSubscribersLoader'))
      undos.push(startEventListeners(loader as EventLoader, discoveryService));
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}

function explorersOf(modules: ModulesContainer, name: string): Explorer[] {
  return [...modules.values()].flatMap((module) =>
    [...module.providers.values()].flatMap((wrapper) =>
      typeof wrapper.metatype === 'function' && wrapper.metatype.name === name && wrapper.instance
        ? [wrapper.instance as Explorer]
        : [],
    ),
  );
}

function startJobs(explorer: ScheduleExplorer, discoveryService: object): Undo {
  const known = explorer.schedulerOrchestrator;
  const registry = known.schedulerRegistry;
  const Class = known.constructor as new (registry: SchedulerRegistry) => Orchestrator;
  const schedulerOrchestrator = new Class(registry);
  const undo = (): void => {
    const { cronJobs, intervals, timeouts } = schedulerOrchestrator;
    for (const name of Object.keys(cronJobs)) if (registry.doesExist('cron', name)) registry.deleteCronJob(name);
    for (const name of Object.keys(intervals)) if (registry.doesExist('interval', name)) registry.deleteInterval(name);
    for (const name of Object.keys(timeouts)) if (registry.doesExist('timeout', name)) registry.deleteTimeout(name);
  };
  standIn(explorer, { discoveryService, schedulerOrchestrator }).explore();
  for (const [type, jobs] of [
    ['cron', schedulerOrchestrator.cronJobs],
    ['interval', schedulerOrchestrator.intervals],
    ['timeout', schedulerOrchestrator.timeouts],
  ] as const)
    for (const name of Object.keys(jobs))
      if (registry.doesExist(type, name)) throw new Error(`another ${type} job has the name "${name}" already`);
  schedulerOrchestrator.onApplicationBootstrap();
  return undo;
}

function startEventListeners(loader: EventLoader, discoveryService: object): Undo {
  const { eventEmitter } = loader;
  const added: [event: unknown, listener: Listener][] = [];
  const noting =
    (method: 'on' | 'prependListener') =>
    (event: unknown, listener: Listener, options?: unknown): unknown => {
      const result = eventEmitter[method](event, listener, options);
      added.push([event, listener]);
      return result;
    };
  const recording = standIn(eventEmitter, { on: noting('on'), prependListener: noting('prependListener') });
  standIn(loader, { discoveryService, eventEmitter: recording }).loadEventListeners();
  return () => {
    for (const [event, listener] of added) eventEmitter.off(event, listener);
  };
}

/** The same object but for some of its properties. */
function standIn<T extends object>(original: T, properties: object): T {
  return Object.create(original, Object.getOwnPropertyDescriptors(properties)) as T;
}
