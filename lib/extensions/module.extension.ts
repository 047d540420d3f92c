import type { DynamicModule, Type } from '@nestjs/common';

import { definePoint, isClass, isRecord, kindOf } from './extension-point.js';

/** `module` of `register()`. */
export interface ModuleContribution {
  /** A Nest module of the plugin's own, instead of `imports`, `controllers`, `providers` and `exports`. */
  module?: Type | DynamicModule;
}

export const modulePoint = definePoint<Type | DynamicModule>({
  key: 'module',
  parse: (value) => {
    if (isClass(value) || isDynamicModule(value)) return value;
    throw new TypeError(`must be a Nest module class or a dynamic module, it is ${kindOf(value)}`);
  },
  contribute: (value, draft) => {
    draft.module = value;
  },
});

function isDynamicModule(value: unknown): value is DynamicModule {
  return isRecord(value) && isClass(value['module']);
}
