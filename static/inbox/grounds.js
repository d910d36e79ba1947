/**
 * Why a note may be kept out of the customer's full record: the codes that the server seals, and their words.
 */
export const GROUNDS = { others: "It names another person", fraud: "It shows how fraud is found", advice: "It holds legal advice" };
