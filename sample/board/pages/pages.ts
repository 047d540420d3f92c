import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { Eta } from 'eta';
import { settings } from '../../settings.js';
import { Links } from '../links.js';
import { PluginList } from '../plugin-list.js';
import { PostDetails } from '../post-details.js';
import { PostFormats } from '../post-formats.js';
import { Posts } from '../posts.js';
import { when } from '../when.js';

/** What somebody typed into the form that could not be taken, and why. */
export interface Rejected {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: readonly string[];
}

/** The board as HTML. Eta escapes what a template prints, except after `<%~`. */
@Injectable()
export class Pages {
  readonly #eta = new Eta({ views: join(import.meta.dirname, 'views'), cache: true });

  constructor(
    @Inject(settings.KEY) private readonly board: ConfigType<typeof settings>,
    private readonly posts: Posts,
    private readonly formats: PostFormats,
    private readonly details: PostDetails,
    private readonly links: Links,
    private readonly plugins: PluginList,
  ) {}

  home(rejected: Rejected = { values: {}, errors: [] }): string {
    const { formats, details } = this;
    const content = { posts: this.posts.all(), plugins: this.plugins.all(), formats, details };
    return this.#render('home', { ...content, ...rejected });
  }

  post(id: number): string {
    const post = this.posts.get(id);
    const text = this.formats.render(post.body);
    const fromPlugins = { links: this.links.of(post), sections: this.details.sections(post) };
    return this.#render('post', { page: post.title, post, text, ...fromPlugins });
  }

  error(status: number, messages: readonly string[]): string {
    return this.#render('error', { page: 'Something is missing', status, messages });
  }

  #render(view: string, model: object): string {
    const { board } = this;
    return this.#eta.render(view, { board, navigation: this.links.navigation(), when, ...model });
  }
}
