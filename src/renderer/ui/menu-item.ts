/** @file A row of a menu. */

export interface MenuItem {
  /** Within its menu. */
  readonly id: string;
  readonly text: string;
  readonly note?: string;
  /** The shortcut that does the same. */
  readonly keys?: string | undefined;
  readonly isDisabled?: boolean;
  readonly run?: () => void;
  /** Of a further menu; the row itself then does nothing. */
  readonly items?: readonly MenuItem[];
}
