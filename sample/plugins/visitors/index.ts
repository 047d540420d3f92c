import { definePlugin } from 'nestjs-pluginkit';
import { AccessLog } from './access-log.js';
import { ReadMost } from './read-most.js';
import { Readers } from './readers.js';

export default definePlugin({
  name: 'visitors',
  register: () => {
    // Hooks are made before Nest is asked for anything, so what they share with providers is made here.
    const readers = new Readers();
    return {
      providers: [{ provide: Readers, useValue: readers }, ReadMost],
      hooks: new AccessLog(readers),
      slots: { sidebar: 'visitors/read-most.njk' },
      viewContext: () => ({ mostRead: readers.most(3) }),
    };
  },
});
