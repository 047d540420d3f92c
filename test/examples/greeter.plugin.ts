import { Controller, Get, Injectable } from '@nestjs/common';
import { definePlugin } from 'nestjs-pluginkit';

@Injectable()
export class Clock {
  hour(): number {
    return new Date().getHours();
  }
}

@Controller('greeting')
class GreetingController {
  constructor(private readonly clock: Clock) {}

  @Get()
  greet(): string {
    return this.clock.hour() < 12 ? 'Good morning' : 'Good day';
  }
}

export default definePlugin({
  name: 'greeter',
  author: 'Ada Lindqvist',
  version: '1.0.0',
  register: () => ({ controllers: [GreetingController], providers: [Clock] }),
});
