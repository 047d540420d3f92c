import { Injectable } from '@nestjs/common';
import { Extension } from 'nestjs-pluginkit';
import type { MenuItem } from '../../board/extension-points.js';
import { Readers } from './readers.js';

/** Leads to the note that is read most. As a class it can inject what it needs, and is asked each time a page is shown. */
@Extension('menu.items', { before: 'stats' })
@Injectable()
export class ReadMost implements MenuItem {
  readonly label = 'Read most';

  constructor(private readonly readers: Readers) {}

  get href(): string {
    const [first] = this.readers.most(1);
    return first ? `/posts/${first.id}` : '/';
  }
}
