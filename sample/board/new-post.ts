import { HumanText } from './human-text.js';

/** What somebody who pins a note sends, by the form or as JSON. */
export class NewPost {
  @HumanText(80)
  readonly title!: string;

  @HumanText(4000, { lines: true })
  readonly body!: string;

  @HumanText(40)
  readonly author!: string;
}
