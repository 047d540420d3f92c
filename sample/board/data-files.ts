import { mkdir } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { Low } from 'lowdb';
import { JSONFile } from 'lowdb/node';
import { settings } from '../settings.js';

/** Where the board keeps its posts, and plugins what is theirs: JSON files side by side. */
@Injectable()
export class DataFiles {
  readonly #board: string;

  constructor(@Inject(settings.KEY) board: ConfigType<typeof settings>) {
    this.#board = board.dataFile;
  }

  openBoard<T>(initial: T): Promise<Low<T>> {
    return open(this.#board, initial);
  }

  /** Opens `<board>.<name>.json` beside the board's file. */
  openBeside<T>(name: string, initial: T): Promise<Low<T>> {
    const board = parse(this.#board);
    return open(join(board.dir, `${board.name}.${name}.json`), initial);
  }
}

// lowdb's presets would keep everything in memory under NODE_ENV=test, where the file is what one wants to see.
async function open<T>(file: string, initial: T): Promise<Low<T>> {
  await mkdir(dirname(file), { recursive: true });
  const db = new Low(new JSONFile<T>(file), initial);
  await db.read();
  if (db.data === initial) await db.write();
  return db;
}
