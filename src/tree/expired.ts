/** The mark of a removed node whose removal the history no longer has: nobody can restore it, its rows are being deleted. */
export const EXPIRED = 0;
