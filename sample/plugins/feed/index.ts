import type { Response } from 'express';
import { FeedController } from './feed.controller.js';

// A plugin as two named exports, the shape that Flask-PluginKit's plugins have.
export const metadata = { name: 'feed' };

export function register(): object {
  return {
    controllers: [FeedController],
    // Readers that guess an address find the feed as well; a route like this needs no controller.
    routes: { path: '/feed', handler: (_request: unknown, response: Response) => response.redirect(301, '/feed.xml') },
    extensions: { 'menu.items': { label: 'Feed', href: '/feed.xml' } },
  };
}
