/** @file Whether the details of one image are shown beside all images; Browse and the map share it. */

export class Inspector {
  isShown = $state(true);
}
