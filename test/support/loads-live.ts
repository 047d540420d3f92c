import { DependenciesScanner } from '@nestjs/core/scanner.js';
import { FastifyAdapter } from '@nestjs/platform-fastify';

import { PLATFORMS } from './boot-app.js';

const canRemoveModules = Reflect.has(DependenciesScanner.prototype, 'removeModules');
const hasPathMatcher = Reflect.has(FastifyAdapter.prototype, 'createPathMatcher');

/**
 * The platforms on which the Nest that is installed lets plugins be loaded while the application runs; none with NestJS 12.0.
 * What becomes of them otherwise is tested everywhere: see `test/live/loading.spec.ts`.
 */
export const LOADS_LIVE = PLATFORMS.filter(
  (platform) => canRemoveModules && (platform === 'express' || hasPathMatcher),
);
