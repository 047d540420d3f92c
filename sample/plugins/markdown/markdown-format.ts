import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import markdownIt from 'markdown-it';
import { type PostFormat, PostFormats } from '../../board/post-formats.js';

/** Registers Markdown with the board, whose module the application shares with every plugin. */
@Injectable()
export class MarkdownFormat implements PostFormat, OnModuleInit, OnModuleDestroy {
  readonly plugin = 'markdown';
  readonly hint = 'Markdown: **bold**, *italic*, - list';
  // Strangers write here: tags stay text (html: false), and no picture makes a reader's browser call another site.
  readonly #markdown = markdownIt({ html: false, linkify: true, typographer: true, breaks: true }).disable('image');
  #unregister: (() => void) | undefined;

  constructor(private readonly formats: PostFormats) {}

  onModuleInit(): void {
    this.#unregister = this.formats.register(this);
  }

  onModuleDestroy(): void {
    this.#unregister?.();
  }

  render(body: string): string {
    return this.#markdown.render(body);
  }
}
