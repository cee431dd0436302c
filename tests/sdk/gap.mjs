// Where Billfold is known to answer otherwise than Commerce Layer.

/**
 * A case that is known not to pass, and why. It is played all the same: once it passes, it is no gap any
 * more, and the suite says so by failing.
 */
export function gap(reason, play) {
  return Object.assign(play, { gap: reason })
}
