import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { PluginView } from 'nestjs-pluginkit';
import { settings } from '../../settings.js';
import { Links } from '../links.js';
import { PluginList } from '../plugin-list.js';
import { PostDetails } from '../post-details.js';
import { PostFormats } from '../post-formats.js';
import { Posts } from '../posts.js';

/** What somebody typed into the form that could not be taken, and why. */
export interface Rejected {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: readonly string[];
}

/** The board as HTML: its own templates, with what plugins put into them. */
@Injectable()
export class Pages {
  constructor(
    @Inject(settings.KEY) private readonly board: ConfigType<typeof settings>,
    private readonly posts: Posts,
    private readonly formats: PostFormats,
    private readonly details: PostDetails,
    private readonly links: Links,
    private readonly plugins: PluginList,
    private readonly view: PluginView,
  ) {}

  home(request: object, { values, errors }: Rejected = { values: {}, errors: [] }): string {
    const posts = this.posts.all().map((post) => ({
      ...post,
      html: this.formats.render(post.body),
      labels: this.details.labels(post),
    }));
    const plugins = this.plugins.all();
    const running = plugins.filter(({ state }) => state === 'enabled').length;
    const problems = Object.fromEntries(errors.map((error) => [error.split(' ', 1).join(), true])); // by field
    const model = { posts, plugins, running, hint: this.formats.hint, values, errors, problems };
    return this.render('home', model, request);
  }

  post(id: number, request: object): string {
    const post = this.posts.get(id);
    const text = this.formats.render(post.body);
    const fromPlugins = { links: this.links.of(post), sections: this.details.sections(post) };
    return this.render('post', { page: post.title, post, text, ...fromPlugins }, request);
  }

  error(status: number, messages: readonly string[], request: object): string {
    return this.render('error', { page: 'Something is missing', status, messages }, request);
  }

  /**
   * A page with everything that hangs on each of them; plugins render theirs by it, too.
   * @param request tells who was on when it began
   */
  render(view: string, model: object, request: object): string {
    return this.view.render(view, { board: this.board, menu: this.links.menu(), ...model }, request);
  }
}
