import type { Type } from '@nestjs/common';
import 'reflect-metadata';

import { definePoint, isClass, listOf } from './extension-point.js';

/** `controllers` of `register()`. */
export interface ControllersContribution {
  /** Controller classes, as in `@Module()`; their routes lie below the plugin's `prefix`. */
  controllers?: Type[];
}

/** What `@Controller()` leaves on a class. */
const CONTROLLER_MARK = '__controller__';

export const controllersPoint = definePoint<Type[]>({
  key: 'controllers',
  parse: (value) => {
    const controllers = listOf(value, isClass, 'controller classes');
    const bare = controllers.find((each) => !Reflect.hasMetadata(CONTROLLER_MARK, each));
    if (bare)
      throw new TypeError(
        `must be a list of controller classes, ${bare.name || 'one'} is not decorated with @Controller()`,
      );
    return controllers;
  },
  contribute: (value, { controllers }) => void controllers.push(...value),
});
