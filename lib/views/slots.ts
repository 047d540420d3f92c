import type { Contributor } from '../host/collect.js';
import type { SlotPiece } from '../extensions/slots.extension.js';

/** Which pieces of a slot are meant. */
export type SlotKind = 'all' | 'file' | 'inline';

/** One piece, with whose it is. */
export interface PlacedPiece extends SlotPiece {
  readonly plugin: string;
  /** Files have the name under which they are found, inline ones what tells them apart. */
  readonly id: string;
}

/** The pieces of every slot in their order: files, then inline ones, each by `order`, then as their plugins are loaded. */
export function placeSlots(plugins: readonly Contributor[]): ReadonlyMap<string, readonly PlacedPiece[]> {
  const slots = new Map<string, PlacedPiece[]>();
  for (const { candidate, draft } of plugins)
    for (const [slot, piece] of draft.slots) {
      const known = slots.get(slot) ?? [];
      slots.set(slot, known);
      const place = piece.kind === 'file' ? piece.text : `slot ${slot}`;
      known.push({ ...piece, plugin: candidate.name, id: `${candidate.name}:${place}` });
    }
  for (const pieces of slots.values())
    pieces.sort((a, b) => Number(a.kind === 'inline') - Number(b.kind === 'inline') || a.order - b.order); // is stable
  return slots;
}
