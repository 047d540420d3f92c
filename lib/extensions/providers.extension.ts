import type { Provider } from '@nestjs/common';

import { definePoint, isClass, isRecord, listOf } from './extension-point.js';

/** `providers` of `register()`. */
export interface ProvidersContribution {
  /** Providers, as in `@Module()`. */
  providers?: Provider[];
}

export const providersPoint = definePoint<Provider[]>({
  key: 'providers',
  parse: (value) => listOf(value, isProvider, 'providers'),
  contribute: (value, { providers }) => void providers.push(...value),
});

function isProvider(value: unknown): value is Provider {
  return isClass(value) || (isRecord(value) && value['provide'] != null);
}
