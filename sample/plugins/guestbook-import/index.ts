import { definePlugin } from 'nestjs-pluginkit';
import { GuestbookController } from './guestbook.controller.js';

// Broken on purpose: its package.json asks for version 2 of the board. It is reported, and everything else runs.
export default definePlugin({
  name: 'guestbook-import',
  register: () => ({ prefix: '/guestbook', controllers: [GuestbookController] }),
});
