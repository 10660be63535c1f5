// What this person has begun on the board: acts on their way, and acts that did not get through.
export const pending = new Map(); // card or address → the act that is on its way
export const unsaved = new Map(); // card or address → the act that did not get through
export let actCount = 0; // begun and ended: an answer that was asked for before the last one is too old
export const countAct = () => { actCount += 1; };
