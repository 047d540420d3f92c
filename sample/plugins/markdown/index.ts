import { definePlugin } from 'nestjs-pluginkit';
import { MarkdownFormat } from './markdown-format.js';

// A plugin as a value. Version, author and the rest come from its package.json.
export default definePlugin({
  name: 'markdown',
  register: () => ({ providers: [MarkdownFormat] }),
});
