import { Controller, Get } from '@nestjs/common';

/** A controller whose route tells its number, below `/p<number>`. */
export function newController(n) {
  class NumberedController {
    index() {
      return { plugin: n };
    }
  }
  Controller(`p${n}`)(NumberedController);
  Get()(NumberedController.prototype, 'index', Object.getOwnPropertyDescriptor(NumberedController.prototype, 'index'));
  return NumberedController;
}
