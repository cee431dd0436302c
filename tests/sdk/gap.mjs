// Where Billfold is known to answer otherwise than Commerce Layer.

/**
 * A case that is known not to pass, why, and what it ends with: members of the error. It is played all the
 * same. Once it passes it is no gap any more, and the suite says so by failing.
 */
export function gap(reason, end, play) {
  return Object.assign(play, { gap: { reason, end } })
}
