// Colours of buttons that are read in the dark: what is on is bright, everything else is not.

const WHITE = 0xffffff

/** A button that waits to be pressed. */
export const IDLE = { size: 'auto', color: WHITE, bgcolor: 0x20242b, alignment: 'center:center' }
/** What only shows something. */
export const READOUT = { size: 'auto', color: 0x9fd3ff, bgcolor: 0x000000, alignment: 'center:center' }
/** What is on. */
export const LIT = { color: 0x000000, bgcolor: 0xffb000 }
/** What is chosen among others. */
export const CHOSEN = { color: 0x000000, bgcolor: 0x3ddc84 }
/** What cannot be trusted: nobody is there. */
export const LOST = { color: WHITE, bgcolor: 0xb00020 }
/** What would do nothing now. */
export const DIM = { color: 0x606060, bgcolor: 0x000000 }
