import type { Contributions } from 'nestjs-pluginkit';
import { SpotlightController } from './spotlight.controller.js';

// The file DISABLED beside this one switches the plugin off: this code is not even imported. Remove the file, start again.
export const metadata = { name: 'spotlight' };

export function register(): Contributions {
  return {
    controllers: [SpotlightController],
    extensions: { 'menu.items': { label: 'Note of the day', href: '/spotlight' } },
  };
}
