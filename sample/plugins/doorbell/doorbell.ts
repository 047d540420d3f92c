import { Injectable, Logger } from '@nestjs/common';
import { PluginEvents, PluginView } from 'nestjs-pluginkit';
import type { Post } from '../../board/post.js';

/** Listens for new notes. What it adds is not heard while the plugin is off, and is gone when the plugin is. */
@Injectable()
export class Doorbell {
  readonly #logger = new Logger('Doorbell');
  #last: Post | undefined;

  constructor(events: PluginEvents, view: PluginView) {
    events.on('post.added', (post) => {
      this.#last = post;
      this.#logger.log(`Ding dong: note ${post.id}`);
    });
    events.on('board.news', () => this.#last && view.render('doorbell/news', { post: this.#last }));
  }
}
