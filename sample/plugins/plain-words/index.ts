import { definePlugin } from 'nestjs-pluginkit';

// Changes what another plugin contributes, without touching that plugin. Both must be on.
export default definePlugin({
  name: 'plain-words',
  register: () => ({
    transforms: {
      feed: {
        extensions: (given) => ({ ...given, 'menu.items': { label: 'Subscribe', href: '/feed.xml' } }),
      },
    },
  }),
});
