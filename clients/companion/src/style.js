// Colours of buttons, for the dark: active ones are bright, all others are not.

const WHITE = 0xffffff

/** Ready to press. */
export const IDLE = { size: 'auto', color: WHITE, bgcolor: 0x20242b, alignment: 'center:center' }
/** Display only. */
export const READOUT = { size: 'auto', color: 0x9fd3ff, bgcolor: 0x000000, alignment: 'center:center' }
/** On. */
export const LIT = { color: 0x000000, bgcolor: 0xffb000 }
/** Chosen among several. */
export const CHOSEN = { color: 0x000000, bgcolor: 0x3ddc84 }
/** Not to be trusted: the daemon is lost. */
export const LOST = { color: WHITE, bgcolor: 0xb00020 }
/** Without effect now. */
export const DIM = { color: 0x606060, bgcolor: 0x000000 }
