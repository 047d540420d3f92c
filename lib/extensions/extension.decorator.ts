import 'reflect-metadata';

import { checkedOrder, type ExtensionOrder } from './extension-order.js';
import { pointName, type TypedPoint, type ValueAt } from './typed-points.js';

/** A class whose instances are values of a point. */
type ClassOf<T> = abstract new (...args: never[]) => T;

/** What a class contributes to, and where it stands there. */
export interface DeclaredExtension {
  readonly point: string;
  readonly place: ExtensionOrder;
}

// Nest's own DiscoveryService.createDecorator() keeps each decorated class for ever: an upgraded plugin could never go.
const KEY = Symbol('nestjs-pluginkit:extension');

/**
 * Marks a provider class of a plugin as a contribution to an extension point: its instance is the value.
 * A class may be marked for several points.
 * @throws TypeError when the point has no name, or the place is wrong
 *
 * @example
 * \@Extension('menu.items', { before: 'blog' })
 * \@Injectable()
 * class ShopItem implements MenuItem { readonly label = 'Shop'; }
 */
export function Extension<T>(point: TypedPoint<T>, place?: ExtensionOrder): (target: ClassOf<T>) => void;
export function Extension<Name extends string>(
  point: Name,
  place?: ExtensionOrder,
): (target: ClassOf<ValueAt<Name>>) => void;
export function Extension(point: string | TypedPoint<unknown>, place: ExtensionOrder = {}): (target: object) => void {
  const declared = { point: pointName(point), place: checkedOrder(place) };
  return (target) => {
    Reflect.defineMetadata(KEY, [...declaredOn(target), declared], target);
  };
}

/** What a class itself is marked for; what its parent is marked for does not matter. */
export function declaredOn(target: object): readonly DeclaredExtension[] {
  return (Reflect.getOwnMetadata(KEY, target) as readonly DeclaredExtension[] | undefined) ?? [];
}
