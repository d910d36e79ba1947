/** What a check can come to besides "it holds". Knows nothing of files. */

/** Something is not as it was sealed: `where` (an entry, a file), and what is wrong with it. */
export class Broken extends Error {
  constructor(where, problem) {
    super(`${where}: ${problem}`);
    this.where = where;
    this.problem = problem;
  }
}

/** This is nothing that can be checked here; the sentence says why. */
export class Unreadable extends Error {}

/** An archive came without its signature, though keys were given. `lines` say what holds, and what nobody could check. */
export class Unsigned extends Error {
  constructor(lines) {
    super("There is no signature of the whole archive.");
    this.lines = lines;
  }
}
