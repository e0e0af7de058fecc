/** @file How an element opens the menu of an image: the right button of the mouse, Shift+F10 and the menu key. */
import type { Attachment } from 'svelte/attachments';
import { setOfSamples } from '../../../contract/sample-set.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import type { MenuPlace, MenuSubject } from '../../state/image-menu.svelte.ts';
import { asksForMenu, placeOn } from '../../ui/menu-keys.ts';

/** One image alone, selected or not. */
export function aboutOne(id: SampleId): MenuSubject {
  return { images: setOfSamples([id]), lead: id };
}

/**
 * On an element about one image. `everywhere`: the keys are heard wherever the focus is, for the image that the whole screen is about;
 * an element that has the focus itself is asked first.
 */
export function opensImageMenu(
  app: App,
  subject: () => MenuSubject | null,
  { everywhere = false }: { readonly everywhere?: boolean } = {},
): Attachment<HTMLElement> {
  return (element) => {
    const open = (event: Event, at: MenuPlace): void => {
      const about = subject();
      // A menu would lie behind a dialog.
      const isCovered = app.overlays.open !== null || element.closest('dialog') !== null;
      if (about === null || event.defaultPrevented || isCovered) return;
      event.preventDefault();
      app.imageMenu.open(about, at);
    };
    const oncontextmenu = (event: MouseEvent): void => open(event, { x: event.clientX, y: event.clientY });
    const onkeydown = (event: KeyboardEvent): void => {
      if (asksForMenu(event)) open(event, placeOn(element));
    };
    const listener: HTMLElement | Window = everywhere ? window : element;
    element.addEventListener('contextmenu', oncontextmenu);
    listener.addEventListener('keydown', onkeydown as EventListener);
    return () => {
      element.removeEventListener('contextmenu', oncontextmenu);
      listener.removeEventListener('keydown', onkeydown as EventListener);
    };
  };
}
