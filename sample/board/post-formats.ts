import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';
import { PluginRegistry } from 'nestjs-pluginkit';
import { type FromPlugin, OfEnabledPlugins } from './of-enabled-plugins.js';

/** A way to write posts, such as Markdown. */
export interface PostFormat extends FromPlugin {
  /** One line for the person who writes, shown below the text field. */
  readonly hint: string;
  /** Turns what somebody wrote into HTML that is safe to show as it is. */
  render(body: string): string;
}

/** How the bodies of posts become HTML: by the format of a plugin, else as plain text. */
@Injectable()
export class PostFormats {
  readonly #formats: OfEnabledPlugins<PostFormat>;

  constructor(registry: PluginRegistry) {
    this.#formats = new OfEnabledPlugins(registry);
  }

  /** Returns its undo. When several plugins bring a format, the first one counts. */
  register(format: PostFormat): () => void {
    return this.#formats.add(format);
  }

  get hint(): string {
    return this.#format.hint;
  }

  render(body: string): string {
    return this.#format.render(body);
  }

  get #format(): PostFormat | typeof PLAIN_TEXT {
    return this.#formats.current()[0] ?? PLAIN_TEXT;
  }
}

const escaping = new Eta();

const PLAIN_TEXT = {
  hint: 'Plain text, line breaks are kept.',
  render: (body: string): string => escaping.renderString('<p class="plain-text"><%= it.body %></p>', { body }),
};
