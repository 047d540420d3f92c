import { HumanText } from '../../board/human-text.js';

export class NewComment {
  @HumanText(40)
  readonly author!: string;

  @HumanText(1000, { lines: true })
  readonly text!: string;
}
